// The socket to the server.

import { guarded, on } from "./helpers.js";
import { sleep, toText } from "./native.js";
import { leavingMs } from "./navigation.js";
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

// Whether the page's policy blocks requests to the server.
let mute = false;

export const connect = guarded(async () => {
  if (blocked || socket || opening === plan) return;
  const current = opening = ++plan;
  // Firefox delays sockets after failed ones: any answer, a gateway's, too, shows that one may open.
  // WebKit makes no request for a page that is being left.
  const isAway = attempts && !mute &&
    await fetch(tag.server.href, { mode: "no-cors", cache: "no-store" }).then(() => false, () => true);
  if (current !== plan) return;
  if (isAway) return retry();
  const mine = await openSocket(tag.endpoint).finally(() => opening = -1);
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
    // The second time the server was there just before.
    if (!opened && !mute && attempts > 1) (await part("refusals"))?.sayRefused();
  });
});

async function retry() {
  const current = ++plan;
  await sleep(Math.random() * RETRY_MS * Math.min(2 ** attempts++, 10) + leavingMs());
  if (plan === current) connect();
}

// An open socket keeps the page out of the back/forward cache; out of Firefox's, also one that is closed here.
export function disconnect() {
  plan++;
  socket?.close(1000);
  socket = null;
}

/** @param {SecurityPolicyViolationEvent} event */
export async function onViolation({ blockedURI, effectiveDirective, disposition }) {
  if (effectiveDirective !== "connect-src" || disposition !== "enforce") return;
  mute ||= blockedURI.startsWith(tag.server.origin);
  if (!blockedURI.startsWith(tag.endpoint)) return;
  blocked = true;
  (await part("refusals"))?.sayBlocked();
}

/** @param {object} message */
export const send = (message) => socket?.readyState === 1 && socket.send(toText(message));

/** Tell what the page did about an update. @param {number} seq @param {string} did */
export const answer = (seq, did, why = "") => send({ type: "applied", seq, did, why });
