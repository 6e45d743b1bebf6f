// Keeps how far the page and the boxes in it were scrolled.

import { call, get } from "../reload/native.js";
import { doc } from "../reload/page.js";
import { elementsIn, findAt, placeOf } from "./places.js";

/**
 * @typedef {[place: any, left: number, top: number]} Scroll
 * @typedef {{scroll: any[], size?: string, at?: number[]}} Pending how far a box is to be scrolled, and its content's
 *   size and its place after the last attempt
 */

/** @param {any} element @returns {number[]} */
const offsets = (element) => [get(element, "scrollLeft"), get(element, "scrollTop")];

/** @param {number[]} one @param {number[]} other */
const differ = (one, other) => one.some((value, index) => !(Math.abs(value - other[index]) <= 1));

/** @returns {Scroll[]} */
export const takeScrolls = () => elementsIn(doc)
  .filter((element) => element.scrollTop || element.scrollLeft)
  .map((element) => [placeOf(element), get(element, "scrollLeft"), get(element, "scrollTop")]);

/**
 * Scroll a box as far as its content reaches by now.
 * @param {Pending} pending
 * @returns {boolean} whether to try again: not where it is there, or where somebody else has scrolled it since
 */
export function scrollOn(pending) {
  const [place, left, top] = pending.scroll;
  const element = findAt(place);
  if (!element) return true;
  const size = `${get(element, "scrollWidth")} ${get(element, "scrollHeight")}`;
  // Content that comes or goes moves it, too.
  if (pending.at && size === pending.size && differ(offsets(element), pending.at)) return false;
  call(element, "scrollTo", { left, top, behavior: "instant" });
  Object.assign(pending, { size, at: offsets(element) });
  return differ(offsets(element), [left, top]);
}
