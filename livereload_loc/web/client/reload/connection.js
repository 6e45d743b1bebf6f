// The socket to the server.

import { guarded, on } from "./helpers.js";
import { part } from "./parts.js";
import { tag } from "./tag.js";

const RETRY_MS = 200;

/** @type {WebSocket | null} */
let socket = null;
let attempts = 0;
let timer = 0;
// Whether the page's policy blocks the socket.
let blocked = false;

/** What is done about each kind of message. @type {Record<string, (message: any) => unknown>} */
export const handlers = {};

/** Whether the server is there at all, though a socket failed: its public script shows it. */
const isThere = () =>
  fetch(tag.server, { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);

export const connect = guarded(() => {
  if (blocked || socket) return;
  clearTimeout(timer);
  const mine = socket = new WebSocket(tag.endpoint);
  let opened = false;
  on(mine, "message", ({ data }) => {
    opened = true;
    if (mine !== socket) return;
    attempts = 0;
    const message = JSON.parse(data);
    return handlers[message.type]?.(message);
  });
  on(mine, "close", async () => {
    if (mine !== socket) return;
    socket = null;
    timer = setTimeout(connect, Math.random() * RETRY_MS * Math.min(2 ** attempts++, 10));
    if (!opened && await isThere()) (await part("refusals"))?.sayRefused();
  });
});

// An open socket may keep the page out of the back/forward cache.
export function disconnect() {
  clearTimeout(timer);
  socket?.close(1000);
  socket = null;
}

/** @param {SecurityPolicyViolationEvent} event */
export async function onViolation({ blockedURI, effectiveDirective, disposition }) {
  if (effectiveDirective !== "connect-src" || disposition !== "enforce") return;
  if (!blockedURI.startsWith(tag.endpoint)) return;
  blocked = true;
  (await part("refusals"))?.sayBlocked(tag.origin);
}

/** @param {object} message */
export const send = (message) => socket?.readyState === 1 && socket.send(JSON.stringify(message));

/** Tell what the page did about an update. @param {number} seq @param {string} did */
export const answer = (seq, did, why = "") => send({ type: "applied", seq, did, why });
