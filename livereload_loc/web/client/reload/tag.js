// What the script tag says.

import { guarded } from "./helpers.js";

/**
 * @typedef {{src: string, server: URL, origin: string, endpoint: string, run?: string, page?: string}} Tag
 *   where the client and its server are (`origin` for sockets), and what the server knew when it put in the
 *   tag: the run of the app, and the files that the page is made of
 */

/** Set before anything else happens. @type {Tag} */
export let tag;

/**
 * @param {{src: string, dataset: DOMStringMap}} script
 * @param {URL} server
 */
export function readTag({ src, dataset }, server) {
  const origin = server.origin.replace("http", "ws");
  const endpoint = `${origin}${server.pathname.replace(/\/(_loc\/.*)?$/, "")}/_loc/ws/reload`;
  tag = { src, server, origin, endpoint, run: dataset.run, page: dataset.page };
}

/**
 * Load a part of the client that is needed seldom, and return what `work` makes of it; undefined on failure.
 * @type {(name: string, work: (part: any) => unknown) => Promise<any>}
 */
export const part = guarded(async (name, work) =>
  work(await import(`${tag.src.replace(/(_loc\/[^/]*)?([?#].*)?$/, "_loc/")}${name}.js`)));
