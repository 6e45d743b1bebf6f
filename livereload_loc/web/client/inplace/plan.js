// Plans what to change in a document so that it shows what it is made of now, beside what scripts and users have
// changed in it. All is planned before anything is done. Nothing here touches the document.

import { actionOf, actionsIn, differingAction, isScript } from "./acting.js";
import { compare, isSame } from "./compare.js";
import { isUntouched, liveOf } from "./locating.js";
import { isElement, isNonce, numberTrees, readAttribute } from "./tree.js";

/**
 * @import { TreeNode } from "./tree.js"
 * @typedef {{does: "attribute", node: TreeNode, space: string, name: string}
 *   | {does: "text", node: TreeNode}
 *   | {does: "place", node: TreeNode, parent: TreeNode, after: TreeNode | undefined, whole: boolean}
 *   | {does: "remove", node: TreeNode}} Edit
 *   what to do, in the order of doing it. Each node is one of the new tree, and an old one where it is removed.
 *   `place` makes a node that has no `live` one yet, `whole` with all that is in it.
 */

/**
 * Return what turns the live document into what it is made of now.
 * @param {TreeNode} old what it was made of
 * @param {TreeNode} fresh what it is made of now
 * @param {TreeNode} live what it is
 * @returns {Edit[]}
 * @throws {Error} where only a reload helps
 */
export function plan(old, fresh, live) {
  numberTrees([old, fresh, live]);
  const action = differingAction(old, fresh);
  if (action) throw new Error(`${action} differs`);
  compare(old, fresh);
  old.live = live;
  /** @type {Edit[]} */
  const edits = [];
  /** @type {Edit[]} */
  const removals = [];
  change(fresh, edits, removals);
  if (edits.some(({ does, node }) => does === "place" && has(node, isField)) && has(fresh, isTableForm)) {
    throw new Error("a form is odd");
  }
  return [...edits, ...removals];
}

/** @param {TreeNode} node @param {(node: TreeNode) => boolean} fits @returns {boolean} */
const has = (node, fits) => fits(node) || node.children.some((child) => has(child, fits));

/** @param {TreeNode} node */
const isField = ({ name }) => /^(input|select|textarea|button|fieldset|output|object|form)$/.test(name);

/** Return whether a form is in a table, where it is empty and has fields all the same. @param {TreeNode} node */
const isTableForm = ({ name, parent }) => name === "form" && /^(table|tbody|thead|tfoot|tr)$/.test(parent?.name ?? "");

/** @param {TreeNode} node @param {string} why @returns {never} */
function unclear(node, why) {
  throw new Error(`${isElement(node) ? `<${node.name}>` : node.name} ${why}`);
}

/**
 * Plan what changes in a node that is kept.
 * @param {TreeNode} fresh
 * @param {Edit[]} edits
 * @param {Edit[]} removals
 */
function change(fresh, edits, removals) {
  const old = /** @type {TreeNode} */ (fresh.from);
  fresh.live = liveOf(old);
  if (isSame(fresh)) return;
  if (actionOf(old) || actionOf(fresh)) unclear(fresh, "differs");
  const live = fresh.live ?? unclear(old, "was taken away");
  if (old.label !== fresh.label) changeAttributes(fresh, old, live, edits);
  if (old.text !== fresh.text && live.text !== fresh.text) {
    if (live.text !== old.text) unclear(fresh, "was changed");
    edits.push({ does: "text", node: fresh });
  }
  for (const node of old.children.filter(({ to }) => !to)) {
    // It may be elsewhere.
    if (!liveOf(node)) unclear(node, "was taken away");
    if (actionsIn(node).length) unclear(node, "has a script or the like");
    if (!isUntouched(node)) unclear(node, "was changed");
    removals.push({ does: "remove", node });
  }
  const staying = old.children.filter(({ to }) => to && !to.moved);
  if (staying.length < old.children.length || fresh.children.some(isPlaced)) {
    checkAdded(old, live);
    placeChildren(fresh, live, edits, removals);
  }
  fresh.children.forEach((child) => child.from && !child.moved && change(child, edits, removals));
}

/**
 * Check that what was added to a node stays where it is: both its neighbours do.
 * @param {TreeNode} old
 * @param {TreeNode} live
 */
