// The reload client of loc-dev: shows in this page what was saved, and tells the server what it did.
//
// One tag is all of it: <script src="http://localhost:8081" async></script>. The tag's own URL names the
// server; data-server="http://localhost:9000" on it names another one.
// What is needed seldom lies in files of its own: swap.js, keep.js, frames.js, panel.js, cache.js.

import { answer, connect, disconnect, handlers, send } from "./connection.js";
import { forget, onInput, resume } from "./handover.js";
import { guarded, on } from "./helpers.js";
import { visit, watchNavigation } from "./navigation.js";
import { hide, show } from "./overlay.js";
import { GUARD, all, doc, here, loaded, parsed } from "./page.js";
import { onViolation } from "./refusals.js";
import { reload } from "./reloading.js";
import { session } from "./session.js";
import { part, readTag, tag } from "./tag.js";
import { apply, receive } from "./updates.js";
import { pathOf, plain } from "./urls.js";

function start() {
  const script = doc.currentScript ?? doc.querySelector("script[src*='/_loc/reload.js']");
  if (GUARD in window || !(script instanceof HTMLScriptElement)) return;
  Object.defineProperty(window, GUARD, { value: true });
  const address = script.dataset.server || script.src;
  if (!URL.canParse(address, doc.baseURI)) return console.warn(`loc-dev: ${address} is no URL of a server`);
  readTag(script, new URL(address, doc.baseURI));
  watchNavigation();
  resume().forEach(guarded(apply));
  on(doc, "securitypolicyviolation", onViolation);
  on(doc, "input", onInput);
  on(doc, "visibilitychange", () => doc.hidden || connect());
  on(doc, "load", ({ target }) => adopt(target));
  all("iframe").forEach(adopt);
  on(window, "pagehide", disconnect);
  on(window, "pageshow", connect);
  on(window, "online", disconnect);
  on(window, "online", connect);
  Object.assign(handlers, { hello: greet, update: receive, problem: show, solved: hide });
  connect();
}

/** @param {import("./session.js").Hello} hello */
async function greet(hello) {
  if (!session.run) loaded.then(checkCache);
  const outdated = session.greet(hello, tag.run);
  hide();
  send({ type: "page", url: location.pathname + location.search, run: hello.run, seq: session.seq,
    age: performance.now() });
  if (outdated) return reload(hello.seq);
  await parsed;
  session.pendingReloadAcks.splice(0).forEach((number) => answer(number, "reload"));
  forget();
}

/** Show what was saved since the HTTP cache got it: a page that a link opened may come from there. */
const checkCache = () =>
  part("cache", ({ check }) => check(session, [plain(tag.src), visit.answersPost && here()], pathOf, apply));

/** Give a frame of this origin a client of its own, where it has none. @param {any} frame */
const adopt = (frame) => frame.contentDocument && part("frames", (frames) => frames.adopt(frame, tag));

guarded(start)();
