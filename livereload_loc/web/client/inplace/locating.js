// Finds where the nodes that a document was made of are in the document as it is now. Where scripts have changed
// their surroundings, only what surely is the same counts.

import { isBlank, isElement, isNonce, kindOf, readAttribute } from "./tree.js";

/** @import { TreeNode } from "./tree.js" */

/** Return the live counterpart of an old node, where it is still in its place. @param {TreeNode} old */
export function liveOf(old) {
  const { parent } = old;
  if (parent && !parent.located) {
    const live = liveOf(parent);
    parent.located = true;
    if (live) locate(parent.children, live.children);
  }
  return old.live;
}

/** @param {TreeNode} old @param {TreeNode} live */
function join(old, live) {
  old.live = live;
  live.from = old;
}

/**
 * Find the live counterparts of the children of a node: the same nodes where they are known, else those that nothing
 * else can be.
 * @param {TreeNode[]} olds
 * @param {TreeNode[]} lives
 */
function locate(olds, lives) {
  let at = 0;
  for (const old of olds) {
    const [first] = old.nodes;
    if (!first) continue;
    /** @param {TreeNode | undefined} live */
    const isIt = (live) => live?.nodes[0] === first;
    const found = isIt(lives[at]) ? at : lives.findIndex(isIt);
    if (found < 0) continue;
    join(old, lives[found]);
    at = found + 1;
  }
  if (olds.every(({ live }) => live)) return;
  joinSingle(olds, lives, (node) => (isBlank(node) ? "" : `${node.number}`));
  joinSingle(olds, lives, (node) => (isElement(node) ? node.label : ""));
  joinSingle(olds, lives, (node) => (isKnownByKind(node) ? kindOf(node) : ""));
  for (const [before, after] of gaps(olds, lives)) {
    joinSingle(before, after, ({ number }) => `${number}`);
    const [left, others] = [before.filter(({ live }) => !live), after.filter(({ from }) => !from)];
    if (left.length === others.length) left.forEach((old, index) => fits(old, others[index]) && join(old, others[index]));
  }
}

/** Return whether there can be only one node of the kind. @param {TreeNode} node */
const isKnownByKind = (node) => /^(html|head|body)$/.test(node.name)
  || (isElement(node) && Boolean(readAttribute(node, "id")));

/**
 * Join those that have a key which no other node has, before or now.
 * @param {TreeNode[]} olds
 * @param {TreeNode[]} lives
 * @param {(node: TreeNode) => string} keyOf "" for none
 */
function joinSingle(olds, lives, keyOf) {
  const [before, after] = [olds.filter(({ live }) => !live), lives.filter(({ from }) => !from)].map((nodes) => {
    /** @type {Record<string, TreeNode | undefined>} */
    const found = Object.create(null);
    for (const node of nodes) {
      const key = keyOf(node);
      found[key] = key in found ? undefined : node;
    }
    return found;
  });
  for (const key of Object.keys(before)) {
    const [old, live] = [before[key], after[key]];
    if (key && old && live && isAlike(old, live)) join(old, live);
  }
}

/**
 * Return the runs of nodes between counterparts, as far as these are in the same order.
 * @param {TreeNode[]} olds
 * @param {TreeNode[]} lives
 * @returns {[TreeNode[], TreeNode[]][]}
 */
function gaps(olds, lives) {
  /** @type {[TreeNode[], TreeNode[]][]} */
  const found = [];
  let [oldAt, liveAt] = [0, 0];
  for (let at = 0; at <= olds.length; at++) {
    const live = olds[at]?.live;
    if (at < olds.length && !live) continue;
    const end = live ? lives.indexOf(live, liveAt) : lives.length;
    if (end < 0) return found;
    if (at > oldAt) found.push([olds.slice(oldAt, at), lives.slice(liveAt, end)]);
    [oldAt, liveAt] = [at + 1, end + 1];
  }
  return found;
}

/** Return whether a live node is the old one that was in its place. @param {TreeNode} old @param {TreeNode} live */
function fits(old, live) {
  if (old.number === live.number) return true;
  if (!isAlike(old, live)) return false;
  if (!isElement(old)) return !isBlank(old);
  const inside = old.children.filter((child) => !isBlank(child)).map(({ number }) => number);
  return old.label === live.label || live.children.some(({ number }) => inside.includes(number));
}

/**
 * Return whether a live node may be an old one: in place of a node that was known only an equal one, else one of its
 * kind.
 * @param {TreeNode} old
 * @param {TreeNode} live
 */
const isAlike = (old, live) => (old.nodes.length
  ? (isElement(old) ? old.label === live.label : old.number === live.number)
  : kindOf(old) === kindOf(live));

/**
 * Return whether the live counterpart of an old node is as it was made, but for what goes elsewhere.
 * @param {TreeNode} old
 * @returns {boolean}
 */
export function isUntouched(old) {
  const live = liveOf(old);
  if (!live || live.number === old.number) return Boolean(live);
  if (live.text !== old.text || !sameAttributes(old, live)) return false;
  return old.children.every((child) => child.to || isUntouched(child)) && live.children.every(({ from }) => from);
}

/**
 * Return whether attributes are the same, but for whether details and dialogs are open.
 * @param {TreeNode} one
 * @param {TreeNode} other
 */
function sameAttributes(one, other) {
  return [...one.attributes, ...other.attributes].every((attribute) => attribute.name === "open" || isNonce(attribute)
    || readAttribute(one, attribute.name, attribute.space) === readAttribute(other, attribute.name, attribute.space));
}
