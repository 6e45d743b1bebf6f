// Which URLs a changed file stands for.

import assert from "node:assert/strict";
import test from "node:test";

import { concernsAll, matchUrls, pathOf } from "../../../../livereload_loc/web/client/apply/urls.js";
import { plain } from "../../../../livereload_loc/web/client/reload/helpers.js";

const HOST = "http://localhost:8080/";

/** [title, path, URLs below HOST, those of them that the path stands for] */
const ANYWHERE = [
  ["the file name is enough", "static/site.css", ["css/site.css", "other.css"], ["css/site.css"]],
  ["the longest run of last segments wins", "a/b/x.js", ["b/x.js", "c/x.js", "x.js"], ["b/x.js"]],
  ["several may share the longest run", "app/x.js", ["v1/x.js", "v2/x.js"], ["v1/x.js", "v2/x.js"]],
  ["all of the path may match", "a/b/x.js", ["z/a/b/x.js", "a/b/x.js"], ["z/a/b/x.js", "a/b/x.js"]],
  ["a part of a name is no match", "site.css", ["mysite.css", "site.css.map"], []],
  ["a query does not count", "site.css", ["site.css?v=1"], ["site.css?v=1"]],
  ["URLs are decoded", "grün/ein bild.png", ["gr%C3%BCn/ein%20bild.png"], ["gr%C3%BCn/ein%20bild.png"]],
  ["names in decomposed Unicode are the same", "gru\u0308n.css", ["gr%C3%BCn.css"], ["gr%C3%BCn.css"]],
  ["a folder is its index", "public/docs/index.html", ["docs/", "other/"], ["docs/"]],
  ["the root is its index", "index.html", [""], [""]],
  ["a URL that cannot be decoded is none", "site.css", ["%E0%A4%A/site.css"], []],
  ["a letter's case counts", "Site.css", ["site.css"], []],
];

/** The same, where paths are URL paths. */
const EXACT = [
  ["all segments count", "css/site.css", ["css/site.css", "site.css", "x/css/site.css"], ["css/site.css"]],
  ["fewer segments are no match", "a/site.css", ["site.css"], []],
  ["a folder is its index", "docs/index.html", ["docs/", "docs"], ["docs/"]],
  ["the root is its index", "index.html", ["", "docs/"], [""]],
  ["a star is any file in the folder", "files/new.txt", ["files/*", "*"], ["files/*"]],
  ["a star is nothing deeper", "files/a/new.txt", ["files/*"], []],
  ["two stars are any file below", "files/a/b/new.txt", ["files/**", "other/**"], ["files/**"]],
  ["two stars are a file in the folder, too", "files/new.txt", ["files/**"], ["files/**"]],
  ["two stars at the root are all", "a/b.css", ["**"], ["**"]],
  ["another page for what is missing", "404.html", ["nothing/here", "404.html"], ["404.html"]],
];

for (const [exact, table] of [[false, ANYWHERE], [true, EXACT]]) {
  for (const [title, path, urls, expected] of table) {
    test(`${exact ? "a URL path" : "a path"}: ${title}`, () => {
      const given = new Set(urls.map((url) => HOST + url));
      assert.deepEqual(matchUrls(path, given, exact), expected.map((url) => HOST + url));
    });
  }
}

test("what is no URL with a path matches nothing", () => {
  assert.deepEqual(matchUrls("site.css", new Set(["data:text/css,a", "nonsense", ""]), false), []);
});

/** [path, whether it concerns all pages, and whether it does where paths are URL paths] */
const CONCERNS = [
  ["site.css", false, false],
  ["js/main.mjs", false, false],
  ["LOGO.PNG", false, false],
  ["font.woff2", false, false],
  ["index.html", true, false],
  ["about/", true, false],
  ["page.xhtml", true, false],
  ["templates/base.jinja", true, true],
  ["data.json", true, true],
  ["main.py", true, true],
  ["css", true, true],
  ["bad\uFFFDname.css", true, true],
];

for (const [path, anywhere, exact] of CONCERNS) {
  test(`${JSON.stringify(path)} concerns all pages: ${anywhere}; as a URL path: ${exact}`, () => {
    assert.equal(concernsAll(path, false), anywhere);
    assert.equal(concernsAll(path, true), exact);
  });
}

const PLAIN = [
  ["http://a/x.css", "http://a/x.css"],
  ["http://a/x.css#top", "http://a/x.css"],
  ["http://a/x.css?_loc=17", "http://a/x.css"],
  ["http://a/x.css?v=1&_loc=17#top", "http://a/x.css?v=1"],
  ["http://a/x.css?_loc=17&v=1", "http://a/x.css?_loc=17&v=1"],
  ["http://a/x.css?_loc=x", "http://a/x.css?_loc=x"],
];

for (const [url, expected] of PLAIN) test(`${url} is plainly ${expected}`, () => assert.equal(plain(url), expected));

const PATHS = [
  ["http://a/", ""],
  ["http://a/b/c.css?d#e", "b/c.css"],
  ["http://a/%2Fb%20c", "/b c"],
  ["http://a/%E0%A4%A", ""],
  ["no url", ""],
];

for (const [url, expected] of PATHS) test(`the path of ${url}`, () => assert.equal(pathOf(url), expected));
