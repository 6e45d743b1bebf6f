// What the client takes of the browser, though pages replace it and libraries extend it.

import assert from "node:assert/strict";
import test from "node:test";

import { call, get, isNative, kind, now, own, toText } from "../../../../livereload_loc/web/client/reload/native.js";

class Form extends EventTarget {}

test("a method is the browser's, whatever has its name on the object", () => {
  const form = new Form();
  Object.defineProperty(form, "dispatchEvent", { value: "a field" });
  assert.equal(call(form, "dispatchEvent", new Event("x")), true);
});

test("the browser's method comes before one that a library put in front of it", () => {
  const map = new (class extends Map {
    get() {
      return "theirs";
    }
  })([["a", "own"]]);
  assert.equal(call(map, "get", "a"), "own");
  assert.equal(get(map, "size"), 1);
});

test("a replaced method is used where there is no other", () => {
  const object = new (class {
    name() {
      return `replaced ${this.constructor.name.length}`;
    }
  })();
  assert.match(call(object, "name"), /^replaced/);
  assert.equal(get(object, "nothing"), undefined);
  assert.equal(call(object, "nothing"), undefined);
});

test("what is the browser's", () => {
  assert.ok(isNative(Map) && isNative(setTimeout.bind(null)) && isNative([].map));
  for (const other of [() => 0, class {}, null, undefined, "x", { toString: () => "[native code] }" }]) {
    assert.ok(!isNative(other));
  }
});

test("an object of the window is given only if it is one", () => {
  assert.deepEqual([null, undefined, 1, {}].map(kind), Array(4).fill(undefined));
  globalThis.navigation = "top";
  assert.equal(own("navigation", "Navigation"), undefined);
  globalThis.navigation = { [Symbol.toStringTag]: "Navigation" };
  assert.equal(own("navigation", "Navigation"), globalThis.navigation);
  delete globalThis.navigation;
  assert.equal(own("navigation", "Navigation"), undefined);
});

test("the time since the navigation needs no performance", () => {
  globalThis.document = new (class Document {
    createEvent(type) {
      return new Event(type);
    }
  })();
  const { performance } = globalThis;
  globalThis.performance = 1;
  try {
    assert.ok(now() > 0);
  } finally {
    globalThis.performance = performance;
    delete globalThis.document;
  }
});

const VALUES = [
  null, true, 7, "text \u2028 \"quoted\"", [], {}, [1, [2, []]], { a: [{ b: null }], "c d": "e" },
  { type: "applied", seq: 3, did: "reload", why: "" }, { run: null, list: [undefined] },
];

for (const value of VALUES) {
  test(`the text of ${JSON.stringify(value)}`, () => {
    const expected = JSON.stringify(value);
    const prototypes = [Object.prototype, Array.prototype, String.prototype];
    for (const prototype of prototypes) {
      Object.defineProperty(prototype, "toJSON", { configurable: true, value: () => "a library's" });
    }
    try {
      assert.deepEqual(JSON.parse(toText(value)), JSON.parse(expected));
    } finally {
      for (const prototype of prototypes) delete prototype.toJSON;
    }
  });
}
