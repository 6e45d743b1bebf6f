// Loads the parts of the client: what a page does not need at once.

import { tag } from "./tag.js";

/**
 * @typedef {{
 *   apply: typeof import("../apply/updates.js") & typeof import("../apply/cache.js"),
 *   frames: typeof import("../frames.js"),
 *   keep: typeof import("../keep.js"),
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
