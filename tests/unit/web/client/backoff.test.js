// How long a page waits before it looks for its server again.

import assert from "node:assert/strict";
import test from "node:test";

import { pauseMs } from "../../../../livereload_loc/web/client/reload/backoff.js";

/** @param {number} attempts @param {number} jitter */
const after = (attempts, jitter) => Array.from({ length: attempts }, (_, at) => pauseMs(at, jitter));

test("a page looks every 100 ms at the latest for the first seconds", () => {
  assert.equal(Math.max(...after(50, 0)), 100);
  assert.ok(after(50, 0.5).reduce((sum, ms) => sum + ms) > 3000);
});

test("a server that stays away is asked ever more seldom, but every two seconds", () => {
  const pauses = [...Array(10).keys()].map((more) => pauseMs(50 + more, 0));
  assert.deepEqual(pauses.slice(0, 6), [100, 200, 400, 800, 1600, 2000]);
  assert.equal(pauses.at(-1), 2000);
  assert.equal(pauseMs(5000, 0), 2000);
});

test("pages that lost the server together do not come together", () => {
  assert.ok(pauseMs(0, 0.9) < pauseMs(0, 0.1));
  assert.equal(pauseMs(0, 1), 50);
});
