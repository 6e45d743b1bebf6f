// Keeps what the user typed and where they were over a reload. Both the old page and the new one load this.

import { listOf, tried } from "../reload/helpers.js";
import { call, get } from "../reload/native.js";
import { all, framed } from "../reload/page.js";
import { isSecret, stateOf } from "./fields.js";

/**
 * @typedef {[selector: string, index: number]} Place where an element is found again on the next page
 * @typedef {{
 *   scrolls: [Place, number, number][],
 *   fields: [Place, {value: string} | {checked: boolean} | {chosen: string[]}][],
 *   focus: [Place, number | null, number | null] | null,
 * }} Snapshot
 */

/** @param {any} element @param {string} name */
const attribute = (element, name) => (element && call(element, "getAttribute", name)) ?? "";

/** @param {any} field */
const isKept = (field) =>
  !isSecret(field.type, `${attribute(field, "autocomplete")} ${attribute(field.form, "autocomplete")}`);

/** @param {any} element @returns {Place} */
function placeOf(element) {
  const tagName = get(element, "localName");
  const name = ["id", "name"].find((each) => attribute(element, each));
  const value = name && attribute(element, name).replace(/["\\]/g, "\\$&");
  const selector = (/^[\w-]+$/.test(tagName) ? tagName : "*") + (name ? `[${name}="${value}"]` : "");
  return [selector, all(selector).indexOf(element)];
}

/** Return the element at a place, if there is one. @param {any} place @returns {any} */
const findAt = (place) => tried(() => all(place[0])[place[1]]) || undefined;

/** @param {any} field @param {any} state */
function fill(field, { value, checked, chosen }) {
  if (typeof value === "string") field.value = value;
  if (typeof checked === "boolean") field.checked = checked;
  if (Array.isArray(chosen)) for (const option of field.options ?? []) option.selected = chosen.includes(option.value);
  // Not `change`: pages send forms on it.
  const event = call(document, "createEvent", "Event");
  event.initEvent("input", true, false);
  field.dispatchEvent(event);
}

/**
 * Return where the user is in the page, and what they typed.
 * @param {any[]} touched the fields that the user changed
 * @returns {Snapshot | null} nothing rather than an error, which would stop the reload
 */
export function snapshot(touched) {
  try {
    return takeSnapshot(touched);
  } catch {
    return null;
  }
}

/** @param {any[]} touched @returns {Snapshot} */
function takeSnapshot(touched) {
  const active = get(document, "activeElement");
  // A frame that takes the focus takes it from the page around it.
  const focused = active && active !== get(document, "body") && (!framed || call(document, "hasFocus"));
  return {
    scrolls: all("*")
      .filter((element) => element.scrollTop || element.scrollLeft)
      .map((element) => [placeOf(element), get(element, "scrollLeft"), get(element, "scrollTop")]),
    fields: touched
      .filter((field) => field.isConnected && isKept(field))
      .map((field) => [placeOf(field), stateOf(field)]),
    focus: focused ? [placeOf(active), active.selectionStart ?? null, active.selectionEnd ?? null] : null,
  };
}

/**
 * Put back what a snapshot holds: what is there once the page is parsed, the rest when it has loaded.
 * @param {any} before what was stored, which the page may have changed
 * @param {any[]} touched gets the fields that are filled
 * @param {Promise<unknown>} parsed
 * @param {Promise<unknown>} loaded
 */
export async function restore(before, touched, parsed, loaded) {
  const { scrolls, fields, focus } = before;
  const valid = {
    scrolls: listOf(scrolls).filter(Array.isArray),
    fields: listOf(fields).filter(Array.isArray),
    focus: Array.isArray(focus) ? focus : null,
  };
  await parsed;
  const missing = putBack(/** @type {Snapshot} */ (valid), touched);
  await loaded;
  putBack(missing, touched);
}

/**
 * Put back what can be put back now.
 * @param {Snapshot} snapshot
 * @param {any[]} touched gets the fields that are filled
 * @returns {Snapshot} what is still missing
 */
function putBack({ scrolls, fields, focus }, touched) {
  const missing = fields.filter(([place, state]) => {
    const field = findAt(place);
    if (!field || !state || !isKept(field)) return !field;
    touched.push(field);
    tried(() => fill(field, state));
    return false;
  });
  const active = focus && findAt(focus[0]);
  if (active) call(active, "focus", { preventScroll: true });
  if (active && focus?.[1] != null) tried(() => active.setSelectionRange(focus[1], focus[2]));
  const short = scrolls.filter(([place, left, top]) => {
    const element = findAt(place);
    if (element) call(element, "scrollTo", { left, top, behavior: "instant" });
    return !(element && get(element, "scrollTop") >= top - 1);
  });
  return { scrolls: short, fields: missing, focus: active ? null : focus };
}
