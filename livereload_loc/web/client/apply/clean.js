// What a page may have replaced, as the browser made it.

import { call, create, get, isNative } from "../reload/native.js";

/** @type {any} */
let frame;

/**
 * Put an element into the page where neither the page's scripts nor its users see it.
 * @param {any} element
 * @returns {any} what holds it
 */
export function hide(element) {
  const host = create("loc-frame");
  host.hidden = true;
  call(call(host, "attachShadow", { mode: "closed" }), "append", element);
  call(get(document, "documentElement"), "append", host);
  return host;
}

/**
 * Return a function or class of the browser. Where the page has replaced it, it is that of an empty frame.
 * @param {string} name
 * @returns {any}
 */
export function pristine(name) {
  const given = globalThis[/** @type {keyof typeof globalThis} */ (name)];
  // Under node, in tests, there is no other.
  if (isNative(given) || typeof document === "undefined") return given;
  if (!frame) {
    frame = create("iframe");
    hide(frame);
  }
  return frame.contentWindow[name];
}

export const Map = /** @type {MapConstructor} */ (pristine("Map"));
export const Set = /** @type {SetConstructor} */ (pristine("Set"));
export const URL = /** @type {typeof globalThis.URL} */ (pristine("URL"));
