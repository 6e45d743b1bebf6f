// Finds an element of a page on the next one again, also one in the open shadow roots of components.

import { listOf, tried } from "../reload/helpers.js";
import { call, get } from "../reload/native.js";
import { doc } from "../reload/page.js";

/** @typedef {(string | number)[]} Place selectors and numbers by turns: of an element, and of what is in its shadow root */

/** @param {any} root @param {string} selector @returns {any[]} */
const allIn = (root, selector) => [...call(root, "querySelectorAll", selector)];

/** @param {any} element @param {string} name */
export const attribute = (element, name) => (element && call(element, "getAttribute", name)) ?? "";

/** @param {any} element @returns {Place} */
export function placeOf(element) {
  const tagName = get(element, "localName");
  const name = ["id", "name"].filter((each) => attribute(element, each))[0];
  const value = name && attribute(element, name).replace(/["\\]/g, "\\$&");
  const selector = (/^[\w-]+$/.test(tagName) ? tagName : "*") + (name ? `[${name}="${value}"]` : "");
  const root = call(element, "getRootNode");
  const host = get(root, "host");
  return [...(host ? placeOf(host) : []), selector, allIn(root, selector).indexOf(element)];
}

/** Return the element at a place, if there is one. @param {any} place @returns {any} */
export const findAt = (place) => tried(() => {
  let root = doc;
  let found;
  for (let at = 0; at < listOf(place).length; at += 2) {
    found = allIn(root, place[at])[place[at + 1]];
    root = get(found, "shadowRoot");
  }
  return found;
}) || undefined;

/** Return all elements of a document or shadow root, and those in the open shadow roots in it. @param {any} root @returns {any[]} */
export const elementsIn = (root) => allIn(root, "*").flatMap((element) => {
  const inner = element.shadowRoot && get(element, "shadowRoot");
  return inner ? [element, ...elementsIn(inner)] : [element];
});

/** Return the element with the focus, also where a component holds it. @param {any} [root] @returns {any} */
export function focusedIn(root = doc) {
  const found = get(root, "activeElement");
  const inner = found && get(found, "shadowRoot");
  return (inner && focusedIn(inner)) ?? found;
}
