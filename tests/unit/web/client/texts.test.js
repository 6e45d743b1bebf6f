// What is replaced in the pieces of a text.

import assert from "node:assert/strict";
import test from "node:test";

import { replacements } from "../../../../livereload_loc/web/client/inplace/texts.js";

/** [the pieces, the new text, what is replaced] */
const TABLE = [
  [["some old words"], "some new words", [[0, 5, 3, "new"]]],
  [["a"], "", [[0, 0, 1, ""]]],
  [[""], "a", [[0, 0, 0, "a"]]],
  [["same"], "same", []],
  [["aa"], "aaa", [[0, 2, 0, "a"]]],
  [["aaa"], "aa", [[0, 2, 1, ""]]],
  [["one ", "two ", "three"], "one two four", [[1, 4, 0, "four"], [2, 0, 5, ""]]],
  [["one ", "two ", "three"], "one 2 three", [[0, 4, 0, "2"], [1, 0, 3, ""]]],
  [["one ", "two ", "three"], "one three", [[1, 1, 3, ""], [2, 0, 1, ""]]],
  [["one ", "two ", "three"], "o", [[0, 1, 3, ""], [1, 0, 4, ""], [2, 0, 5, ""]]],
];

for (const [pieces, text, expected] of TABLE) {
  test(`${JSON.stringify(pieces)} become ${JSON.stringify(text)}`, () => {
    const found = replacements(pieces, text);
    assert.deepEqual(found.map(({ at, start, count, added }) => [at, start, count, added]), expected);
  });
}

test("whatever the pieces are, they are the text afterwards", () => {
  const words = (number) => [...number.toString(3)].map((digit) => "ab c"[digit]).join("");
  for (let number = 0; number < 729; number++) {
    const old = words(number);
    const [first, second] = [number % (old.length + 1), (number * 7) % (old.length + 1)].sort((one, other) => one - other);
    const pieces = [old.slice(0, first), old.slice(first, second), old.slice(second)];
    for (let other = 0; other < 729; other += 13) {
      const made = [...pieces];
      for (const { at, start, count, added } of replacements(pieces, words(other))) {
        assert.ok(start <= pieces[at].length && start + count <= pieces[at].length);
        made[at] = pieces[at].slice(0, start) + added + pieces[at].slice(start + count);
      }
      assert.equal(made.join(""), words(other));
    }
  }
});
