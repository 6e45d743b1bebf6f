// What a page knows of the server's run, and which updates are news.

import assert from "node:assert/strict";
import test from "node:test";

import { Session } from "../../../../livereload_loc/web/client/reload/session.js";

const UPDATE = { action: "css", paths: ["site.css"] };

/** @param {Partial<Session>} known */
const sessionWith = (known) => Object.assign(new Session(), known);

/** [title, the run and number that the page knows, the tag's run, the greeting's, whether outdated, the number then] */
const GREETINGS = [
  ["a new page is not outdated", [null, null], undefined, ["a", 7], false, null],
  ["it is the same run again", ["a", 5], undefined, ["a", 7], false, 5],
  ["another run means reload", ["a", 5], undefined, ["b", 2], true, 2],
  ["a page of this run is not outdated", [null, null], "a", ["a", 7], false, null],
  ["a page of an earlier run is", [null, null], "a", ["b", 7], true, 7],
  ["a page of this run whose document before knew another is not", ["a", 5], "b", ["b", 0], false, null],
  ["a page that knows this run is not, whatever its tag says", ["b", 5], "a", ["b", 7], false, 5],
];

for (const [title, [knownRun, knownSeq], tagRun, [run, seq], outdated, then] of GREETINGS) {
  test(title, () => {
    const session = sessionWith({ run: knownRun, seq: knownSeq });
    assert.equal(session.greet({ run, seq, exact: true }, tagRun), outdated);
    assert.deepEqual([session.run, session.seq, session.greeted, session.exact], [run, then, seq, true]);
  });
}

/** [title, the number that the page knows, the one of the greeting, the update's, what is to be done] */
const UPDATES = [
  ["the first after the greeting", null, 7, { seq: 8 }, "update"],
  ["the next", 8, 7, { seq: 9 }, "update"],
  ["one that came already", 8, 7, { seq: 8 }, "nothing"],
  ["an older one", 8, 7, { seq: 3 }, "nothing"],
  ["one for all, though it came already", 8, 7, { seq: 8, all: true }, "update"],
  ["one after a gap", 8, 7, { seq: 10 }, "everything"],
  ["one after a gap since the greeting", null, 7, { seq: 9 }, "everything"],
  ["one that the page missed before the greeting", 3, 7, { seq: 4 }, "update"],
];

for (const [title, seq, greeted, fields, expected] of UPDATES) {
  test(`an update: ${title}`, () => {
    const session = sessionWith({ run: "a", seq, greeted });
    const update = { ...UPDATE, ...fields };
    const results = { update, nothing: undefined, everything: { ...update, paths: [] } };
    assert.deepEqual(session.accept(update), results[expected]);
    assert.equal(session.seq, expected === "nothing" ? seq : fields.seq);
  });
}

/** [title, what was stored, what the session knows then] */
const STORED = [
  ["all of it", { run: "a", seq: 5, exact: true, pendingReloadAcks: [4, 5] }, ["a", 5, true, [4, 5]]],
  ["no number yet", { run: "a", seq: null, exact: false, pendingReloadAcks: [] }, ["a", null, false, []]],
  ["nothing", null, [null, null, false, []]],
  ["text", "text", [null, null, false, []]],
  ["an array", [1, 2], [null, null, false, []]],
  ["a run that is none", { run: 7, seq: 5 }, [null, null, false, []]],
  ["a number that is none", { run: "a", seq: "5" }, [null, null, false, []]],
  ["acks that are none", { run: "a", seq: 5, pendingReloadAcks: { length: 3 } }, ["a", 5, false, []]],
  ["acks of other kinds", { run: "a", seq: 5, pendingReloadAcks: ["1", null, 2, 2.5, {}] }, ["a", 5, false, [2]]],
  ["the names of methods", { run: "a", seq: 5, accept: 1, greet: 2 }, ["a", 5, false, []]],
];

for (const [title, stored, expected] of STORED) {
  test(`what was stored: ${title}`, () => {
    const session = new Session();
    session.resume(stored);
    assert.deepEqual([session.run, session.seq, session.exact, session.pendingReloadAcks], expected);
    assert.equal(typeof session.accept, "function");
  });
}

test("no more reloads are reported than a page can have had", () => {
  const session = new Session();
  session.resume({ run: "a", seq: 5, pendingReloadAcks: [...new Array(100_000).keys()] });
  assert.equal(session.pendingReloadAcks.length, 1000);
});
