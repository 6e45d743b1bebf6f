// What a document does beyond showing: where that differs, only a reload helps.

import { isElement, isNonce, readAttribute } from "./tree.js";

/** @import { Attribute, TreeNode } from "./tree.js" */

// The types of scripts that run (HTML, "prepare the script element"). All others hold data.
const RUNNING =
  /^$|^module$|^importmap$|^(text|application)\/(x-)?(java|ecma)script$|^text\/(javascript1\.\d|(j|live)script)$/i;

/** Return whether an attribute is a script. @param {Attribute} attribute */
export const isScript = ({ name, value }) => /^on/i.test(name)
  || (value.includes(":") && /^[\0-\x20]*javascript:/i.test(value.replace(/[\t\n\r]/g, "")));

/** @param {TreeNode} node @returns {string} what a node does that is done once only, "" for nothing */
export function actionOf(node) {
  /** @param {string} name */
  const has = (name) => readAttribute(node, name) !== undefined;
  switch (node.name) {
    case "#doctype": return "the doctype";
    case "#client": return "the tag of loc-dev";
    case "script": return "a script";
    case "base": return "<base>";
    case "noscript": return "<noscript>";
    case "frameset": return "<frameset>";
    case "meta": return has("http-equiv") || has("charset") ? "<meta>" : "";
    case "template": return has("shadowrootmode") ? "a shadow root" : "";
    default: return "";
  }
}

/**
 * Return all that is done in a tree that has numbers, in its order.
 * @param {TreeNode} node
 * @param {[string, string][]} [found]
 */
export function actionsIn(node, found = []) {
  const action = actionOf(node);
  if (action) found.push([action, `${node.number}`]);
  for (const attribute of node.attributes) {
    if (isScript(attribute)) found.push([`the attribute ${attribute.name}`, attribute.value]);
  }
  for (const child of node.children) actionsIn(child, found);
  return found;
}

/**
 * Return what is done in one of two trees only, "" where both do the same.
 * @param {TreeNode} old
 * @param {TreeNode} fresh numbered with the old one
 */
export function differingAction(old, fresh) {
  const [before, after] = [actionsIn(old), actionsIn(fresh)];
  const [longer, shorter] = before.length > after.length ? [before, after] : [after, before];
  for (let at = 0; at < longer.length; at++) {
    const [action, what] = longer[at];
    // The browser has taken the template away, and what is in the root may be closed.
    if (action === "a shadow root" || shorter[at]?.[0] !== action || shorter[at]?.[1] !== what) return action;
  }
  return "";
}

/** Return whether a page runs scripts of its own. @param {TreeNode} node @returns {boolean} */
export function runsScripts(node) {
  const runs = node.name === "script" && RUNNING.test((readAttribute(node, "type") ?? "").trim())
    && !(node.attributes.every(isNonce) && /^\s*locWidget\.init\(\);?\s*$/.test(node.children[0]?.text));
  return runs || (isElement(node) && node.attributes.some(isScript)) || node.children.some(runsScripts);
}
