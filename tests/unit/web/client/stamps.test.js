// The URLs that a swap puts into the page.

import assert from "node:assert/strict";
import test from "node:test";

import { absolute, stamped, stampedLike } from "../../../../livereload_loc/web/client/apply/stamps.js";

/** [the URL, its beginning, its end behind the stamp] */
const STAMPED = [
  ["http://a/x.css", "http://a/x.css?_loc=", ""],
  ["http://a/x.css?v=1", "http://a/x.css?v=1&_loc=", ""],
  ["http://a/x.svg#icon", "http://a/x.svg?_loc=", "#icon"],
  ["http://a/x.svg?_loc=17#icon", "http://a/x.svg?_loc=", "#icon"],
  ["http://a/x.svg?v=1&_loc=17", "http://a/x.svg?v=1&_loc=", ""],
];

for (const [url, start, end] of STAMPED) {
  test(`${url} gets a stamp that no cache knows`, () => {
    const found = stamped(url);
    assert.ok(found.startsWith(start) && found.endsWith(end), found);
    assert.match(found.slice(start.length, found.length - end.length), /^\d+$/);
  });
}

/** [the address in the page, the URL] */
const ABSOLUTE = [
  ["x.css", "http://a/b/x.css"],
  ["/x.css", "http://a/x.css"],
  ["//c/x.css", "http://c/x.css"],
  ["http://", ""],
];

for (const [address, url] of ABSOLUTE) {
  test(`${JSON.stringify(address)} in a page`, () => assert.equal(absolute(address, "http://a/b/"), url));
}

/** [the address in the page, the URL with a stamp, the address with it] */
const LIKE = [
  ["x.css", "http://a/b/x.css?_loc=1", "x.css?_loc=1"],
  [" x.css\n", "http://a/b/x.css?_loc=1", "x.css?_loc=1"],
  ["x.css?v=1", "http://a/b/x.css?v=1&_loc=1", "x.css?v=1&_loc=1"],
  ["x.svg#icon", "http://a/x.svg?_loc=1#icon", "x.svg?_loc=1#icon"],
  ["x.svg?_loc=1#icon", "http://a/x.svg?_loc=2#icon", "x.svg?_loc=2#icon"],
];

for (const [address, url, expected] of LIKE) {
  test(`${JSON.stringify(address)} with the stamp of ${url}`, () => assert.equal(stampedLike(address, url), expected));
}
