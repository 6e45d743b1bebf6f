// What a page does about an update.

import assert from "node:assert/strict";
import test from "node:test";

import { decide } from "../../../../livereload_loc/web/client/apply/decision.js";

const HOST = "http://localhost:8080/";
const USED = ["docs/", "site.css", "main.js", "logo.png"];
const CSS = { action: "css", paths: ["site.css"] };
const IMAGE = { action: "image", paths: ["img/logo.png"] };
const UNUSED = { action: "css", paths: ["other/unused.css"] };
const PAGE = { action: "reload", paths: ["docs/index.html"] };
const OTHER_PAGE = { action: "reload", paths: ["about/index.html"] };
const GUESSES = ["other/unused.css", "docs/other/unused.css"];

/** [title, update, facts, what the page does, about which URLs below HOST, whether all pages do it] */
const TABLE = [
  ["a used style sheet is swapped", CSS, {}, "swap", ["site.css"]],
  ["a used image is swapped", IMAGE, {}, "swap", ["logo.png"]],
  ["an image in a tab of its own is a page", IMAGE, { here: `${HOST}logo.png` }, "reload", ["logo.png"], false],
  ["it is so while the page loads", CSS, { loading: true }, "swap", ["site.css"]],
  ["a used script means reload", { action: "reload", paths: ["main.js"] }, {}, "reload", ["main.js"], false],
  ["a used script beside a style sheet, too", { action: "reload", paths: ["main.js", "site.css"] }, {},
    "reload", ["main.js", "site.css"], false],
  ["what is not used means nothing", UNUSED, {}, "nothing"],
  ["an unused style sheet beside a used one", { action: "css", paths: ["unused.css", "site.css"] }, {},
    "swap", ["site.css"]],
  ["what pages are made of reloads all", { action: "reload", paths: ["app.py"] }, {}, "reload", [], true],
  ["with it, what is used is known", { action: "reload", paths: ["app.py", "main.js"] }, {},
    "reload", ["main.js"], true],
  ["without paths all reload", { action: "reload", paths: [] }, {}, "reload", undefined, true],
  ["without paths no page waits", { action: "reload", paths: [] }, { loading: true }, "reload", undefined, true],
  ["a page reloads all where paths are files", { action: "reload", paths: ["about.html"] }, {}, "reload", [], true],

  ["a loading page waits for what it does not use", UNUSED, { loading: true }, "wait"],
  ["after that it guesses", { ...UNUSED, waited: true }, {}, "swap", GUESSES],
  ["it waits once only", { ...UNUSED, waited: true }, { loading: true }, "swap", GUESSES],
  ["with `all` it does not wait", { ...UNUSED, all: true }, { loading: true }, "swap", GUESSES],
  ["an unknown script with `all` means reload", { action: "reload", paths: ["w.js"], all: true }, {},
    "reload", ["w.js", "docs/w.js"], false],
  ["a known one with `all` is no guess", { ...CSS, all: true }, {}, "swap", ["site.css"]],

  ["a page's own file reloads it", PAGE, { exact: true }, "reload", ["docs/"], false],
  ["another page's file does not", OTHER_PAGE, { exact: true }, "nothing"],
  ["it may be used when all is loaded", OTHER_PAGE, { exact: true, loading: true }, "wait"],
  ["then it is known", { ...OTHER_PAGE, waited: true }, { exact: true }, "nothing"],
  ["where paths are URL paths nothing is guessed", { ...UNUSED, all: true }, { exact: true },
    "reload", [], false],
  ["another kind of file reloads all", { action: "reload", paths: ["data.json"] }, { exact: true },
    "reload", [], true],
  ["a style sheet elsewhere is another", { action: "css", paths: ["docs/site.css"] }, { exact: true }, "nothing"],
];

for (const [title, update, facts, does, urls, everyone] of TABLE) {
  test(title, () => {
    const used = new Set(USED.map((url) => HOST + url));
    const decision = decide({ seq: 1, ...update }, { used, here: `${HOST}docs/`, ...facts });
    assert.equal(decision.does, does);
    assert.deepEqual(decision.urls && [...decision.urls], urls?.map((url) => HOST + url));
    assert.equal(decision.everyone, everyone);
  });
}
