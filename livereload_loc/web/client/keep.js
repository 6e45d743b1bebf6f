// Keeps what the user typed and where they were over a reload. Both the old page and the new one load this.

/**
 * @typedef {[selector: string, index: number]} Place where an element is found again on the next page
 * @typedef {{
 *   scrolls: [Place, number, number][],
 *   fields: [Place, {value: string} | {checked: boolean} | {chosen: string[]}][],
 *   focus: [Place, number | null, number | null] | null,
 * }} Snapshot
 */

/** Passwords, files, codes, cards, and what asks not to be remembered. @param {any} field */
export const isSecret = ({ type, autocomplete, form }) => /password|file|hidden/.test(type)
  || /\boff\b|password|one-time|\bcc-/.test(`${autocomplete} ${form?.autocomplete}`);

/** @param {Element} element @returns {Place} */
function placeOf(element) {
  const name = element.getAttribute("name");
  const mark = element.id ? `#${CSS.escape(element.id)}` : name ? `[name=${CSS.escape(name)}]` : "";
  const selector = CSS.escape(element.localName) + mark;
  return [selector, [...document.querySelectorAll(selector)].indexOf(element)];
}

/** @param {Place} place @returns {any} */
const findAt = ([selector, index]) => document.querySelectorAll(selector)[index];

/** @param {any} field */
export function stateOf(field) {
  if (field.options) return { chosen: Array.from(field.selectedOptions, ({ value }) => value) };
  return /checkbox|radio/.test(field.type) ? { checked: field.checked } : { value: field.value };
}

/** @param {any} field @param {any} state */
function fill(field, { chosen, ...state }) {
  Object.assign(field, state);
  for (const option of (chosen && field.options) || []) option.selected = chosen.includes(option.value);
  // Not `change`: pages send forms on it.
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Return where the user is in the page, and what they typed.
 * @param {Set<any>} touched the fields that the user changed
 * @returns {Snapshot | null} nothing rather than an error, which would stop the reload
 */
export function snapshot(touched) {
  try {
    return takeSnapshot(touched);
  } catch {
    return null;
  }
}

/** @param {Set<any>} touched @returns {Snapshot} */
function takeSnapshot(touched) {
  /** @type {any} */
  const active = document.activeElement;
  // A frame that takes the focus takes it from the page around it.
  const focused = active && active !== document.body && (self === top || document.hasFocus());
  return {
    scrolls: [...document.querySelectorAll("*")]
      .filter((element) => element.scrollTop || element.scrollLeft)
      .map((element) => [placeOf(element), element.scrollLeft, element.scrollTop]),
    fields: [...touched]
      .filter((field) => field.isConnected && !isSecret(field))
      .map((field) => [placeOf(field), stateOf(field)]),
    focus: focused ? [placeOf(active), active.selectionStart ?? null, active.selectionEnd ?? null] : null,
  };
}

/**
 * Put back what a snapshot holds: what is there once the page is parsed, the rest when it has loaded.
 * @param {Snapshot | null | undefined} before
 * @param {Set<any>} touched gets the fields that are filled
 * @param {Promise<unknown>} parsed
 * @param {Promise<unknown>} loaded
 */
export async function restore(before, touched, parsed, loaded) {
  if (!before) return;
  await parsed;
  const missing = putBack(before, touched);
  await loaded;
  putBack(missing, touched);
}

/**
 * Put back what can be put back now.
 * @param {Snapshot} snapshot
 * @param {Set<any>} touched gets the fields that are filled
 * @returns {Snapshot} what is still missing
 */
function putBack({ scrolls, fields, focus }, touched) {
  const missing = fields.filter(([place, state]) => {
    const field = findAt(place);
    if (!field || isSecret(field)) return !field;
    touched.add(field);
    fill(field, state);
    return false;
  });
  const active = focus && findAt(focus[0]);
  active?.focus({ preventScroll: true });
  if (active && focus?.[1] != null) active.setSelectionRange(focus[1], focus[2]);
  const short = scrolls.filter(([place, left, top]) => {
    findAt(place)?.scrollTo({ left, top, behavior: "instant" });
    return !(findAt(place)?.scrollTop >= top - 1);
  });
  return { scrolls: short, fields: missing, focus: active ? null : focus };
}
