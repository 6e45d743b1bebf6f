// The reload client of loc-dev: shows in this page what was saved, and tells the server what it did.
//
// One tag is all of it: <script src="http://localhost:8081" async></script>. The tag's own URL names the
// server; data-server="http://localhost:9000" on it names another one.
// What is needed seldom lies in files of its own: swap.js, keep.js, frames.js, panel.js, cache.js.
// Served are these lines without comments and indentation, so comments stand on lines of their own.

/**
 * @typedef {{seq: number, action: string, paths: string[], all?: boolean}} Update
 * @typedef {{
 *   at: number, run: string | null, seq: number | null, owed: number[], held: Update[], looks?: object,
 * }} Kept what a page leaves for the one that it is reloaded to
 */

(() => {
  "use strict";

  const doc = document;
  const GUARD = Symbol.for("loc-dev");
  const tag = doc.currentScript ?? doc.querySelector("script[src*='/_loc/reload.js']");
  if (GUARD in window || !(tag instanceof HTMLScriptElement)) return;
  Object.defineProperty(window, GUARD, { value: true });

  const { src } = tag;
  const address = tag.dataset.server || src;
  if (!URL.canParse(address, doc.baseURI)) return console.warn(`loc-dev: ${address} is no URL of a server`);
  const server = new URL(address, doc.baseURI);
  const origin = server.origin.replace("http", "ws");
  const endpoint = `${origin}${server.pathname.replace(/\/(_loc\/.*)?$/, "")}/_loc/ws/reload`;

  /** A part of the client that is needed seldom. @param {string} name @returns {Promise<any>} */
  const part = (name) => import(`${src.replace(/(_loc\/[^/]*)?([?#].*)?$/, "_loc/")}${name}.js`);

  const ASSET = /\.(css|[cm]?js|apng|avif|bmp|gif|ico|jfif|jpe?g|png|svg|webp|woff2?|[ot]tf|eot)$/i;
  const PAGE = /(^|\/|\.x?html?)$/i;
  const PATIENCE_MS = 5000;
  const REFRESH_MS = 1000;
  const RETRY_MS = 200;
  const KEPT_MS = 60_000;

  /** The run of the server that this page knows. @type {string | null} */
  let run = null;
  // The run of the app that made the page, where that has put the tag in itself.
  const born = tag.dataset.run;
  /** The number of the last update of it that came. @type {number | null} */
  let seq = null;
  // The server's count when it greeted, and whether its paths are URL paths (loc-dev serve).
  let greeted = 0;
  let exact = false;
  /** Updates whose reload the next page reports. @type {number[]} */
  let owed = [];
  /** Updates that wait until the page has loaded. @type {Set<Update>} */
  const held = new Set();

  // ------------------------------------------------------------------ small things

  /**
   * The same work, but what it throws stays out of the page.
   * @param {(...args: any[]) => unknown} work
   * @returns {(...args: any[]) => Promise<any>}
   */
  const guarded = (work) => async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      console.debug("loc-dev:", error);
    }
  };

  /** @param {EventTarget} target @param {string} type @param {(event: any) => unknown} work */
  const on = (target, type, work) => target.addEventListener(type, guarded(work), true);

  /** @param {number} ms @returns {Promise<any>} */
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  /** @param {string} selector @param {ParentNode} root @returns {any[]} */
  const all = (selector, root = doc) => [...root.querySelectorAll(selector)];

  /** @param {string} states @param {EventTarget} target @param {string} type @returns {Promise<any>} */
  const reached = (states, target, type) => new Promise((done) => {
    if (states.includes(doc.readyState)) done(0);
    else on(target, type, done);
  });
  const parsed = reached("interactive complete", doc, "DOMContentLoaded");
  const loaded = reached("complete", window, "load");

  /**
   * What this tab left under `key`, which is taken out, and `value` in its place.
   * Storage may be blocked or full.
   * @param {string} key
   * @param {unknown} [value]
   */
  function exchange(key, value) {
    try {
      const old = sessionStorage.getItem(`loc-dev ${key}`);
      sessionStorage.removeItem(`loc-dev ${key}`);
      if (value) sessionStorage.setItem(`loc-dev ${key}`, JSON.stringify(value));
      return JSON.parse(old ?? "null");
    } catch {
      return null;
    }
  }

  /** A URL without fragment and without the stamp of a swap. @param {string} url */
  const plain = (url) => url.replace(/#.*/, "").replace(/[?&]_loc=\d+$/, "");

  const here = () => plain(location.href);

  /** @param {string} url */
  const isOwn = (url) => url.startsWith(`${location.origin}/`);

  /** @param {() => string | undefined} work */
  function tried(work) {
    try {
      return work() ?? "";
    } catch {
      return "";
    }
  }

  /** The decoded path without its first slash. @param {string} url */
  const pathOf = (url) => tried(() => decodeURIComponent(new URL(url).pathname.slice(1)).normalize());

  // ------------------------------------------------------------------ what the page uses

  /** A file that a page cannot say it does not use. @param {string} path */
  const concernsAll = (path) => path.includes("\uFFFD") || !(ASSET.test(path) || (exact && PAGE.test(path)));

  /** What Resource Timing saw, beyond the 250 entries that it keeps. @type {Set<string>} */
  const timed = new Set();
  // The pages that scripts fetched. A server of files may be asked for them again; a frame reloads by itself.
  /** @type {Set<string>} */
  const fetched = new Set();
  /** @param {any[]} entries */
  const note = (entries) => entries.forEach(({ name, initiatorType }) => {
    const path = pathOf(name);
    if (ASSET.test(path)) timed.add(plain(name));
    else if (/fetch|http/.test(initiatorType) && PAGE.test(path) && isOwn(name)) fetched.add(plain(name));
  });
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "resource", buffered: true });

  // A server names the file that it shows at another address, or whatever lies in a folder: /404.html, /files/*,
  // or ** for all that is below the page.
  const sources = () => (tag.dataset.page?.split(" ") ?? [])
    .map((name) => new URL(name, here().replace(/\/*(\?.*)?$/, "/")).href);

  /** The script of the service worker that answers for the page, which a page in a sandbox may not ask for. */
  const worker = () => tried(() => navigator.serviceWorker.controller?.scriptURL);

  /** The URLs that the page shows, has loaded, or is about to load. */
  function used() {
    note(observer.takeRecords());
    const named = all("[src],link:is([rel~=stylesheet],[rel*=icon],[rel*=preload])")
      .filter((element) => !hasClient(element))
      .map((element) => element.src || element.href || "");
    return new Set([location.href, ...sources(), worker(), ...timed, ...(exact ? fetched : []), ...named]
      .map(plain).filter((url) => url && url !== plain(src)));
  }

  /**
   * Those of `urls` that `path` means: they share the longest run of last segments.
   * @param {string} path
   * @param {Set<string>} urls
   */
  function meant(path, urls) {
    const wanted = path.normalize().split("/");
    const likes = [...urls].map((url) => {
      const given = pathOf(url).replace(/(^|\/)$/, "$1index.html").split("/");
      if (given.at(-1) === "**") given.splice(-1, 1, ...wanted.slice(given.length - 1).fill("*"));
      const odd = wanted.findIndex((_, index) => ![wanted.at(-1 - index), "*"].includes(given.at(-1 - index)));
      const like = odd < 0 ? wanted.length : odd;
      return { url, like: exact && (odd >= 0 || given.length > like) ? 0 : like };
    });
    const best = Math.max(1, ...likes.map(({ like }) => like));
    return likes.filter(({ like }) => like === best).map(({ url }) => url);
  }

  // ------------------------------------------------------------------ deciding

  /** Updates come in order; one that is missing got lost on the way. @param {Update} update */
  function receive(update) {
    if (!update.all && seq !== null && update.seq <= seq) return;
    const gap = update.seq > (seq ?? greeted) + 1;
    seq = update.seq;
    return gap ? reload(seq) : decide(update);
  }

  /** Do what `update` asks of this page. @param {Update} update */
  async function decide(update) {
    const { seq: number, action, paths } = update;
    const everyone = paths.some(concernsAll);
    const find = (urls = used()) => new Set(paths.flatMap((path) => meant(path, urls)));
    let hits = find();
    let must = update.all;
    if (paths.length && !hits.size && !everyone && !must && loading()) {
      // What a page uses shows when it has loaded. By then the server cannot tell again what nobody uses.
      held.add(update);
      await settled();
      held.delete(update);
      hits = find();
      must = !exact;
    }
    // A worker loads what the page knows nothing of: its file may be where its path says. Where paths are URL
    // paths, one that concerns all is none: pages are made of that file.
    if (must && !hits.size && !exact) {
      hits = new Set(paths.flatMap((path) => [`/${path}`, path].map((url) => new URL(url, here()).href)));
    }
    const swappable = hits.size && !everyone && /css|image/.test(action);
    if (swappable) swapping = swapping.then(guarded(() => swap(number, action, hits)));
    else if (!paths.length) await reload(number);
    else if (everyone || must || hits.size) await reload(number, hits, everyone);
    else answer(number, "nothing", "not used here");
  }

  /** Swaps are done one after the other, so that the newest is the last. @type {Promise<unknown>} */
  let swapping = Promise.resolve();

  /** @param {number} number @param {string} action @param {Set<string>} urls */
  async function swap(number, action, urls) {
    const attempt = guarded(async () => (await part("swap")).swap(action, urls, refetch));
    let done = await attempt();
    if (!done && loading()) {
      await settled();
      done = await attempt();
    }
    return done ? answer(number, action) : reload(number, urls);
  }

  // Some pages never end loading: those with an endless picture.
  const loading = () => doc.readyState !== "complete" && performance.now() < 2 * PATIENCE_MS;
  const settled = () => Promise.race([loaded, sleep(PATIENCE_MS)]);

  // ------------------------------------------------------------------ reloading

  /** What is on its way into the HTTP cache. @type {Set<Promise<unknown>>} */
  const fetching = new Set();
  /** @param {Promise<unknown>} work @returns {Promise<unknown>} */
  function track(work) {
    /** @type {Promise<unknown>} */
    const done = guarded(() => work)().then(() => fetching.delete(done));
    fetching.add(done);
    return done;
  }

  /** Bring a saved file into the HTTP cache, from where a reload takes it. @param {string} url */
  const refetch = (url) => track(fetch(url, {
    cache: "reload",
    ...(isOwn(url) ? {} : { mode: "no-cors", credentials: "include" }),
  }).then((response) => response.blob()));

  // The documents of a tab share what is left, and may have one URL: a frame has its number besides.
  const framed = self !== top;
  const place = () => (framed ? Array.prototype.indexOf.call(parent, self) : "") + here();
  /** @type {object | undefined} */
  let looks;
  /** Leave to the document that replaces this one what it is to know. */
  const leave = () => exchange(place(), { at: Date.now(), run, seq, owed, held: [...held], looks });

  // Without a Last-Modified header this is the time of asking, which moves on.
  const modified = doc.lastModified;
  let preparing = false;

  /**
   * Reload with nothing old in it; what else is asked for meanwhile joins in.
   * @param {number} number
   * @param {Set<string>} [hits] what is known to have changed
   * @param {boolean} [everyone] whether all pages reload
   */
  async function reload(number, hits, everyone = !hits) {
    if (answersPost) {
      guarded(async () => show({ ...(await part("panel")).FORM }))();
      return answer(number, "nothing", "answers a form");
    }
    owed.push(number);
    // The page around it may reload first.
    if (framed) leave();
    const urls = hits ?? new Set([...used()].filter(isOwn));
    urls.forEach((url) => [here(), ...sources()].includes(url) || refetch(url));
    if (all("iframe,object,embed").length) track(part("frames").then(({ renew }) => renew(everyone || urls)));
    if (preparing) return;
    preparing = true;
    // A file that is saved twice within a second answers 304 to a plain reload.
    if (!surelyGet || doc.lastModified === modified) refetch(here());
    const end = sleep(REFRESH_MS).then(() => true);
    const keeper = await Promise.race([guarded(part)("keep"), end]);
    // The page that the user is on the way to must not be stopped; it will be told what it missed.
    const under = performance.now() - (leaving?.since ?? -PATIENCE_MS);
    if (under < PATIENCE_MS) await sleep(PATIENCE_MS - under);
    while (fetching.size && !(await Promise.race([Promise.all(fetching).then(() => false), end])));
    looks = keeper?.looks?.(touched);
    leave();
    preparing = false;
    if (surelyGet) location.reload();
    else location.replace(here());
  }

  // ------------------------------------------------------------------ never posting a form again

  /** @type {any} */
  const { navigation, frameElement } = window;
  /** @type {any[]} */
  const [timing] = performance.getEntriesByType("navigation");
  // How the page before this one left for it: "get", "post", or unknown.
  const left = exchange("left");
  const how = left?.url === here() && !timing?.redirectCount ? left.how : "";
  const entry = navigation?.currentEntry?.key ?? here();
  const posts = new Set(exchange("posts"));
  if (how === "post") posts.add(entry);
  exchange("posts", [...posts]);
  const answersPost = posts.has(entry);
  const surelyGet = how === "get" || !doc.referrer || frameElement?.src === location.href;

  /** Where the page is being left for. @type {{url: string, how: string, since: number} | undefined} */
  let leaving;
  /** @param {any} event a NavigateEvent */
  function onNavigate({ destination, downloadRequest, formData, navigationType }) {
    if (destination.sameDocument || downloadRequest !== null) return;
    /** @type {Record<string, string>} */
    const ways = { push: "get", replace: "get", reload: how };
    const url = plain(destination.url);
    leaving = { url, how: formData ? "post" : ways[navigationType], since: performance.now() };
  }

  // ------------------------------------------------------------------ what a reload keeps

  /** The fields that the user changed. @type {Set<any>} */
  const touched = new Set();

  /** @param {Kept} kept */
  async function restore({ looks }) {
    const keeper = await part("keep");
    await parsed;
    const missing = looks && keeper.restore(looks, touched);
    await loaded;
    if (missing) keeper.restore(missing, touched);
  }

  // ------------------------------------------------------------------ what it says

  /** @type {Set<string>} */
  const said = new Set();
  /** Tell the developer, once. @param {string} text */
  function say(text) {
    if (!said.has(text)) console.warn(`loc-dev: ${text}`);
    said.add(text);
  }

  /** What the panel is to say. @type {unknown} */
  let shown;
  /** @param {{title: string, detail: string}} message */
  async function show(message) {
    hide();
    shown = message;
    const panel = !framed && (await part("panel"));
    if (panel && shown === message) panel.show(message.title, message.detail);
  }
  function hide() {
    shown = undefined;
    all("loc-dev").forEach((panel) => panel.remove());
  }

  /** A page that a link opened may come from the HTTP cache, though it was saved since. */
  async function checkCache() {
    await loaded;
    const { check } = await part("cache");
    await check(() => `${run} ${seq ?? greeted}`, [plain(src), answersPost && here()], pathOf, decide);
  }

  // ------------------------------------------------------------------ the socket

  /** @type {WebSocket | null} */
  let socket = null;
  let blocked = false;
  let attempts = 0;
  let timer = 0;

  const connect = guarded(() => {
    if (blocked || socket) return;
    clearTimeout(timer);
    const mine = socket = new WebSocket(endpoint);
    let opened = false;
    on(mine, "message", ({ data }) => {
      opened = true;
      return mine === socket && hear(JSON.parse(data));
    });
    on(mine, "close", () => {
      if (mine !== socket) return;
      socket = null;
      timer = setTimeout(connect, Math.random() * RETRY_MS * Math.min(2 ** attempts++, 10));
      return opened || explain();
    });
  });

  // An open socket may keep the page out of the back/forward cache.
  function disconnect() {
    clearTimeout(timer);
    socket?.close(1000);
    socket = null;
  }

  /** @param {object} message */
  const send = (message) => socket?.readyState === 1 && socket.send(JSON.stringify(message));

  /** @param {number} number @param {string} did */
  const answer = (number, did, why = "") => send({ type: "applied", seq: number, did, why });

  /** @type {Record<string, (message: any) => unknown>} */
  const hearers = { hello: greet, update: receive, problem: show, solved: hide };
  /** @param {any} message */
  const hear = (message) => hearers[message.type]?.(message);

  /** @param {{run: string, seq: number, exact?: boolean}} hello */
  async function greet({ run: now, seq: told, exact: urls = false }) {
    // A page may come of an app that ends meanwhile; one that was made by this run is never older than it.
    const older = (run ?? born ?? now) !== now && born !== now;
    if (run === null) guarded(checkCache)();
    if (run !== now) seq = older ? told : null;
    [run, greeted, exact] = [now, told, urls];
    attempts = 0;
    hide();
    send({ type: "page", url: location.pathname + location.search, seq, run, age: performance.now() });
    if (older) return reload(greeted);
    await parsed;
    owed.splice(0).forEach((number) => answer(number, "reload"));
    if (framed && !looks) exchange(place());
  }

  // A browser does not say why a socket failed; the public script tells whether the server is there.
  async function explain() {
    const there = await fetch(server, { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);
    if (there && !blocked) say(`refused here: start it with --allow-origin ${location.origin}`);
  }

  /** @param {SecurityPolicyViolationEvent} event */
  function onViolation({ blockedURI, effectiveDirective, disposition }) {
    const ours = blockedURI.startsWith(endpoint);
    const file = fetching.size && isOwn(blockedURI);
    if (effectiveDirective !== "connect-src" || disposition !== "enforce" || !(ours || file)) return;
    blocked ||= ours;
    say(`blocked by the Content-Security-Policy here: add ${ours ? origin : "'self'"} to connect-src`);
  }

  // ------------------------------------------------------------------ frames

  /** @param {any} frame */
  const hasClient = (frame) => frame.contentDocument && GUARD in frame.contentWindow;

  /** Give a frame of this origin a client of its own, where it has none. @param {any} frame */
  const adopt = async (frame) => frame.contentDocument && (await part("frames")).adopt(frame, src, server.href);

  // ------------------------------------------------------------------ beginning

  /** @type {Kept | null} */
  const kept = exchange(place());
  if (kept && Date.now() - kept.at < KEPT_MS) {
    ({ run, seq, owed } = kept);
    if (framed) exchange(place(), kept);
    guarded(restore)(kept);
    kept.held.forEach(guarded(decide));
  }
  on(doc, "securitypolicyviolation", onViolation);
  on(doc, "input", ({ target }) => "value" in target && touched.add(target));
  on(doc, "visibilitychange", () => doc.visibilityState === "visible" && connect());
  on(doc, "load", ({ target }) => adopt(target));
  all("iframe").forEach(guarded(adopt));
  on(window, "online", () => {
    disconnect();
    connect();
  });
  on(window, "pageshow", connect);
  on(window, "pagehide", () => {
    disconnect();
    exchange("left", leaving);
  });
  if (navigation) {
    on(navigation, "navigate", onNavigate);
    for (const type of ["navigatesuccess", "navigateerror"]) on(navigation, type, () => leaving = undefined);
  }
  connect();
})();
