// Says in the console why the page cannot reach the server, and what helps.

import { tag } from "./reload/tag.js";

let blocked = false;

/** @type {string[]} */
const said = [];
/** @param {string} text */
function sayOnce(text) {
  if (!said.includes(text)) console.warn(`loc-dev: ${text}`);
  said.push(text);
}

/** @param {string} source what the page's policy has to allow */
export function sayBlocked(source) {
  blocked ||= source === tag.origin;
  sayOnce(`blocked by the Content-Security-Policy here: add ${source} to connect-src`);
}

/** Say that the server, which is there, refuses this page. A browser does not say why a socket failed. */
export function sayRefused() {
  if (!blocked) sayOnce(`refused here: start it with --allow-origin ${location.origin}`);
}
