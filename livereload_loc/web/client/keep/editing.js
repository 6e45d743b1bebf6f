// Keeps what the user typed into elements with `contenteditable`.
//
// It is kept as lists of texts and elements, never as HTML, so that nothing of it can run. What holds more than text
// and its formatting is left alone.

import { on, listOf } from "../reload/helpers.js";
import { call, create, get, toText } from "../reload/native.js";
import { doc } from "../reload/page.js";
import { attribute } from "./places.js";

/** @typedef {string | [name: string, classes: string, content: any[]]} Content */

const PLAIN = /^(a|abbr|b|blockquote|br|code|del|div|em|font|h[1-6]|hr|i|ins|kbd|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|sup|u|ul)$/;
const MOST = 100_000;

/** What elements held before the user typed. @type {WeakMap<object, string>} */
const served = new WeakMap();

/** @param {any} element */
export const isEditable = (element) => get(element, "isContentEditable") === true;

/** @param {any} parent @returns {any[]} its texts and elements */
const inside = (parent) => [...get(parent, "childNodes")].filter(({ nodeType }) => nodeType === 1 || nodeType === 3);

/** Return what an element holds. @param {any} parent @returns {Content[]} */
const read = (parent) => inside(parent).map((node) => (node.nodeType === 3 ? get(node, "data")
  : [get(node, "localName"), attribute(node, "class"), read(node)]));

/** @param {any} content @returns {boolean} */
const isPlain = (content) => listOf(content).every((node) => (Array.isArray(node)
  ? PLAIN.test(node[0]) && typeof node[1] === "string" && isPlain(node[2]) : typeof node === "string"));

/** @param {any} element */
const textOf = (element) => toText(read(element));

/** @param {any} element */
function remember(element) {
  if (isEditable(element) && !served.has(element)) served.set(element, textOf(element));
}
/** @param {Event} event */
const onBeforeInput = ({ target }) => remember(target);
on(doc, "beforeinput", onBeforeInput);

/**
 * Return what the user made of an element, and what it was before.
 * @param {any} element
 * @returns {{edited: Content[], was: string} | undefined} nothing where only a part could be kept
 */
export function editedIn(element) {
  const was = served.get(element);
  const edited = read(element);
  if (was && isPlain(edited) && isPlain(JSON.parse(was)) && was.length + toText(edited).length < MOST) return { edited, was };
}

/** Return whether an element holds what it held before the user typed. @param {any} element @param {any} state */
export const isAsServed = (element, { edited, was }) =>
  isEditable(element) && Array.isArray(edited) && isPlain(edited) && textOf(element) === was;

/** @param {any} element @param {any} state */
export function edit(element, { edited }) {
  remember(element);
  write(element, edited);
}

/**
 * Give an element a content; its nodes stay as far as they agree.
 * @param {any} parent
 * @param {Content[]} content
 */
function write(parent, content) {
  const nodes = inside(parent);
  for (const wanted of content) {
    const [name, className, inner] = typeof wanted === "string" ? [] : wanted;
    const node = nodes[0];
    const agrees = node && (name ? get(node, "localName") === name && attribute(node, "class") === className
      : node.nodeType === 3);
    const written = agrees ? nodes.shift() : name ? create(name) : call(doc, "createTextNode", "");
    if (!agrees) call(parent, "insertBefore", written, node ?? null);
    if (!agrees && className) call(written, "setAttribute", "class", className);
    if (inner) write(written, inner);
    else if (get(written, "data") !== wanted) written.data = wanted;
  }
  nodes.forEach((node) => call(node, "remove"));
}

// ---------------------------------------------------------------- the selection

/** @param {any} element @returns {[number, number] | undefined} after how many characters it begins and ends */
export function selectionIn(element) {
  const selection = call(doc, "getSelection");
  if (!selection?.rangeCount || !call(element, "contains", selection.anchorNode)) return;
  const range = selection.getRangeAt(0);
  const before = (/** @type {any} */ node, /** @type {number} */ offset) => {
    const span = call(doc, "createRange");
    span.selectNodeContents(element);
    span.setEnd(node, offset);
    return String(span).length;
  };
  return [before(range.startContainer, range.startOffset), before(range.endContainer, range.endOffset)];
}

/** @param {any} element @param {number} start @param {number} end */
export function selectIn(element, start, end) {
  const ends = [start, end].map((count) => placeAfter(element, count));
  call(doc, "getSelection").setBaseAndExtent(...ends[0], ...ends[1]);
}

/** @param {any} element @param {number} count of characters @returns {[any, number]} */
function placeAfter(element, count) {
  const walker = call(doc, "createTreeWalker", element, NodeFilter.SHOW_TEXT);
  let last;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (count <= node.data.length) return [node, count];
    count -= node.data.length;
    last = node;
  }
  return last ? [last, last.data.length] : [element, 0];
}
