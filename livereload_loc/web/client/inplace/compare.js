// Compares what a document was made of with what it is made of now. Nothing here touches a document.

import { align } from "./alignment.js";
import { isElement, kindOf, readAttribute } from "./tree.js";

/** @import { TreeNode } from "./tree.js" */

/**
 * Find the counterpart of each node: `from` in the new tree, `to` in the old one. What is the same as its
 * counterpart has none within.
 * @param {TreeNode} old
 * @param {TreeNode} fresh numbered with the old one
 * @throws {Error} where that would take too long
 */
export function compare(old, fresh) {
  /** @type {TreeNode[]} */
  let found = [];
  /** @param {TreeNode} before @param {TreeNode} after @param {boolean} moved */
  const pair = (before, after, moved) => {
    Object.assign(before, { to: after });
    Object.assign(after, { from: before, moved });
    for (let at = before.parent; moved && at && !at.pierced; at = at.parent) at.pierced = true;
    if (!isSame(after)) found.push(after);
  };
  pair(old, fresh, false);
  while (found.length) {
    /** @type {TreeNode[]} */
    const lost = [];
    /** @type {TreeNode[]} */
    const added = [];
    // It grows meanwhile.
    for (const node of found) {
      const olds = /** @type {TreeNode} */ (node.from).children.filter(({ to }) => !to);
      const news = node.children.filter(({ from }) => !from);
      align(olds, news).forEach(([before, after]) => pair(before, after, false));
      // What is in a template is no part of the document.
      if (isInTemplate(node)) continue;
      lost.push(...olds.filter(({ to }) => !to));
      added.push(...news.filter(({ from }) => !from));
    }
    found = [];
    pairMoved(lost, added, pair);
  }
}

/** @param {TreeNode | undefined} node @returns {boolean} */
const isInTemplate = (node) => node !== undefined && (node.name === "template" || isInTemplate(node.parent));

/** Return whether a new node is its counterpart in the old tree, with all that is in it. @param {TreeNode} node */
export const isSame = ({ number, from }) => from?.number === number && !from.pierced;

/**
 * Pair elements that are elsewhere now: those with the same id, or the same in all.
 * @param {TreeNode[]} lost
 * @param {TreeNode[]} added
 * @param {(before: TreeNode, after: TreeNode, moved: boolean) => void} pair
 */
function pairMoved(lost, added, pair) {
  const before = candidates(lost);
  const after = candidates(added);
  /** @param {TreeNode} node */
  const visit = (node) => {
    // What is in a node with a counterpart is found with its children.
    if (node.from || !isElement(node)) return;
    const other = keysOf(node).map((key) => after[key] && before[key]).filter((found) => found && isFree(found))[0];
    if (other) pair(other, node, true);
    else if (node.name !== "template") node.children.forEach(visit);
  };
  added.forEach(visit);
}

/** @param {TreeNode} node @returns {string[]} what a moved element is known by */
function keysOf(node) {
  return [...(readAttribute(node, "id") ? [kindOf(node)] : []), `${node.number}`];
}

/** Return whether a node has no counterpart, nor is within one that has. @param {TreeNode} node */
function isFree(node) {
  for (let at = /** @type {TreeNode | undefined} */ (node); at; at = at.parent) {
    if (at.to) return at !== node && !isSame(at.to);
  }
  return true;
}

/**
 * @param {TreeNode[]} nodes
 * @returns {Record<string, TreeNode | undefined>} the element of each key, undefined where several have it
 */
function candidates(nodes) {
  /** @type {Record<string, TreeNode | undefined>} */
  const found = Object.create(null);
  /** @param {TreeNode} node */
  const visit = (node) => {
    if (!isElement(node)) return;
    keysOf(node).forEach((key) => {
      found[key] = key in found ? undefined : node;
    });
    if (node.name !== "template") node.children.forEach(visit);
  };
  nodes.forEach(visit);
  return found;
}
