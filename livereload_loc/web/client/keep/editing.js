// Keeps what the user typed into elements with `contenteditable`.
//
// It is kept as lists of texts and elements, never as HTML, so that nothing of it can run. What is more than text and
// its formatting, a picture, say, is not made again: it is that of the new page, which has as many of them.

import { on, listOf } from "../reload/helpers.js";
import { call, create, get, toText } from "../reload/native.js";
import { doc } from "../reload/page.js";
import { attribute } from "./places.js";

/**
 * @typedef {string | number | [name: string, classes: string, content: any[]]} Content a text, the number of what is
 *   taken from the page, or an element
 */

// Elements that hold text and do nothing.
const PLAIN = [
  "a abbr address article aside b blockquote br caption center cite code col colgroup dd del dfn div dl dt em",
  "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre q s samp section",
  "small span strike strong sub sup table tbody td tfoot th thead tr u ul var",
].join(" ").split(" ");
const MOST = 100_000;
const SHOW_TEXT = 4;

/** What elements held before the user typed. @type {{element: any, was: string, parts: any[]}[]} */
const served = [];
/** @param {any} element */
const servedIn = (element) => served.filter((each) => each.element === element)[0];

/** @param {any} element */
export const isEditable = (element) => get(element, "isContentEditable") === true;

/** @param {any} parent @returns {any[]} its texts and elements */
const inside = (parent) => [...get(parent, "childNodes")].filter(({ nodeType }) => nodeType === 1 || nodeType === 3);

/** @param {any} node @returns {boolean} */
const isPart = (node) => get(node, "nodeType") === 1 && !PLAIN.includes(get(node, "localName"));

/** Return the outermost elements that are more than text. @param {any} parent @returns {any[]} */
const partsIn = (parent) => inside(parent).flatMap((node) => (isPart(node) ? [node] : partsIn(node)));

/** Return what an element holds. @param {any} parent @param {any[]} parts @returns {Content[]} */
const read = (parent, parts) => inside(parent).map((node) => {
  if (isPart(node)) return parts.indexOf(node);
  const name = get(node, "localName");
  return name ? [name, attribute(node, "class"), read(node, parts)] : get(node, "data");
});

/**
 * Whether a content can be made in a page that has `count` parts.
 * @param {any} content
 * @param {number} count
 * @returns {boolean}
 */
const isPlain = (content, count) => listOf(content).every((node) => (Array.isArray(node)
  ? PLAIN.includes(node[0]) && typeof node[1] === "string" && isPlain(node[2], count)
  : typeof node === "string" || (Number.isInteger(node) && node >= 0 && node < count)));

/** @param {any} element */
function remember(element) {
  if (!isEditable(element) || servedIn(element)) return;
  const parts = partsIn(element);
  served.push({ element, was: toText(read(element, parts)), parts });
}
/** @param {Event} event */
const onBeforeInput = (event) => remember(event.composedPath()[0]);
on(doc, "beforeinput", onBeforeInput);

/**
 * Return what the user made of an element, and what it was before.
 * @param {any} element
 * @returns {{edited: Content[], was: string} | undefined} nothing where only a part could be kept
 */
export function editedIn(element) {
  const { was, parts } = servedIn(element) ?? {};
  if (!was || !parts) return;
  const edited = read(element, parts);
  if (isPlain(edited, parts.length) && was.length + toText(edited).length < MOST) return { edited, was };
}

/** Return whether an element holds what it held before the user typed. @param {any} element @param {any} state */
export function isAsServed(element, { edited, was }) {
  if (!isEditable(element) || !Array.isArray(edited)) return false;
  const parts = partsIn(element);
  return isPlain(edited, parts.length) && toText(read(element, parts)) === was;
}

/** @param {any} element @param {any} state */
export function edit(element, { edited }) {
  remember(element);
  write(element, edited, partsIn(element));
}

/**
 * Give an element a content; its nodes stay as far as they agree.
 * @param {any} parent
 * @param {Content[]} content
 * @param {any[]} parts what the content has numbers of
 */
function write(parent, content, parts) {
  const nodes = inside(parent);
  for (const wanted of content) {
    const [name, className, inner] = Array.isArray(wanted) ? wanted : [];
    const part = typeof wanted === "number" && parts[wanted];
    // What stands before a part goes rather than the part.
    if (part && nodes.includes(part)) nodes.splice(0, nodes.indexOf(part)).forEach((node) => call(node, "remove"));
    const node = nodes[0];
    const agrees = node && (part ? node === part : name
      ? get(node, "localName") === name && attribute(node, "class") === className : node.nodeType === 3);
    const written = agrees ? nodes.shift() : part || (name ? create(name) : call(doc, "createTextNode", ""));
    if (!agrees) call(parent, "insertBefore", written, node ?? null);
    if (!agrees && className) call(written, "setAttribute", "class", className);
    if (inner) write(written, inner, parts);
    else if (typeof wanted === "string" && get(written, "data") !== wanted) written.data = wanted;
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
  const walker = call(doc, "createTreeWalker", element, SHOW_TEXT);
  let last;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (count <= node.data.length) return [node, count];
    count -= node.data.length;
    last = node;
  }
  return last ? [last, last.data.length] : [element, 0];
}
