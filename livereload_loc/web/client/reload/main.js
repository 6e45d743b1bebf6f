// The reload client of loc-dev: shows in this page what was saved, and tells the server what it did.
//
// One tag is all of it: <script src="http://localhost:8081" async></script>. The tag's own URL names the
// server; data-server="http://localhost:9000" on it names another one.
//
// The modules in this folder are joined to the one script that a page loads first, the core: the tag, the socket,
// the session, what must listen from the first moment, and a plain reload. All else is in parts, which the page
// fetches when it has loaded, or when it first needs them:
//
//     (await part("panel"))?.show(message)
//
// To add a part: write ../NAME.js, or several modules in ../NAME/, whose exports are what `part` returns. They
// import what they need of the core like any module; the core hands it to them. Name the part in PARTS of
// web/scripts.py, the modules of a folder in JOINED there, and its type in parts.js. A part that may be needed
// while the server is away is fetched by `prepare` below, and the core does without it where it is not there.
//
// Pages redefine nearly everything. What is read from a document, a form or a window comes through native.js: `get`
// and `call` for what an element may stand in front of, `own` for objects of the window that may be replaced. Map,
// Set and URL come from apply/clean.js, fetch from parts.js, sleep and Promise from native.js. What comes back from
// storage is checked.

import { answer, connect, disconnect, handlers, onViolation, send } from "./connection.js";
import { forget, onInput, resume } from "./handover.js";
import { guarded, on } from "./helpers.js";
import { create, get, kind, now } from "./native.js";
import { watchNavigation } from "./navigation.js";
import { show } from "./overlay.js";
import { GUARD, all, doc, parsed, settled } from "./page.js";
import { part } from "./parts.js";
import { session } from "./session.js";
import { readTag, tag } from "./tag.js";
import { observe } from "./timing.js";
import { obey, receive } from "./updates.js";

function start() {
  const script = get(doc, "currentScript") ?? all("script[src*='/_loc/reload.js']")[0];
  if (GUARD in window || kind(script) !== "HTMLScriptElement") return;
  /** @type {any} */ (window)[GUARD] = true;
  const address = script.dataset.server || script.src;
  const server = create("a");
  server.href = address;
  if (!server.host) return console.warn(`loc-dev: ${address} is no URL of a server`);
  readTag(script, server);
  Object.assign(handlers, { hello: greet, update: receive, problem: show, solved: () => show() });
  // Nothing that is odd in the page keeps it from being connected, or one of these from the others.
  for (const step of [connect, watchNavigation, observe, goOn, listen]) guarded(step)();
}

/** Do what the document before this one had still to do. */
const goOn = () => resume().forEach(guarded(obey));

function listen() {
  on(doc, "securitypolicyviolation", onViolation);
  on(doc, "input", onInput);
  on(doc, "visibilitychange", () => get(doc, "hidden") || connect());
  on(window, "pagehide", disconnect);
  on(window, "pageshow", connect);
  on(window, "online", disconnect);
  on(window, "online", connect);
}

/** @param {import("./session.js").Hello} hello */
async function greet(hello) {
  prepare(!session.run);
  const outdated = session.greet(hello, tag.run);
  show();
  send({ type: "page", url: location.pathname + location.search, run: hello.run, seq: session.seq,
    age: now() });
  if (outdated) return obey({ seq: hello.seq, action: "reload", paths: [] });
  await parsed;
  session.pendingReloadAcks.splice(0).forEach((number) => answer(number, "reload", session.why));
  session.why = "";
  forget();
}

/**
 * Get what the next update needs, while nothing waits for it: the server may be away at that time.
 * @param {boolean} isNew whether no document before this one, which it was reloaded from, knew the server
 */
async function prepare(isNew) {
  await settled();
  (await part("apply"))?.prepare(isNew);
}

guarded(start)();
