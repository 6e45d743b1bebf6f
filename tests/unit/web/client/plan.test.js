// What is to be changed in a document: between what it was made of, what it is made of now, and what it is.

import assert from "node:assert/strict";
import test from "node:test";

import { made, plan } from "../../../../livereload_loc/web/client/inplace/plan.js";
import { treeNode } from "../../../../livereload_loc/web/client/inplace/tree.js";

/** An element: `h("p#a.b", "text", h("i"))`, with further attributes as `[name=value]`. */
function h(selector, ...children) {
  const attributes = [...selector.matchAll(/([#.]|\[)([\w-]+)=?([^\]#.[]*)/g)].map(([, sign, name, value]) =>
    (sign === "[" ? { space: "", name, value } : { space: "", name: sign === "#" ? "id" : "class", value: name }));
  const [name] = /^[\w-]+/.exec(selector);
  return treeNode(name, { attributes, nodes: [{}], children: children.map(textOr) });
}
const textOr = (child) => (typeof child === "string" ? treeNode("#text", { text: child, nodes: [{}] }) : child);
const page = (...children) =>
  treeNode("#document", { nodes: [{}], children: [h("html", h("head"), h("body", ...children))] });

/** The document that was made of a tree, or one that only looks like it. */
const copy = (node, known) => ({ ...node, nodes: known ? node.nodes : node.nodes.map(() => ({})),
  attributes: node.attributes.map((attribute) => ({ ...attribute })),
  children: node.children.map((child) => copy(child, known)) });

const say = (node) => (node?.name === "#text" ? JSON.stringify(node.text) : node?.name);
function told(edit) {
  if (edit.does === "attribute") return `${say(edit.node)} ${edit.name}`;
  if (edit.does === "text") return `text ${edit.node.text}`;
  if (edit.does === "remove") return `remove ${say(edit.node)}`;
  return `${edit.node.from ? "move" : "make"} ${say(edit.node)} in ${say(edit.parent)} after ${say(edit.after) ?? "nothing"}`;
}

/** What is planned, or why there is no plan. */
function planned(old, fresh, change = () => {}, known = true) {
  const live = copy(old, known);
  if (!known) old = copy({ ...old }, false);
  const tree = known ? old : withoutNodes(old);
  change(live.children[0].children[1]);
  try {
    return plan(tree, fresh, live).map(told);
  } catch (error) {
    return error.message;
  }
}
const withoutNodes = (node) => ({ ...node, nodes: [], children: node.children.map(withoutNodes) });

const LIST = () => [h("ul", h("li", "a"), h("li", "b"), h("li", "c"))];

/** [title, the old body, the new one, what is planned] */
const TABLE = [
  ["nothing differs", [h("p", "a")], [h("p", "a")], []],
  ["a text", [h("p", "a"), h("p", "c")], [h("p", "b"), h("p", "c")], ["text b"]],
  ["an attribute", [h("p.a", "x")], [h("p.b", "x")], ["p class"]],
  ["an attribute that goes", [h("p[lang=de]", "x")], [h("p", "x")], ["p lang"]],
  ["nonces are no difference", [h("style[nonce=1]", "x")], [h("style[nonce=2]", "x")], []],
  ["a new element at the beginning", LIST(), [h("ul", h("li", "n"), h("li", "a"), h("li", "b"), h("li", "c"))],
    ["make li in ul after nothing"]],
  ["a new element at the end", LIST(), [h("ul", h("li", "a"), h("li", "b"), h("li", "c"), h("li", "n"))],
    ["make li in ul after li"]],
  ["an element that goes", LIST(), [h("ul", h("li", "a"), h("li", "c"))], ["remove li"]],
  ["the last one first", LIST(), [h("ul", h("li", "c"), h("li", "a"), h("li", "b"))], ["move li in ul after nothing"]],
  ["another element is no counterpart", [h("p", "a")], [h("h1", "a")], ["make h1 in body after nothing", "remove p"]],
  ["another id makes another element", [h("p#a", "x")], [h("p#b", "x")], ["make p in body after nothing", "remove p"]],
  ["another type makes another input", [h("input[type=text]")], [h("input[type=radio]")],
    ["make input in body after nothing", "remove input"]],
  ["another address makes another frame", [h("iframe[src=a]")], [h("iframe[src=b]")],
    ["make iframe in body after nothing", "remove iframe"]],
  ["another address of an image", [h("img[src=a]")], [h("img[src=b]")], ["img src"]],
  ["another built-in makes another element", [h("button[is=x-a]")], [h("button[is=x-b]")],
    ["make button in body after nothing", "remove button"]],
  ["ids that are there twice", [h("p#a", "1"), h("p#a", "2")], [h("p#a", "1"), h("p#a", "n"), h("p#a", "2")],
    ["make p in body after p"]],
  ["an element is wrapped", [h("p", "a"), h("video#v")], [h("p", "a"), h("div", h("video#v"))],
    ["make div in body after p", "move video in div after nothing"]],
  ["an element is unwrapped", [h("div", h("video#v"))], [h("video#v")], ["move video in body after nothing", "remove div"]],
  ["a moved element changes as well", [h("p", "a"), h("div#d", "x")], [h("div#d", "y"), h("p", "a")],
    ["move div in body after nothing", "text y"]],
  ["ids find counterparts", [h("div#a", "x"), h("div#b", "y")], [h("div#b", "z")], ["text z", "remove div"]],

  ["a new script", [h("p")], [h("p"), h("script", "x()")], "a script differs"],
  ["another script", [h("script", "x()")], [h("script", "y()")], "a script differs"],
  ["another data block", [h("script[type=application/json]", "1")], [h("script[type=application/json]", "2")],
    "a script differs"],
  ["the nonce of a script is none", [h("script[nonce=1]", "x()")], [h("script[nonce=2]", "x()")], []],
  ["beside a script", [h("script", "x()"), h("p", "a")], [h("script", "x()"), h("p", "b")], ["text b"]],
  ["a script in what goes", [h("div", h("script", "x()"))], [h("ul", h("script", "x()"))], "<div> has a script or the like"],
  ["another handler", [h("p[onclick=a()]")], [h("p[onclick=b()]")], "the attribute onclick differs"],
  ["a handler at another element", [h("p[onclick=a()]"), h("i")], [h("p"), h("i[onclick=a()]")], /onclick/],
  ["another javascript: URL", [h("a[href=x]")], [h("a[href=javascript:b()]")], "the attribute href differs"],
  ["<base>", [h("base[href=a]")], [h("base[href=b]")], "<base> differs"],
  ["http-equiv", [h("p")], [h("meta[http-equiv=refresh]"), h("p")], "<meta> differs"],
  ["a shadow root", [h("p", "a")], [h("p", h("template[shadowrootmode=open]"), "a")], "a shadow root differs"],
  ["too much", Array.from({ length: 1500 }, (_, at) => h("p", `a${at}`)),
    Array.from({ length: 1500 }, (_, at) => h("p", `b${at}`)),
    "too much differs"],
];

for (const [title, old, fresh, expected] of TABLE) {
  test(title, () => {
    const found = planned(page(...old), page(...fresh));
    if (expected instanceof RegExp) assert.match(found, expected);
    else assert.deepEqual(found, expected);
  });
}

const ADDED = () => h("x-new", "!");
const [A, B, C] = [() => h("p#a", "a"), () => h("p#b", "b"), () => h("p#c", "c")];
/** [title, the old body, the new one, what was done to the live body, what is planned] */
const CHANGED = [
  ["what was added stays", [A(), B()], [A(), h("p#b", "n")], (body) => body.children.push(ADDED()), ["text n"]],
  ["what was added has other neighbours", [A(), B()], [A(), C(), B()], (body) => body.children.push(ADDED()),
    ["make p in body after p"]],
  ["it is not clear on which side", [A(), B()], [A(), C(), B()], (body) => body.children.splice(1, 0, ADDED()),
    "<p> comes beside what was added"],
  ["a neighbour of what was added goes", [A(), B()], [A()], (body) => body.children.push(ADDED()),
    "<p> is beside what was added"],
  ["what was taken away stays away", [A(), B(), C()], [A(), B(), h("p#c", "n")], (body) => body.children.splice(0, 1), ["text n"]],
  ["what was taken away changes", [A(), B()], [h("p#a", "n"), B()], (body) => body.children.splice(0, 1), "<p> was taken away"],
  ["what was taken away goes", [A(), B()], [B()], (body) => body.children.splice(0, 1), "<p> was taken away"],
  ["a text that was changed", [A(), B()], [h("p#a", "n"), B()], ({ children }) => { children[0].children[0].text = "z"; },
    "#text was changed"],
  ["a text that was changed so", [A(), B()], [h("p#a", "n"), B()], ({ children }) => { children[0].children[0].text = "n"; }, []],
  ["another text that was changed", [A(), B()], [A(), h("p#b", "n")], ({ children }) => { children[0].children[0].text = "z"; },
    ["text n"]],
  ["an attribute that was changed", [h("p.a")], [h("p.b")], ({ children }) => { children[0].attributes[0].value = "c"; },
    "<p> has a changed class"],
  ["another attribute that was changed", [h("p.a", "x")], [h("p.a", "y")], ({ children }) => { children[0].attributes[0].value = "c"; },
    ["text y"]],
  ["an attribute beside one that was changed", [h("p.a[lang=de]")], [h("p.a[lang=en]")],
    ({ children }) => { children[0].attributes[0].value = "c"; }, ["p lang"]],
  ["what goes was changed", [A(), B()], [B()], ({ children }) => { children[0].children[0].text = "z"; }, "<p> was changed"],
  ["what goes was opened", [h("details", "a"), B()], [B()], ({ children }) => children[0].attributes.push({ space: "", name: "open", value: "" }),
    ["remove details"]],
  ["a token", [h("input[type=hidden][value=1]")], [h("input[type=hidden][value=2]")], () => {}, ["input value"]],
  ["a token that was changed", [h("input[type=hidden][value=1]")], [h("input[type=hidden][value=2]")],
    ({ children }) => { children[0].attributes[1].value = "3"; }, []],
  ["a description", [h("meta[name=d][content=1]")], [h("meta[name=d][content=2]")], () => {}, ["meta content"]],
  ["a description that was changed", [h("meta[name=d][content=1]")], [h("meta[name=d][content=2]")],
    ({ children }) => { children[0].attributes[1].value = "3"; }, []],
  ["a value that was changed", [h("input[type=text][value=1]")], [h("input[type=text][value=2]")],
    ({ children }) => { children[0].attributes[1].value = "3"; }, "<input> has a changed value"],
  ["a swapped style sheet", [h("link[href=a]"), A()], [h("link[href=a]"), h("p#a", "n")],
    (body) => { body.children[0] = copy(body.children[0], false); }, ["text n"]],
  ["beside a swapped style sheet", [h("link[href=a]"), A()], [h("link[href=a]"), B(), A()],
    (body) => { body.children[0] = copy(body.children[0], false); }, ["make p in body after link"]],
];

for (const [title, old, fresh, change, expected] of CHANGED) {
  test(`with changes: ${title}`, () => assert.deepEqual(planned(page(...old), page(...fresh), change), expected));
  test(`of a document that is only known by its text: ${title}`, () => {
    const found = planned(page(...old), page(...fresh), change, false);
    // What is alike is taken for what was made, or not; never is one done by half.
    if (typeof found !== "string") assert.deepEqual(found, expected);
  });
}

test("what the document is made of afterwards has the nodes that are there", () => {
  const [old, fresh] = [page(A(), B()), page(A(), h("p#b", "n"))];
  plan(old, fresh, copy(old, true));
  const [first, second] = made(fresh).children[0].children[1].children;
  const [before, changed] = old.children[0].children[1].children;
  assert.equal(first, before);
  assert.deepEqual([second.nodes, second.children[0].text], [changed.nodes, "n"]);
});
