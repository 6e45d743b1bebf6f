// Puts what the user typed back into fields, also into those that scripts render later or take over.

import { tried } from "../reload/helpers.js";
import { call, toText } from "../reload/native.js";
import { doc } from "../reload/page.js";
import { edit, editedIn, isAsServed, isEditable } from "./editing.js";
import { eventsFor, fits, isManaged, isSecret, stateOf } from "./fields.js";
import { attribute, findAt } from "./places.js";

/**
 * @typedef {{value: string} | {checked: boolean} | {chosen: string[]} | {edited: any[], was: string}} State
 * @typedef {{place: any, state: any, field?: any, managed?: boolean, tries: number}} Entry
 *   a state, the field that it was put into, whether a framework kept that in step with its own state by then, and
 *   how often it may be filled yet: a page that refuses a value has its way
 */

const TRIES = 5;

/** @param {any} field */
export const isSecretField = (field) =>
  isSecret(field.type, `${attribute(field, "autocomplete")} ${attribute(field.form, "autocomplete")}`);

/**
 * Return the state of a field that is to be kept: none where it holds what is none, as components of a page may.
 * @param {any} field
 * @returns {State | undefined}
 */
export function keptState(field) {
  if (isSecretField(field)) return;
  if (isEditable(field)) return editedIn(field);
  // The radio button that is on tells of those that are off.
  if (!("value" in field) || (field.type === "radio" && !field.checked)) return;
  const state = stateOf(field);
  return fits(field, state) ? state : undefined;
}

/** @param {any} place @param {any} state @returns {Entry} */
export const entryFor = (place, state) => ({ place, state: Object(state), tries: TRIES });

/** @param {any} field */
const marksOf = (field) => Reflect.ownKeys(field).map(String);

/**
 * Fill the field of an entry if it is there and does not have the state, or if a framework has taken it over since.
 * @param {Entry} entry
 * @param {any[]} typed the fields that the user has typed into meanwhile
 * @param {any} focused the field that the user was typing into
 * @returns {any} the field, if it was filled
 */
export function tend(entry, typed, focused) {
  const { place, state } = entry;
  const field = entry.tries && findAt(place);
  if (!field || typed.includes(field) || isSecretField(field)) return;
  if (!(state.edited ? isAsServed(field, state) : fits(field, state))) return;
  const marks = marksOf(field);
  const isTaken = field === entry.field && !entry.managed && isManaged(marks);
  if (!state.edited && toText(stateOf(field)) === toText(state) && !isTaken) return;
  entry.tries--;
  Object.assign(entry, { field, managed: isManaged(marks) });
  tried(() => fill(field, state));
  eventsFor(field.type ?? "", marks, field === focused).forEach((name) => tell(field, name));
  return field;
}

/** @param {any} field @param {any} state */
function fill(field, { value, checked, chosen, edited, was }) {
  if (edited) edit(field, { edited, was });
  else if (chosen) for (const option of field.options) option.selected = chosen.includes(option.value);
  else if (typeof checked === "boolean") change(field, "checked", checked, !checked);
  else change(field, "value", value, value ? "" : " ");
}

/**
 * Set a property of a field so that React sees a change: what is set on the element itself is what React knows, and
 * what the browser's own setter sets is what the user did.
 * @param {any} field
 * @param {string} name
 * @param {any} value
 * @param {any} other
 */
function change(field, name, value, other) {
  if (Object.hasOwn(field, name)) field[name] = other;
  Reflect.set(Object.getPrototypeOf(field), name, value, field);
}

/** @param {any} field @param {string} name */
function tell(field, name) {
  const event = call(doc, "createEvent", "Event");
  event.initEvent(name, true, false);
  field.dispatchEvent(event);
}
