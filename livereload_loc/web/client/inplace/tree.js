// Documents as trees of plain objects, and numbers that tell which parts of them are the same.

/**
 * @typedef {{space: string, name: string, value: string}} Attribute
 * @typedef {{
 *   name: string, space: string, attributes: Attribute[], text: string, nodes: any[], children: TreeNode[],
 *   parent: TreeNode | undefined, label: string, number: number, to: TreeNode | undefined,
 *   from: TreeNode | undefined, moved: boolean, pierced: boolean, live: TreeNode | undefined, located: boolean,
 * }} TreeNode
 *   an element, or what `name` says: `#text`, `#comment`, `#doctype`, `#document`, `#client` (our own tag).
 *   Adjacent texts are one, of several `nodes` of the document. The content of a template is its children, that of
 *   a `<noscript>` its text. Attributes are sorted.
 *
 *   Set by `numberTrees`: the same `label` says that name and attributes are the same, the same `number` that
 *   everything in it is. Set by `compare`: the counterparts `to` (in the new tree) and `from` (in the old one),
 *   whether it is `moved` among others, and whether counterparts of something in it are elsewhere (`pierced`).
 *   Set by `plan`: `live`, the counterpart in the document as it is now (whose `from` is the old node), and whether
 *   those of the children are `located`.
 */

/**
 * @param {string} name
 * @param {{space?: string, attributes?: Attribute[], text?: string, nodes?: any[], children?: TreeNode[]}} content
 * @returns {TreeNode}
 */
export const treeNode = (name, { space = "", attributes = [], text = "", nodes = [], children = [] }) => ({
  name, space, attributes, text, nodes, children,
  parent: undefined, label: "", number: 0,
  to: undefined, from: undefined, moved: false, pierced: false, live: undefined, located: false,
});

/** @param {TreeNode} node */
export const isElement = ({ name }) => name[0] !== "#";

/** @param {TreeNode} node @param {string} wanted @param {string} [within] its namespace @returns {string | undefined} */
export function readAttribute({ attributes }, wanted, within = "") {
  for (const { name, space, value } of attributes) if (name === wanted && space === within) return value;
}

/** Nonces differ in each response. @param {Attribute} attribute */
export const isNonce = ({ name, space }) => name === "nonce" && !space;

// What makes an element another one: attributes that count only when the browser makes it. A frame that goes to
// another address would add a step to the history.
const MAKING = /** @type {Record<string, string[] | null>} */ ({
  __proto__: null,
  input: ["type"],
  iframe: ["src", "srcdoc", "sandbox", "allow", "allowfullscreen", "credentialless", "referrerpolicy"],
});

/** Return what counterparts have in common. @param {TreeNode} node */
export function kindOf(node) {
  if (!isElement(node)) return node.name;
  const making = MAKING[node.name] || readAttribute(node, "is") !== undefined
    ? ["is", ...(MAKING[node.name] ?? [])].map((name) => quoted(readAttribute(node, name) ?? "")).join("") : "";
  return `${node.name} ${node.space} ${making}${/^(html|head|body)$/.test(node.name) ? "" : readAttribute(node, "id") ?? ""}`;
}

/** @param {string} text */
const quoted = (text) => `${text.length}:${text}`;

/**
 * Number the nodes of trees that are to be compared, and forget what they were compared with before.
 * @param {TreeNode[]} trees
 */
export function numberTrees(trees) {
  /** @type {Record<string, number>} */
  const known = Object.create(null);
  let last = 0;
  /** @param {TreeNode} node @param {TreeNode | undefined} parent */
  const visit = (node, parent) => {
    node.parent = parent;
    node.to = node.from = node.live = undefined;
    node.moved = node.pierced = node.located = false;
    node.label = labelOf(node);
    let key = `${node.label}${quoted(node.text)}`;
    for (const child of node.children) key += ` ${visit(child, node)}`;
    return node.number = known[key] ??= ++last;
  };
  for (const tree of trees) visit(tree, undefined);
}

/** Whether two documents are the same in all. @param {TreeNode} one @param {TreeNode} other */
export function isEqual(one, other) {
  numberTrees([one, other]);
  return one.number === other.number;
}

/** @param {TreeNode} node */
function labelOf(node) {
  let label = `${node.name} ${node.space} `;
  for (const attribute of node.attributes) {
    if (!isNonce(attribute)) label += `${attribute.space} ${attribute.name} ${quoted(attribute.value)}`;
  }
  return label;
}

/** Return whether a node is a text of white space only. @param {TreeNode} node */
export const isBlank = ({ name, text }) => name === "#text" && !/\S/.test(text);
