// Where the client looks for its server.

import assert from "node:assert/strict";
import test from "node:test";

import { readTag, tag } from "../../../../livereload_loc/web/client/reload/tag.js";

/** [the server's URL, the socket's] */
const ENDPOINTS = [
  ["http://localhost:8081", "ws://localhost:8081/_loc/ws/reload"],
  ["http://localhost:8081/", "ws://localhost:8081/_loc/ws/reload"],
  ["http://localhost:8081/_loc/reload.js", "ws://localhost:8081/_loc/ws/reload"],
  ["https://dev.example/_loc/reload.js?v=1#x", "wss://dev.example/_loc/ws/reload"],
  ["http://[::1]:8081/shop/_loc/reload.js", "ws://[::1]:8081/shop/_loc/ws/reload"],
  ["http://localhost/shop/", "ws://localhost/shop/_loc/ws/reload"],
  ["http://localhost/shop", "ws://localhost/shop/_loc/ws/reload"],
];

for (const [server, endpoint] of ENDPOINTS) {
  test(`the socket of ${server}`, () => {
    readTag({ src: server, dataset: {} }, new URL(server));
    assert.equal(tag.endpoint, endpoint);
    assert.equal(tag.origin, new URL(endpoint).origin);
  });
}

test("what the server knew of the page", () => {
  readTag({ src: "http://a/_loc/reload.js", dataset: { run: "r1", page: "/404.html /x/*" } }, new URL("http://a"));
  assert.deepEqual([tag.src, tag.run, tag.page], ["http://a/_loc/reload.js", "r1", "/404.html /x/*"]);
});
