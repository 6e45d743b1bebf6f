// The socket to the server.

import { guarded, on } from "./helpers.js";
import { sleep, toText } from "./native.js";
import { leavingMs } from "./navigation.js";
import { fetch, openSocket, part } from "./parts.js";
import { tag } from "./tag.js";

// How often a server is looked for every 100 ms: one that restarts is back by then, and one that was stopped stays away.
const QUICK = 50;

/** @type {WebSocket | null} */
let socket = null;
/** How often the server was looked for since it was there. */
export let attempts = 0;
// Counts up when what was planned before is not to be done any more.
let plan = 0;
// The plan whose socket is being opened.
let opening = -1;
// Whether the page's policy blocks the socket.
let blocked = false;

/** What is done about each kind of message. @type {Record<string, (message: any) => unknown>} */
export const handlers = Object.create(null);

/** Which of our URLs the page's policy lets nobody ask for. @type {Record<string, boolean>} */
const mute = Object.create(null);

/** Return whether anything answers there, a gateway, say, as far as can be known. @param {string} url */
const answers = (url) => mute[url] ||
  fetch(url, { mode: "no-cors", cache: "no-store" }).then(() => true, () => false);

export const connect = guarded(async () => {
  if (blocked || socket || opening === plan) return;
  const current = opening = ++plan;
  // Firefox delays sockets after failed ones: an answer shows that one may open. An app that has its socket on another
  // port may come back later than that, and a page that reloads must find it there.
  // WebKit makes no request for a page that is being left.
  const isAway = attempts && !(await answers(tag.src) && await answers(tag.server.href));
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
    if (!opened && attempts > 1) (await part("refusals"))?.sayRefused();
  });
});

async function retry() {
  const current = ++plan;
  // Pages that lost the server together should not come together.
  await sleep((1 - Math.random() / 2) * (attempts++ < QUICK ? 100 : 2000) + leavingMs());
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
  // Some browsers name the origin only.
  for (const url of [tag.src, tag.server.href]) mute[url] ||= url.startsWith(blockedURI);
  if (!blockedURI.startsWith(tag.endpoint)) return;
  blocked = true;
  (await part("refusals"))?.sayBlocked();
}

/** @param {object} message */
export const send = (message) => socket?.readyState === 1 && socket.send(toText(message));

/** Tell what the page did about an update. @param {number} seq @param {string} did */
export const answer = (seq, did, why = "") => send({ type: "applied", seq, did, why });
