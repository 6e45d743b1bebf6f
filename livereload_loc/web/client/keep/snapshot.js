// Keeps what the user typed and where they were over a reload. Both the old page and the new one load this.

import { PATIENCE_MS, listOf, tried, within } from "../reload/helpers.js";
import { call, get, now, sleep } from "../reload/native.js";
import { all, doc, framed, workerOf } from "../reload/page.js";
import { isEditable, selectIn, selectionIn } from "./editing.js";
import { entryFor, isSecretField, keptState, tend } from "./filling.js";
import { findAt, focusedIn, placeOf } from "./places.js";
import { scrollOn, takeScrolls } from "./scrolling.js";

/**
 * @import { State } from "./filling.js"
 * @import { Place } from "./places.js"
 * @import { Scroll } from "./scrolling.js"
 * @typedef {{
 *   scrolls: Scroll[],
 *   fields: [Place, State][],
 *   focus: [Place, number | null, number | null] | null,
 * }} Snapshot
 */

// Scripts add to a page after it has loaded: how often to look, for PATIENCE_MS.
const STEP_MS = 50;

/**
 * Return where the user is in the page, and what they typed.
 * @param {any[]} touched the fields that the user changed
 * @returns {Snapshot | null} nothing rather than an error, which would stop the reload
 */
export function snapshot(touched) {
  try {
    withhold();
    return takeSnapshot(touched);
  } catch {
    return null;
  }
}

/**
 * Keep Firefox from putting back what is secret after a reload that is not forced, as below a service worker: it never
 * does for a field that was one for passwords.
 */
function withhold() {
  if (!workerOf(window)) return;
  for (const field of all("input").filter(isSecretField)) {
    const { type } = field;
    // One for files would lose them.
    if (type === "file") continue;
    field.type = "password";
    field.type = type;
  }
}

/** @param {any[]} touched @returns {Snapshot} */
function takeSnapshot(touched) {
  const active = focusedIn();
  // A frame that takes the focus takes it from the page around it.
  const focused = active && active !== get(document, "body") && (!framed || call(document, "hasFocus"));
  return {
    scrolls: takeScrolls(),
    fields: touched.filter((field) => field.isConnected)
      .flatMap((field) => {
        const state = tried(() => keptState(field));
        return state ? [/** @type {[Place, State]} */ ([placeOf(field), state])] : [];
      }),
    focus: focused ? [placeOf(active), ...(/** @type {[any, any]} */ (selectionOf(active)))] : null,
  };
}

/** @param {any} field */
const selectionOf = (field) => (isEditable(field) && selectionIn(field))
  || [field.selectionStart ?? null, field.selectionEnd ?? null];

/** @param {any} field @param {any} start @param {any} end */
const select = (field, start, end) => start !== null && tried(() =>
  (isEditable(field) ? selectIn(field, start, end) : field.setSelectionRange(start, end)));

/**
 * Put back what a snapshot holds, as soon as it can be: scripts may render the page later than it has loaded.
 * @param {any} before what was stored, which the page may have changed
 * @param {any[]} touched gets the fields that are filled
 * @param {Promise<unknown>} parsed
 * @param {Promise<unknown>} loaded
 */
export async function restore(before, touched, parsed, loaded) {
  const entries = listOf(before.fields).filter(Array.isArray).map(([place, state]) => entryFor(place, state));
  let scrolls = listOf(before.scrolls).filter(Array.isArray).map((scroll) => ({ scroll }));
  const [place, ...selection] = listOf(before.focus);
  /** @type {any} */
  let focused;
  const user = watchUser(touched);
  let until = Infinity;
  await parsed;
  within(loaded).then(() => until = now() + PATIENCE_MS);
  while (now() < until) {
    const filled = entries.map((entry) => tend(entry, user.typed, focused ?? (place && findAt(place)))).filter(Boolean);
    filled.forEach((field) => touched.includes(field) || touched.push(field));
    if (!user.acted) {
      const active = place && findAt(place);
      if (active && active !== focused) call(active, "focus", { preventScroll: true });
      if (active && (active !== focused || filled.includes(active))) select(active, selection[0], selection[1]);
      focused = active;
      scrolls = scrolls.filter((each) => tried(() => scrollOn(each)));
    }
    await sleep(STEP_MS);
  }
}

/**
 * Take note of what the user does from now on, which goes before what they did on the last page.
 * @param {any[]} touched the fields that they changed before
 * @returns {{typed: any[], acted: boolean}} the fields that they typed into, and whether they use the page
 */
function watchUser(touched) {
  const user = { typed: [...touched], acted: false };
  /** @param {any} event */
  const note = (event) => {
    if (!event.isTrusted) return;
    user.acted = true;
    if (event.type === "input") user.typed.push(event.composedPath()[0]);
  };
  for (const type of ["input", "wheel", "touchmove", "keydown", "pointerdown", "mousedown"]) {
    call(doc, "addEventListener", type, note, { capture: true, passive: true });
  }
  return user;
}
