// What makes a page one with scripts, and what a document does only when it is loaded.

import assert from "node:assert/strict";
import test from "node:test";

import { differingAction, runsScripts } from "../../../../livereload_loc/web/client/inplace/acting.js";
import { numberTrees, treeNode } from "../../../../livereload_loc/web/client/inplace/tree.js";

/** An element with attributes and a text in it. */
function h(name, attributes = {}, ...children) {
  return treeNode(name, {
    attributes: Object.entries(attributes).map(([key, value]) => ({ space: "", name: key, value })),
    children: children.map((child) => (typeof child === "string" ? treeNode("#text", { text: child }) : child)),
  });
}
const page = (...children) => treeNode("#document", { children: [h("html", {}, h("body", {}, ...children))] });

/** [title, a page, whether it runs scripts of its own] */
const SCRIPTED = [
  ["none", [h("p", {}, "a")], false],
  ["our tag", [treeNode("#client", {})], false],
  ["a script", [h("script", {}, "x()")], true],
  ["a file", [h("script", { src: "x.js" })], true],
  ["a script in a drawing", [treeNode("script", { space: "http://www.w3.org/2000/svg" })], true],
  ["a script in a template, that other scripts may use", [h("template", {}, h("script", {}, "x()"))], true],
  ...["", "module", "importmap", "text/javascript", "application/javascript", "TEXT/JavaScript", " module ",
    "application/ecmascript", "text/jscript", "text/livescript", "text/javascript1.5", "text/x-javascript"]
    .map((type) => [`the type ${JSON.stringify(type)}`, [h("script", { type }, "x()")], true]),
  ...["application/json", "application/ld+json", "text/template", "text/x-handlebars", "speculationrules"]
    .map((type) => [`the type ${type}`, [h("script", { type }, "x")], false]),
  ["the start of the widget", [h("script", {}, "\nlocWidget.init();\n")], false],
  ["the start of the widget with a nonce", [h("script", { nonce: "1" }, "locWidget.init()")], false],
  ["more than the start of the widget", [h("script", {}, "locWidget.init({})")], true],
  ["a file that has the start of the widget in it", [h("script", { src: "x.js" }, "locWidget.init()")], true],
  ["a handler", [h("div", {}, h("p", { onclick: "x()" }))], true],
  ["a handler in capitals", [h("svg", {}, h("g", { onClick: "x()" }))], true],
  ["a URL", [h("a", { href: " java\nscript:x()" })], true],
  ["a URL of a form", [h("form", { action: "JavaScript:x()" })], true],
  ["another URL", [h("a", { href: "/javascript:x" })], false],
];

for (const [title, children, expected] of SCRIPTED) {
  test(`scripts of a page: ${title}`, () => assert.equal(runsScripts(page(...children)), expected));
}

const doctype = (text) => treeNode("#doctype", { text });
const client = (text) => treeNode("#client", { text });

/** [title, the old page, the new one, what differs] */
const DIFFERING = [
  ["nothing", [h("p", {}, "a"), h("script", {}, "x")], [h("p", {}, "b"), h("script", {}, "x")], ""],
  ["the doctype", [doctype("html\n\n")], [doctype("html\n-//W3C//DTD HTML 4.01//EN\n")], "the doctype"],
  ["no doctype", [doctype("html\n\n")], [], "the doctype"],
  ["the files that a page is made of", [client("a,")], [client("b,")], "the tag of loc-dev"],
  ["our tag is gone", [client("a,")], [h("p")], "the tag of loc-dev"],
  ["a script", [h("script", {}, "x")], [h("script", {}, "y")], "a script"],
  ["the address of a script", [h("script", { src: "x" })], [h("script", { src: "y" })], "a script"],
  ["an import map", [h("script", { type: "importmap" }, "{}")], [h("script", { type: "importmap" }, "1")], "a script"],
  ["the order of scripts", [h("script", {}, "x"), h("script", {}, "y")], [h("script", {}, "y"), h("script", {}, "x")],
    "a script"],
  ["where a script is", [h("script", {}, "x"), h("p")], [h("p"), h("div", {}, h("script", {}, "x"))], ""],
  ["<base>", [h("base", { href: "a" })], [h("base", { href: "b" })], "<base>"],
  ["the target of <base>", [h("base", {})], [h("base", { target: "_top" })], "<base>"],
  ["http-equiv", [h("meta", { "http-equiv": "refresh", content: "9" })],
    [h("meta", { "http-equiv": "refresh", content: "1" })], "<meta>"],
  ["a charset", [], [h("meta", { charset: "utf-8" })], "<meta>"],
  ["another <meta>", [h("meta", { name: "a", content: "1" })], [h("meta", { name: "a", content: "2" })], ""],
  ["the inside of <noscript>", [treeNode("noscript", { text: "1" })], [treeNode("noscript", { text: "2" })], "<noscript>"],
  ["frames", [], [h("frameset")], "<frameset>"],
  ["a shadow root", [h("p")], [h("p", {}, h("template", { shadowrootmode: "open" }))], "a shadow root"],
  ["the same shadow root, as far as is known", [h("template", { shadowrootmode: "open" })],
    [h("template", { shadowrootmode: "open" })], "a shadow root"],
  ["a template", [h("template")], [h("template", {}, "b")], ""],
  ["a handler", [h("p", { onclick: "x" })], [h("p", { onclick: "y" })], "the attribute onclick"],
];

for (const [title, old, fresh, expected] of DIFFERING) {
  test(`what differs: ${title}`, () => {
    const trees = [page(...old), page(...fresh)];
    numberTrees(trees);
    assert.equal(differingAction(...trees), expected);
  });
}
