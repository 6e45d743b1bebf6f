// Parses what a page is made of as the browser did that shows it.

import { call } from "../reload/native.js";
import { read } from "./reading.js";
import { readAttribute } from "./tree.js";

/** @import { TreeNode } from "./tree.js" */

// A parser without scripts takes the inside of <noscript> for elements, and leaves the head for most of them. So
// that inside is cut out, and put back as the text that it is for a parser with scripts.
const NOSCRIPT = /<noscript(?=[\s/>])([^>]*)>([^]*?)<\/noscript(?=[\s/>])/gi;
const MARK = "loc-noscript";
// What was left open of these begins anew with it, but not where it is a text.
const FORMATTING = /^(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)$/;

/**
 * @param {string} text of an HTML document
 * @param {any} parser a DOMParser
 * @param {(text: string) => any} trusted what Trusted Types want
 * @param {(script: any) => boolean} isClient
 * @returns {TreeNode}
 * @throws {Error} where it cannot be told what the browser would make of it
 */
export function parse(text, parser, trusted, isClient) {
  /** @type {string[]} */
  const insides = [];
  const marked = text.replace(/\r\n?/g, "\n").replace(NOSCRIPT, (_, attributes, inside) =>
    `<noscript${attributes} ${MARK}=${insides.push(inside.replace(/\0/g, "\uFFFD")) - 1}></noscript`);
  const made = call(parser, "parseFromString", trusted(marked), "text/html");
  // The browser gives fields to forms that they are not in, and this parser does not.
  const [starts, ends] = [/<form(?=[\s/>])/gi, /<\/form(?=[\s/>])/gi].map((tags) => text.match(tags)?.length ?? 0);
  // The widget fills them.
  if (call(made, "querySelector", "#_loc,#_lo_count")) throw new Error("the page has a place for the counter");
  if (starts !== ends) throw new Error("a form has no end");
  const root = read(made, isClient);
  let found = 0;
  /** @param {TreeNode} node @param {TreeNode} [parent] */
  const restore = (node, parent) => {
    node.children.forEach((child) => restore(child, node));
    if (node.name !== "noscript") return;
    const inside = insides[Number(readAttribute(node, MARK))];
    const begins = parent?.children[0] === node && FORMATTING.test(parent.name);
    if (inside === undefined || begins) throw new Error("<noscript> is odd");
    found++;
    node.text = inside;
    node.attributes = node.attributes.filter(({ name }) => name !== MARK);
  };
  restore(root);
  if (found !== insides.length) throw new Error("<noscript> is odd");
  return root;
}