function checkAdded(old, live) {
  old.children.forEach(liveOf);
  const stays = live.children.map(({ from }) => !from || Boolean(from.to && !from.to.moved));
  live.children.forEach(({ from }, at) => {
    if (stays[at]) return;
    const beside = [live.children[at - 1], live.children[at + 1]];
    if (beside.some((node) => node && !node.from)) unclear(/** @type {TreeNode} */ (from), "is beside what was added");
  });
}

/** Return whether a node has to be put in its place. @param {TreeNode} node */
const isPlaced = ({ from, moved }) => !from || moved;

/**
 * @param {TreeNode} fresh
 * @param {TreeNode} old
 * @param {TreeNode} live
 * @param {Edit[]} edits
 */
function changeAttributes(fresh, old, live, edits) {
  const gone = old.attributes.filter(({ name, space }) => readAttribute(fresh, name, space) === undefined);
  for (const attribute of [...fresh.attributes, ...gone]) {
    const { space, name } = attribute;
    const [before, after, now] = [old, fresh, live].map((node) => readAttribute(node, name, space));
    if (before === after || now === after || isNonce(attribute)) continue;
    if (isScript(attribute)) unclear(fresh, `has another ${name}`);
    if (now === before) edits.push({ does: "attribute", node: fresh, space, name });
    else if (!isToken(fresh, name)) unclear(fresh, `has a changed ${name}`);
  }
}

/** Return whether an attribute may hold a token, which differs in each response. @param {TreeNode} node @param {string} name */
const isToken = (node, name) => (node.name === "meta" && name === "content")
  || (node.name === "input" && name === "value" && /^hidden$/i.test(readAttribute(node, "type") ?? ""));

/**
 * Plan where new and moved children come: between two that are there, where nothing else has come between them.
 * @param {TreeNode} fresh
 * @param {TreeNode} live
 * @param {Edit[]} edits
 * @param {Edit[]} removals
 */
function placeChildren(fresh, live, edits, removals) {
  let at = 0;
  /** @type {TreeNode | undefined} */
  let after;
  /** @type {TreeNode[]} */
  let waiting = [];
  for (const child of [...fresh.children, undefined]) {
    if (child && isPlaced(child)) {
      waiting.push(child);
      continue;
    }
    const neighbour = child?.from && liveOf(child.from);
    if (child && !neighbour) continue;
    const start = at;
    while (at < live.children.length && live.children[at] !== neighbour) at++;
    if (neighbour && at === live.children.length) unclear(fresh, "has its children in another order");
    if (waiting.length && live.children.slice(start, at).some(({ from }) => !from)) {
      unclear(waiting[0], "comes beside what was added");
    }
    for (const node of waiting) {
      place(node, fresh, after, edits, removals);
      after = node;
    }
    waiting = [];
    if (child) child.live = neighbour;
    after = child;
    at++;
  }
}

/**
 * @param {TreeNode} node
 * @param {TreeNode} parent
 * @param {TreeNode | undefined} after the sibling before it, in the document or already in its place
 * @param {Edit[]} edits
 * @param {Edit[]} removals
 */
function place(node, parent, after, edits, removals) {
  if (node.from) {
    if (!liveOf(node.from)) unclear(node, "was taken away");
    edits.push({ does: "place", node, parent, after, whole: false });
    return change(node, edits, removals);
  }
  if (actionsIn(node).length) unclear(node, "has a script or the like");
  const whole = !hasKept(node);
  edits.push({ does: "place", node, parent, after, whole });
  if (!whole) node.children.forEach((child, index) => place(child, node, node.children[index - 1], edits, removals));
}

/** Return whether something in a node is kept. @param {TreeNode} node @returns {boolean} */
const hasKept = ({ children }) => children.some((child) => child.from || hasKept(child));

/**
 * Return what the document is made of, once the plan is done.
 * @param {TreeNode} fresh
 * @returns {TreeNode}
 */
export function made(fresh) {
  if (fresh.from && isSame(fresh)) return fresh.from;
  return { ...fresh, nodes: fresh.live?.nodes ?? [], children: fresh.children.map(made) };
}
