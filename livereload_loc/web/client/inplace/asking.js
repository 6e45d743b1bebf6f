// Asks for the page that a document shows: as it was when the browser got it, and as it is now.

import { call, get } from "../reload/native.js";
import { entriesOf, within } from "../reload/helpers.js";
import { doc } from "../reload/page.js";
import { fetch, part } from "../reload/parts.js";
import { tag } from "../reload/tag.js";
import { parse } from "./parsing.js";

/** @import { TreeNode } from "./tree.js" */

// What browsers ask for when a person navigates.
const HEADERS = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Loc-Dev": "page" };

// What a document takes on only when it is loaded.
const POLICIES = ["Content-Security-Policy", "Content-Security-Policy-Report-Only", "Cross-Origin-Opener-Policy",
  "Cross-Origin-Embedder-Policy", "Permissions-Policy", "Referrer-Policy", "Link",
  "Refresh"];

/** The policies that the document came with, as far as is known. @type {string | undefined} */
let policies;

/** @param {string} url */
const address = (url) => url.replace(/[?#].*/, "");

/** Return whether a script element is our tag, or that of the counter's widget. @param {any} script */
export function isClient(script) {
  const url = address(get(script, "src") ?? "");
  return url === address(tag.src) || url.endsWith("/_loc/widget.js");
}

/** What the browser knows of the request for this document. @returns {any} */
export const navigationEntry = () => entriesOf("navigation")[0];

/**
 * Return what the document was made of, from the browser's cache.
 * @param {string} url
 * @throws {Error} where nothing proves that it is that: another tab may have asked meanwhile
 */
export async function askCache(url) {
  if (!tag.id) throw new Error("no copy of the page is kept");
  const response = await ask(url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => undefined);
  if (!response) throw new Error("the cache holds no copy of the page");
  const tree = await treeOf(response);
  if (!idsIn(tree).includes(tag.id)) throw new Error("the cache holds another copy of the page");
  return withoutNodes(tree);
}

/**
 * Take note of the policies of the document, where no tag of a proxy or a middleware tells: another tab may renew the
 * copy in the cache.
 * @param {string} url
 */
export async function notePolicies(url) {
  if (tag.id) return;
  const response = await ask(url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => undefined);
  if (response) policies = policiesOf(response);
}

/**
 * Return what the page is made of now.
 * @param {string} url
 * @throws {Error} where only a reload can show it
 */
export async function askServer(url) {
  const response = await ask(url, { cache: "reload" });
  if (response.redirected || !isLikeThis(response)) throw new Error("the response is of another kind");
  // What the cache did not hold is not noticed.
  policies ??= policiesOf(response);
  if (!tag.id && policiesOf(response) !== policies) throw new Error("the policies differ");
  return treeOf(response);
}

/** @param {string} url @param {RequestInit} init @returns {Promise<Response>} */
async function ask(url, init) {
  return await within(fetch(url, { ...init, headers: HEADERS })) ?? fail();
}

/** @returns {never} */
function fail() {
  throw new Error("the page took too long to come");
}

/** @param {Response} response */
const policiesOf = ({ headers }) =>
  POLICIES.map((name) => headers.get(name)?.replace(/'nonce-[^']*'/g, "")).join("\n");

/** Return whether a response is of the status and type that this document had. @param {Response} response */
const isLikeThis = ({ status, headers }) => status === (navigationEntry().responseStatus || 200)
  && /^text\/html *(;|$)/i.test(headers.get("Content-Type") ?? "");

/** @param {Response} response */
async function treeOf(response) {
  const bytes = await within(response.arrayBuffer()) ?? fail();
  const text = decode(new Uint8Array(bytes), response.headers.get("Content-Type") ?? "");
  const apply = await part("apply") ?? fail();
  // Firefox remembers a style by its text, with the sheets that it imports: of a document that is not shown, none.
  if (apply.keepsInMemory && /@import/i.test(text)) throw new Error("a style may import sheets");
  const policy = apply.policyIn(window);
  return parse(text, new (apply.pristine("DOMParser"))(), (html) => policy.createHTML(html), isClient);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} type
 * @throws {Error} where the browser might read them in another way than it has read the document
 */
function decode(bytes, type) {
  const decoder = new TextDecoder(get(doc, "characterSet"));
  const mark = [[0xef, 0xbb, "utf-8"], [0xff, 0xfe, "utf-16le"], [0xfe, 0xff, "utf-16be"]]
    .filter(([first, second]) => bytes[0] === first && bytes[1] === second)[0]?.[2];
  const label = mark ?? /; *charset *= *"?([^\s;"]+)/i.exec(type)?.[1];
  const text = decoder.decode(bytes);
  const start = text.slice(0, 1024).replace(/<!--[^]*?-->/g, "");
  const isGuessed = !label && !/<meta[^>]+charset/i.test(start) && /[^\0-\x7f]/.test(text);
  if (isGuessed || (label && new TextDecoder(`${label}`).encoding !== decoder.encoding)) {
    throw new Error("the charset is not clear");
  }
  return text;
}

/** @param {TreeNode} node @returns {string[]} the ids of our tags */
const idsIn = ({ name, nodes: [node], children }) =>
  (name === "#client" ? [call(node, "getAttribute", "data-id")] : children.flatMap(idsIn));

/** Return a tree whose nodes are yet to be found in the document. @param {TreeNode} node @returns {TreeNode} */
const withoutNodes = (node) => ({ ...node, nodes: [], children: node.children.map(withoutNodes) });
