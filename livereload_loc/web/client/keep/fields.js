// What is kept of a field, and of which.

/**
 * Return whether a field is for passwords, files, codes or cards, or asks not to be remembered.
 * @param {string} type
 * @param {string} autocomplete what the attributes of the field and its form say
 */
export const isSecret = (type, autocomplete) =>
  /password|file|hidden/.test(type) || /\boff\b|password|one-time|\bcc-/i.test(autocomplete);

/** @param {any} field */
export function stateOf(field) {
  if (field.options) return { chosen: [...field.selectedOptions].map(({ value }) => value) };
  return /checkbox|radio/.test(field.type) ? { checked: field.checked } : { value: field.value };
}
