// Reads a document into a tree.

import { call, create, get, isNative, kind } from "../reload/native.js";
import { isElement, isNonce, treeNode } from "./tree.js";

/** @import { Attribute, TreeNode } from "./tree.js" */

const [ELEMENT, TEXT, SECTION, DOCTYPE, DOCUMENT] = [1, 3, 4, 10, 9];
const NAMES = { 8: "#comment", [DOCTYPE]: "#doctype", [DOCUMENT]: "#document" };
// What the client and the counter's widget put into the page.
const OWN = /^loc-(dev|frame)$/;
const OWN_ID = /^_(loc|lo_said)$/;
// What a swap adds to a URL.
const STAMP = /[?&]_loc=\d+(?=$|[#\s,])/g;

/**
 * Return a function that does what `get` does, for many objects of a kind.
 * @param {any} sample
 * @param {string} name
 * @returns {(object: any) => any}
 */
function reader(sample, name) {
  for (let at = sample; (at = Object.getPrototypeOf(at));) {
    const found = Object.getOwnPropertyDescriptor(at, name)?.get;
    if (isNative(found)) return (object) => /** @type {() => any} */ (found).call(object);
  }
  return (object) => get(object, name);
}

const sampleElement = create("template");
const sampleAttribute = call(document, "createAttribute", "title");
const typeOf = reader(document, "nodeType");
const firstChild = reader(document, "firstChild");
const nextSibling = reader(document, "nextSibling");
const nameOf = reader(sampleElement, "localName");
const idOf = reader(sampleElement, "id");
const spaceOf = reader(sampleElement, "namespaceURI");
const attributesOf = reader(sampleElement, "attributes");
const attributeName = reader(sampleAttribute, "name");
const attributeSpace = reader(sampleAttribute, "namespaceURI");
const attributeValue = reader(sampleAttribute, "value");
const dataOf = reader(call(document, "createTextNode", ""), "data");
const textOf = reader(sampleElement, "textContent");
const contentOf = reader(sampleElement, "content");
const shadowOf = reader(sampleElement, "shadowRoot");

/** Return what holds the children of a node: its content, where it is a template. @param {any} node @returns {any} */
export const holderOf = (node) => (kind(node) === "HTMLTemplateElement" ? contentOf(node) : node);

/**
 * Read a document or an element.
 * @param {any} node
 * @param {(script: any) => boolean} isClient whether a script element is a tag of loc-dev
 * @returns {TreeNode}
 */
export function read(node, isClient) {
  const type = typeOf(node);
  if (type !== ELEMENT && type !== DOCUMENT) {
    const text = type === DOCTYPE ? ["name", "publicId", "systemId"].map((name) => get(node, name)).join("\n")
      : dataOf(node);
    return treeNode(NAMES[/** @type {8} */ (type)] ?? "#other", { text, nodes: [node] });
  }
  if (type === DOCUMENT) return treeNode("#document", { nodes: [node], children: childrenOf(node, isClient) });
  const name = nameOf(node);
  if (name === "script" && isClient(node)) {
    // What it has read at its start: the files that the page is made of, say, and the policies of the document.
    const attributes = readAttributes(node).filter((attribute) => attribute.name !== "data-id" && !isNonce(attribute));
    return treeNode("#client", { text: attributes.map(({ name: key, value }) => `${key}=${value}`).join(), nodes: [node] });
  }
  const raw = name === "noscript";
  return treeNode(name, {
    space: spaceOf(node) ?? "",
    attributes: readAttributes(node),
    text: raw ? textOf(node) : "",
    nodes: [node],
    children: raw ? [] : childrenOf(holderOf(node), isClient),
  });
}

/** @param {any} node @returns {Attribute[]} */
function readAttributes(node) {
  const map = attributesOf(node);
  /** @type {Attribute[]} */
  const found = [];
  for (let at = 0; at < map.length; at++) {
    const value = attributeValue(map[at]);
    found.push({
      space: attributeSpace(map[at]) ?? "",
      name: attributeName(map[at]),
      value: value.includes("_loc=") ? value.replace(STAMP, "") : value,
    });
  }
  return found.length < 2 ? found : found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Whether an element of a document has a shadow root that scripts can see. @param {TreeNode} node @returns {boolean} */
export const hasShadowRoot = (node) =>
  (isElement(node) && Boolean(shadowOf(node.nodes[0]))) || node.children.some(hasShadowRoot);

/** @param {any} element */
const isOurs = (element) => OWN.test(nameOf(element)) || OWN_ID.test(idOf(element));

/** @param {any} parent @param {(script: any) => boolean} isClient @returns {TreeNode[]} */
function childrenOf(parent, isClient) {
  /** @type {TreeNode[]} */
  const found = [];
  for (let node = firstChild(parent); node; node = nextSibling(node)) {
    const type = typeOf(node);
    const last = found[found.length - 1];
    if (type === TEXT || type === SECTION) {
      if (last?.name !== "#text") found.push(treeNode("#text", { text: dataOf(node), nodes: [node] }));
      else {
        last.text += dataOf(node);
        last.nodes.push(node);
      }
    } else if (type !== ELEMENT || !isOurs(node)) found.push(read(node, isClient));
  }
  return found;
}
