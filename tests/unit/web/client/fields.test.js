// What is kept of a field over a reload, and what never is.

import assert from "node:assert/strict";
import test from "node:test";

import { eventsFor, fits, isSecret, stateOf } from "../../../../livereload_loc/web/client/keep/fields.js";

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

/** [the field, the state, whether it fits] */
const FITTING = [
  [{ type: "text" }, { value: "a" }, true],
  [{ type: "text" }, { value: 1 }, false],
  [{ type: "text" }, { checked: true }, false],
  [{ type: "checkbox" }, { checked: false }, true],
  [{ type: "checkbox" }, { value: "a" }, false],
  [{ type: "select-one", options: [{ value: "a" }, { value: "b" }] }, { chosen: ["b"] }, true],
  [{ type: "select-one", options: [] }, { chosen: ["b"] }, false],
  [{ type: "select-one", options: [{ value: "a" }] }, { value: "a" }, false],
  [{ type: "select-multiple", options: [{ value: "a" }] }, { chosen: [] }, true],
];

for (const [field, state, fitting] of FITTING) {
  test(`${JSON.stringify(state)} ${fitting ? "fits" : "does not fit"} a ${field.type}`, () => {
    assert.equal(fits(field, state), fitting);
  });
}

const [REACT, VUE, SVELTE, JQUERY] = ["__reactProps$1a", "Symbol(_assign)", "__value", "jQuery3710"];

/** [the field's type, the names of its own properties, whether the user was typing, the events] */
const EVENTS = [
  ["text", [], false, ["input"]],
  ["checkbox", [], false, ["input"]],
  ["select-one", ["0", "1", JQUERY], false, ["input"]],
  ["text", [REACT, "value"], false, ["input", "change"]],
  ["text", [REACT, "value"], true, ["input"]],
  ["textarea", [VUE], true, ["input"]],
  ["checkbox", [REACT], true, ["click", "input", "change"]],
  ["radio", [SVELTE], false, ["input", "change"]],
  ["select-one", ["0", VUE], true, ["input", "change"]],
];

for (const [type, marks, focused, events] of EVENTS) {
  test(`a ${type} with ${marks} ${focused ? "and the focus " : ""}hears ${events}`, () => {
    assert.deepEqual(eventsFor(type, marks, focused), events);
  });
}
