// Does to the document what was planned.

import { call, get } from "../reload/native.js";
import { all, doc } from "../reload/page.js";
import { keepChoices } from "./choices.js";
import { holderOf } from "./reading.js";
import { replacements } from "./texts.js";
import { treeNode, readAttribute } from "./tree.js";

/**
 * @import { Edit } from "./plan.js"
 * @import { TreeNode } from "./tree.js"
 */

/** @param {Edit[]} edits */
export function carryOut(edits) {
  // What the document's Content-Security-Policy allows.
  const nonce = all("[nonce]").map((element) => get(element, "nonce")).filter(Boolean)[0] ?? "";
  const restore = keepChoices();
  const active = get(doc, "activeElement");
  /** @type {any[]} */
  const parents = [];
  for (const edit of edits) {
    const { node } = edit;
    if (edit.does === "attribute") setAttribute(liveNode(node), node.nodes[0], edit.space, edit.name);
    else if (edit.does === "text") setText(/** @type {TreeNode} */ (node.live).nodes, node.text);
    else if (edit.does === "place") put(edit, nonce);
    else node.live?.nodes.forEach((/** @type {any} */ old) => call(old, "remove"));
    if (node.name === "source" && node.parent) parents.push((node.parent.to ?? node.parent).live?.nodes[0]);
  }
  for (const parent of parents) if (parent && isOutdated(parent)) call(parent, "load");
  restore();
  // What moves loses the focus where there is no moveBefore.
  if (active && get(active, "isConnected") && active !== get(doc, "activeElement")) {
    call(active, "focus", { preventScroll: true });
  }
}

/**
 * Whether an element that plays media would play another of its sources now: it does not look at them again by
 * itself.
 * @param {any} media
 */
const isOutdated = (media) => get(media, "networkState") === 3 || (typeof get(media, "currentSrc") === "string"
  && !call(media, "hasAttribute", "src")
  && get(call(media, "querySelector", ":scope > source") ?? media, "src") !== get(media, "currentSrc"));

/** @param {TreeNode} node @returns {any} */
const liveNode = ({ live }) => live?.nodes[0];

/**
 * @param {any} element
 * @param {any} source the element of the new document
 * @param {string} space
 * @param {string} name
 */
function setAttribute(element, source, space, name) {
  const found = attributeOf(source, space, name);
  if (found) call(element, "setAttributeNodeNS", call(found, "cloneNode"));
  else call(element, "removeAttributeNode", attributeOf(element, space, name));
}

/** @param {any} element @param {string} space @param {string} name qualified @returns {any} */
const attributeOf = (element, space, name) =>
  call(element, "getAttributeNodeNS", space || null, space ? name.replace(/.*:/, "") : name);

/** @param {any[]} nodes that the text is in @param {string} text */
function setText(nodes, text) {
  for (const { at, start, count, added } of replacements(nodes.map((node) => get(node, "data")), text)) {
    call(nodes[at], "replaceData", start, count, added);
  }
}

/**
 * @param {Edit & {does: "place"}} edit
 * @param {string} nonce
 */
function put({ node, parent, after, whole }, nonce) {
  const holder = holderOf(liveNode(parent));
  if (!node.live) make(node, whole, get(holder, "nodeType") === 9 ? holder : get(holder, "ownerDocument"), nonce);
  const next = after ? get(after.live?.nodes[after.live.nodes.length - 1], "nextSibling") : get(holder, "firstChild");
  for (const made of node.live?.nodes ?? []) {
    if (made === next) continue;
    // It keeps what frames, media and animations have done so far.
    const moves = node.from && typeof holder.moveBefore === "function" && get(made, "isConnected");
    try {
      call(holder, moves ? "moveBefore" : "insertBefore", made, next);
    } catch {
      call(holder, "insertBefore", made, next);
    }
  }
}

/**
 * Make nodes of this document like those of the new one.
 * @param {TreeNode} node
 * @param {boolean} whole with all that is in it
 * @param {Document} owner
 * @param {string} nonce
 */
function make(node, whole, owner, nonce) {
  adopt(node, node.nodes.map((source) => call(owner, "importNode", source, whole)), whole, nonce);
}

/**
 * @param {TreeNode} node
 * @param {any[]} nodes made for it
 * @param {boolean} whole
 * @param {string} nonce
 */
function adopt(node, nodes, whole, nonce) {
  node.live = treeNode(node.name, { nodes });
  if (nonce && readAttribute(node, "nonce") !== undefined) call(nodes[0], "setAttribute", "nonce", nonce);
  if (!whole || !node.children.length) return;
  let next = get(holderOf(nodes[0]), "firstChild");
  for (const child of node.children) {
    /** @type {any[]} */
    const made = [];
    for (const _ of child.nodes) {
      made.push(next);
      next = get(next, "nextSibling");
    }
    adopt(child, made, whole, nonce);
  }
}
