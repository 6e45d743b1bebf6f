// Finds an element of a page on the next one again.

import { tried } from "../reload/helpers.js";
import { call, get } from "../reload/native.js";
import { all } from "../reload/page.js";

/** @typedef {[selector: string, index: number]} Place */

/** @param {any} element @param {string} name */
export const attribute = (element, name) => (element && call(element, "getAttribute", name)) ?? "";

/** @param {any} element @returns {Place} */
export function placeOf(element) {
  const tagName = get(element, "localName");
  const name = ["id", "name"].find((each) => attribute(element, each));
  const value = name && attribute(element, name).replace(/["\\]/g, "\\$&");
  const selector = (/^[\w-]+$/.test(tagName) ? tagName : "*") + (name ? `[${name}="${value}"]` : "");
  return [selector, all(selector).indexOf(element)];
}

/** Return the element at a place, if there is one. @param {any} place @returns {any} */
export const findAt = (place) => tried(() => all(place[0])[place[1]]) || undefined;
