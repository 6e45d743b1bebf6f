// What is kept of a field over a reload, and what never is.

import assert from "node:assert/strict";
import test from "node:test";

import { isSecret, stateOf } from "../../../../livereload_loc/web/client/keep/fields.js";

/** [the field's type, what it and its form say in `autocomplete`, whether it is secret] */
const FIELDS = [
  ["text", " ", false],
  ["text", "on ", false],
  ["email", "email ", false],
  ["password", " ", true],
  ["hidden", " ", true],
  ["file", " ", true],
  ["text", "off ", true],
  ["text", "OFF ", true],
  ["text", "new-password ", true],
  ["text", "one-time-code ", true],
  ["text", "section-a cc-number ", true],
  ["text", " off", true],
  ["text", " on", false],
  ["text", "office ", false],
];

for (const [type, autocomplete, secret] of FIELDS) {
  test(`${type} with ${JSON.stringify(autocomplete)} is ${secret ? "secret" : "kept"}`, () => {
    assert.equal(isSecret(type, autocomplete), secret);
  });
}

/** [the field, its state] */
const STATES = [
  [{ type: "text", value: "a" }, { value: "a" }],
  [{ type: "textarea", value: "" }, { value: "" }],
  [{ type: "checkbox", value: "on", checked: true }, { checked: true }],
  [{ type: "radio", value: "x", checked: false }, { checked: false }],
  [{ type: "select-multiple", options: [], selectedOptions: [{ value: "a" }, { value: "b" }] }, { chosen: ["a", "b"] }],
];

for (const [field, state] of STATES) {
  test(`the state of a field of type ${field.type}`, () => assert.deepEqual(stateOf(field), state));
}
