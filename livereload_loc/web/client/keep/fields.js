// What is kept of a field, and of which. Nothing here touches the page.

/**
 * Return whether a field is for passwords, files, codes or cards, hidden, or asks not to be remembered. This is the
 * one list of what is never put back.
 * @param {string} type
 * @param {string} autocomplete what the attributes of the field and its form say; Firefox has no property for some
 */
export const isSecret = (type, autocomplete) =>
  /password|file|hidden/.test(type) || /\boff\b|password|one-time|\bcc-/i.test(autocomplete);

/** @param {any} field */
export function stateOf(field) {
  if (field.options) return { chosen: [...field.selectedOptions].map(({ value }) => value) };
  return /checkbox|radio/.test(field.type) ? { checked: field.checked } : { value: field.value };
}

/**
 * Return whether a field can have a state that was stored. A list may get its options later.
 * @param {any} field
 * @param {any} state
 */
export function fits(field, { value, checked, chosen }) {
  if (field.options) {
    const offered = [...field.options].map((option) => option.value);
    return Array.isArray(chosen) && chosen.every((each) => offered.includes(each));
  }
  return /checkbox|radio/.test(field.type) ? typeof checked === "boolean" : typeof value === "string";
}

// What React, Vue, Svelte, Angular, Alpine and Solid leave on the fields that they keep in step with their state:
// symbols, and properties of these names.
const MANAGED = /^(Symbol\(|__(react|vue|vnode|value|ng)|_x_|_assign|\$\$)/;

/**
 * Return the events by which a field learns that it was filled. An ordinary page acts on `change`: it sends a form,
 * say. Only a field that a framework has marked gets what a user's typing fires.
 * @param {string} type
 * @param {string[]} marks the names of the properties that scripts gave the field
 * @param {boolean} isFocused whether the user was still typing: then no `change` was fired before
 */
export function eventsFor(type, marks, isFocused) {
  const isTicked = /checkbox|radio/.test(type);
  return [
    // React hears these alone.
    ...(isTicked && marks.some((name) => name.startsWith("__react")) ? ["click"] : []),
    "input",
    ...(isManaged(marks) && (isTicked || !isFocused || /select/.test(type)) ? ["change"] : []),
  ];
}

/** @param {string[]} marks */
export const isManaged = (marks) => marks.some((name) => MANAGED.test(name));
