// Says in the console why the page cannot reach the server, and what helps.

import { isOwn } from "./page.js";
import { fetching } from "./refetching.js";
import { tag } from "./tag.js";

/** Whether the page's policy blocks the socket. */
export let blocked = false;

/** @type {Set<string>} */
const said = new Set();
/** @param {string} text */
function sayOnce(text) {
  if (!said.has(text)) console.warn(`loc-dev: ${text}`);
  said.add(text);
}

/** @param {SecurityPolicyViolationEvent} event */
export function onViolation({ blockedURI, effectiveDirective, disposition }) {
  const ours = blockedURI.startsWith(tag.endpoint);
  const file = fetching.size && isOwn(blockedURI);
  if (effectiveDirective !== "connect-src" || disposition !== "enforce" || !(ours || file)) return;
  blocked ||= ours;
  sayOnce(`blocked by the Content-Security-Policy here: add ${ours ? tag.origin : "'self'"} to connect-src`);
}

/**
 * Say that the server refuses this page, if it does. A browser does not say why a socket failed; whether the
 * server is there at all shows by its public script.
 */
export async function explain() {
  const there = await fetch(tag.server, { cache: "no-store", credentials: "omit" })
    .then(({ ok }) => ok, () => false);
  if (there && !blocked) sayOnce(`refused here: start it with --allow-origin ${location.origin}`);
}
