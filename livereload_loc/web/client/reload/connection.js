// The socket to the server.

import { PATIENCE_MS, guarded, on } from "./helpers.js";
import { sleep, toText } from "./native.js";
import { isLeaving } from "./navigation.js";
import { fetch, openSocket, part } from "./parts.js";
import { tag } from "./tag.js";

const RETRY_MS = 200;

/** @type {WebSocket | null} */
let socket = null;
let attempts = 0;
// Counts up when what was planned before is not to be done any more.
let plan = 0;
// The plan whose socket is being opened.
let opening = -1;
// Whether the page's policy blocks the socket.
let blocked = false;

/** What is done about each kind of message. @type {Record<string, (message: any) => unknown>} */
export const handlers = Object.create(null);

/** Whether the server is there at all, though a socket failed: its public script shows it. */
const isThere = () =>
  fetch(tag.server.href, { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);

export const connect = guarded(async () => {
  if (blocked || socket || opening === plan) return;
  const current = opening = ++plan;
  let mine;
  try {
    mine = await openSocket(tag.endpoint);
  } finally {
    opening = -1;
  }
  if (current !== plan) return mine.close();
  socket = mine;
  let opened = false;
  on(mine, "message", ({ data }) => {
    opened = true;
    if (mine !== socket) return;
    attempts = 0;
    const message = { __proto__: null, ...JSON.parse(data) };
    return handlers[message.type]?.(message);
  });
  on(mine, "close", async () => {
    if (mine !== socket) return;
    socket = null;
    retry();
    // Firefox cuts the sockets of a page that is being left.
    if (!opened && !isLeaving() && await isThere()) (await part("refusals"))?.sayRefused();
  });
});

async function retry() {
  const current = ++plan;
  await sleep(Math.random() * RETRY_MS * Math.min(2 ** attempts++, 10) + (isLeaving() ? PATIENCE_MS : 0));
  if (plan === current) connect();
}

// An open socket may keep the page out of the back/forward cache.
export function disconnect() {
  plan++;
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
export const send = (message) => socket?.readyState === 1 && socket.send(toText(message));

/** Tell what the page did about an update. @param {number} seq @param {string} did */
export const answer = (seq, did, why = "") => send({ type: "applied", seq, did, why });
