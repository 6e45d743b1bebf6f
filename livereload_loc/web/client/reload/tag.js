// What the script tag says.

/**
 * @typedef {{src: string, server: {origin: string, pathname: string, href: string}, origin: string, endpoint: string, id?: string, run?: string, page?: string}} Tag
 *   where the client and its server are (`origin` for sockets), and what the server knew when it put in the
 *   tag: the id of the response, the run of the app, and the files that the page is made of
 */

/** Set before anything else happens. @type {Tag} */
export let tag;

/**
 * @param {{src: string, dataset: DOMStringMap}} script
 * @param {Tag["server"]} server
 */
export function readTag({ src, dataset }, server) {
  const origin = server.origin.replace("http", "ws");
  const endpoint = `${origin}${server.pathname.replace(/\/(_loc\/.*)?$/, "")}/_loc/ws/reload`;
  tag = { ...dataset, src, server, origin, endpoint };
}
