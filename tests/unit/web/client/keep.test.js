// What is kept of a field over a reload, and what never is.

import assert from "node:assert/strict";
import test from "node:test";

import { isSecret, stateOf } from "../../../../livereload_loc/web/client/keep.js";

/** [the field, whether it is secret] */
const FIELDS = [
  [{ type: "text", autocomplete: "" }, false],
  [{ type: "text", autocomplete: "on" }, false],
  [{ type: "email", autocomplete: "email" }, false],
  [{ type: "password", autocomplete: "" }, true],
  [{ type: "hidden", autocomplete: "" }, true],
  [{ type: "file", autocomplete: "" }, true],
  [{ type: "text", autocomplete: "off" }, true],
  [{ type: "text", autocomplete: "new-password" }, true],
  [{ type: "text", autocomplete: "one-time-code" }, true],
  [{ type: "text", autocomplete: "section-a cc-number" }, true],
  [{ type: "text", autocomplete: "", form: { autocomplete: "off" } }, true],
  [{ type: "text", autocomplete: "", form: { autocomplete: "on" } }, false],
  [{ type: "text", autocomplete: "", form: null }, false],
  [{ type: "text", autocomplete: "office" }, false],
];

for (const [field, secret] of FIELDS) {
  test(`${JSON.stringify(field)} is ${secret ? "secret" : "kept"}`, () => assert.equal(isSecret(field), secret));
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
