// Says in the console why the page cannot reach the server, and what helps.

import { leavingMs } from "./reload/navigation.js";
import { fetch } from "./reload/parts.js";
import { tag } from "./reload/tag.js";

let blocked = false;

/** @type {string[]} */
const warned = [];
/** @param {string} text */
function warnOnce(text) {
  if (!warned.includes(text)) console.warn(`loc-dev: ${text}`);
  warned.push(text);
}

/** @param {string} [source] what the page's policy has to allow */
export function sayBlocked(source = tag.origin) {
  blocked ||= source === tag.origin;
  warnOnce(`blocked by the Content-Security-Policy here: add ${source} to connect-src`);
}

/** Say that the server refuses this page, where its public script is to be had: a browser does not say why a socket failed. */
export async function sayRefused() {
  const response = fetch(tag.server.href, { cache: "no-store", credentials: "omit" });
  const isThere = await response.then(({ ok }) => ok, () => false);
  // Firefox cuts the sockets of a page that is being left.
  if (isThere && !blocked && !leavingMs()) warnOnce(`refused here: start it with --allow-origin ${location.origin}`);
}
