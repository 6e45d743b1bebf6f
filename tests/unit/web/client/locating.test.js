// Which nodes of a document are those that it was made of, where only its text is known and scripts have changed it.

import assert from "node:assert/strict";
import test from "node:test";

import { liveOf } from "../../../../livereload_loc/web/client/inplace/locating.js";
import { numberTrees, treeNode } from "../../../../livereload_loc/web/client/inplace/tree.js";

/** An element, `p.a#b`, say, with what is in it. */
function h(selector, ...children) {
  const [, name, kind, id] = /^([\w-]+)(?:\.(\w+))?(?:#(\w+))?$/.exec(selector);
  const attributes = [["class", kind], ["id", id]].filter(([, value]) => value)
    .map(([attribute, value]) => ({ space: "", name: attribute, value }));
  return treeNode(name, { attributes, children: children.map((child) =>
    (typeof child === "string" ? treeNode("#text", { text: child }) : child)) });
}

/** The places of the counterparts of the children of a node, null for what is not surely one. */
function located(olds, lives) {
  const [old, live] = [h("body", ...olds), h("body", ...lives)];
  numberTrees([old, live]);
  old.live = live;
  return old.children.map((child) => {
    const found = liveOf(child);
    return found ? live.children.indexOf(found) : null;
  });
}

/** [title, what was there, what is there, where the first are among the second] */
const TABLE = [
  ["the same", ["\n", h("p", "a"), "\n", h("p", "b"), "\n"], ["\n", h("p", "a"), "\n", h("p", "b"), "\n"], [0, 1, 2, 3, 4]],
  ["something was added", [h("p", "a"), h("p", "b")], [h("p", "a"), h("x-new"), h("p", "b")], [0, 2]],
  ["something was added that is the same", [h("p", "a")], [h("p", "a"), h("p", "a")], [null]],
  ["something was added, and the other changed", [h("p", "a")], [h("p", "new"), h("p", "a~")], [null]],
  ["a text was changed", [h("p", "a"), h("p", "b")], [h("p", "a~"), h("p", "b")], [0, 1]],
  ["others are the same", [h("li", "x"), h("li", "x"), h("li", "x")], [h("li", "x"), h("li", "x"), h("li", "x")], [0, 1, 2]],
  ["the class was changed", [h("nav", h("a", "1"), h("a", "2"))], [h("nav.open", h("a", "1"), h("a", "2"))], [0]],
  ["another element is at its place", [h("h1", "t"), h("div.wait", "wait"), h("p", "z")],
    [h("h1", "t"), h("div.toast", "done"), h("p", "z")], [0, null, 2]],
  ["an id is enough", [h("div.a#one", "x")], [h("div.b#one", "y"), h("div.a#two", "x")], [0]],
  ["twice an id is not", [h("div#one", "x")], [h("div#one", "y"), h("div#one", "z")], [null]],
  ["in another order", [h("p", "a"), h("p", "b"), h("p", "c")], [h("p", "c"), h("p", "b"), h("p", "a")], [2, 1, 0]],
  ["one was taken away", [h("p", "a"), h("p", "b"), h("p", "c")], [h("p", "a"), h("p", "c")], [0, null, 1]],
  ["a space beside what was added", [h("p", "a"), "\n"], [h("p", "a"), "\n", h("x-new")], [0, 1]],
];

for (const [title, olds, lives, places] of TABLE) {
  test(`located: ${title}`, () => assert.deepEqual(located(olds, lives), places));
}
