// What the user would miss after a reload: what they typed, where they were. Asked for when a page is
// reloaded, by the old page and by the new one.

/**
 * @typedef {[selector: string, index: number]} Place where an element is found again on the next page
 * @typedef {{
 *   scrolls: [Place, number, number][],
 *   fields: [Place, {value: string} | {checked: boolean} | {chosen: string[]}][],
 *   focus: [Place, number | null, number | null] | null,
 * }} Looks
 */

/** Passwords, files, codes, cards, and what asks not to be remembered. @param {any} field */
const secret = ({ type, autocomplete, form }) => /password|file|hidden/.test(type)
  || /\boff\b|password|one-time|\bcc-/.test(`${autocomplete} ${form?.autocomplete}`);

/** @param {Element} element @returns {Place} */
function placeOf(element) {
  const name = element.getAttribute("name");
  const mark = element.id ? `#${CSS.escape(element.id)}` : name ? `[name=${CSS.escape(name)}]` : "";
  const selector = CSS.escape(element.localName) + mark;
  return [selector, [...document.querySelectorAll(selector)].indexOf(element)];
}

/** @param {Place} place @returns {any} */
const find = ([selector, index]) => document.querySelectorAll(selector)[index];

/** @param {any} field */
function stateOf(field) {
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
 * Where the user is in the page, and what they typed.
 * @param {Set<any>} touched the fields that the user changed
 * @returns {Looks | null} nothing rather than an error, which would stop the reload
 */
export function looks(touched) {
  try {
    return look(touched);
  } catch {
    return null;
  }
}

/** @param {Set<any>} touched @returns {Looks} */
function look(touched) {
  /** @type {any} */
  const active = document.activeElement;
  // A frame that takes the focus takes it from the page around it.
  const focused = active && active !== document.body && (self === top || document.hasFocus());
  return {
    scrolls: [...document.querySelectorAll("*")]
      .filter((element) => element.scrollTop || element.scrollLeft)
      .map((element) => [placeOf(element), element.scrollLeft, element.scrollTop]),
    fields: [...touched]
      .filter((field) => field.isConnected && !secret(field))
      .map((field) => [placeOf(field), stateOf(field)]),
    focus: focused ? [placeOf(active), active.selectionStart ?? null, active.selectionEnd ?? null] : null,
  };
}

/**
 * Put back what can be put back now.
 * @param {Looks} looks
 * @param {Set<any>} touched gets the fields that are filled
 * @returns {Looks} what is still missing
 */
export function restore({ scrolls, fields, focus }, touched) {
  const missing = fields.filter(([place, state]) => {
    const field = find(place);
    if (!field || secret(field)) return !field;
    touched.add(field);
    fill(field, state);
    return false;
  });
  const active = focus && find(focus[0]);
  active?.focus({ preventScroll: true });
  if (active && focus?.[1] != null) active.setSelectionRange(focus[1], focus[2]);
  const short = scrolls.filter(([place, left, top]) => {
    find(place)?.scrollTo({ left, top, behavior: "instant" });
    return !(find(place)?.scrollTop >= top - 1);
  });
  return { scrolls: short, fields: missing, focus: active ? null : focus };
}
