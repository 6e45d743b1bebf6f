// Loads the parts of the client: what a page does not need at once.

import { isNative } from "./native.js";
import { tag } from "./tag.js";

/**
 * @typedef {{
 *   apply: typeof import("../apply/updates.js") & typeof import("../apply/preparing.js")
 *     & typeof import("../apply/clean.js") & typeof import("../apply/refetching.js") & typeof import("../apply/trusted.js"),
 *   forms: typeof import("../forms.js"),
 *   frames: typeof import("../frames.js"),
 *   inplace: typeof import("../inplace/updates.js"),
 *   keep: typeof import("../keep/snapshot.js") & typeof import("../keep/departure.js"),
 *   memory: typeof import("../memory.js"),
 *   panel: typeof import("../panel.js"),
 *   refusals: typeof import("../refusals.js"),
 * }} Parts the exports of each part
 */

/** What the parts import of the core. The server fills it in when it joins the modules. @type {() => object} */
let shared = () => ({});

/** @type {Record<string, Promise<any> | undefined>} */
const asked = Object.create(null);
// Browsers remember that a module could not be loaded, by its URL.
let failures = 0;

/**
 * Load a part. One that is there already, or on its way, is not asked for again.
 * @template {keyof Parts} Name
 * @param {Name} name
 * @returns {Promise<Parts[Name] | undefined>} undefined where it cannot be loaded now
 */
export async function part(name) {
  const url = tag.src.replace(/(_loc\/[^/]*)?([?#].*)?$/, `_loc/${name}.js#${failures}`);
  try {
    return await (asked[name] ??= import(url).then(({ link }) => link(shared())));
  } catch {
    asked[name] = undefined;
    failures++;
  }
}

/**
 * Return a function or class of the browser, also where the page has replaced it.
 * @param {"fetch" | "WebSocket"} name
 * @returns {Promise<any>}
 */
const genuine = async (name) =>
  (isNative(globalThis[name]) ? globalThis[name] : (await part("apply"))?.pristine(name));

/** @param {string | URL} url @param {RequestInit} init @returns {Promise<Response>} */
export const fetch = async (url, init) => (await genuine("fetch"))(url, { __proto__: null, ...init });

/** Open a socket. @param {string} url @returns {Promise<WebSocket>} */
export const openSocket = async (url) => new (await genuine("WebSocket"))(url);
