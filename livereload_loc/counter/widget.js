// The widget of loc-dev count: shows how many pages of this site are open right now.
//
// As the recipe has it: <script src="http://localhost:8081"></script><script>locWidget.init();</script>
// Without inline code: <script src="https://count.example/_loc/widget.js" data-auto async></script>
// Attributes of the tag: data-auto, data-target="#selector", data-label="online", data-server="https://...".
// It keeps nothing: no cookie, no storage. Served are these lines without comments and indentation.

/**
 * @typedef {"live" | "stale" | "away"} State
 * @typedef {{
 *   target?: string | Element,
 *   label?: string,
 *   format?: (total: number) => string,
 *   onChange?: (total: number, state: State) => void,
 * }} Options where to show the figure, the word beside it, how to write it, and what to call when it changes
 */

(() => {
  "use strict";

  const doc = document;
  const GUARD = Symbol.for("loc-widget");
  const tag = doc.currentScript ?? doc.querySelector("script[src*='/_loc/widget.js']");
  if (GUARD in window || !(tag instanceof HTMLScriptElement)) return;
  Object.defineProperty(window, GUARD, { value: true });

  /** Where the counter is, up to "/_loc": where this script comes from, or what the tag says. */
  const base = () => {
    const server = new URL(tag.dataset.server || tag.src, doc.baseURI);
    return `${server.origin}${server.pathname.replace(/\/(_loc\/.*)?$/, "")}/_loc`;
  };

  // Browsers allow no 1001.
  const LEAVING_CODE = 4001;
  const MIN_RETRY_MS = 500;
  const MAX_RETRY_MS = 20_000;
  const ANNOUNCE_MS = 60_000;
  // The server sends something every 25 s: a longer silence means that it is gone.
  const SILENCE_MS = 60_000;
  const OUTDATED = "This figure may be out of date";
  const DEFAULT_STYLE = `
    position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; padding: .35em .8em; border-radius: 2em;
    font: 14px/1.4 system-ui, sans-serif; color: #fff; background: #1f2937; box-shadow: 0 1px 4px #0006;
  `.replace(/\s+/g, " ");
  // Any rule of the page for #_loc wins over these, since :where() has no specificity.
  const RULES = [
    ":where(#_lo_count) { display: inline-block; min-width: 4ch; text-align: right;",
    "  font-variant-numeric: tabular-nums }",
    // Keeps an empty box on the same line as one with text.
    ":where(#_lo_count)::before { content: '\\200b' }",
    ":where([data-loc-place=inline]) { position: static }",
    // In the corner, growing moves nothing.
    ":where([data-loc-place=corner] > #_lo_count) { min-width: 0 }",
    ":where([data-loc-state=away]) { visibility: hidden }",
    ":where([data-loc-state=stale]) { opacity: .55 }",
    ":where(#_lo_said) { position: absolute; width: 1px; height: 1px; overflow: hidden;",
    "  clip-path: inset(50%); white-space: nowrap }",
  ].join(" ");

  /** Names this page, so that an old socket of it, which the server still holds, is no second visitor. */
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-");

  /** @type {Options} */
  let options = {};
  let started = false;
  /** @type {WebSocket | null} */
  let socket = null;
  let retry = 0;
  let silence = 0;
  let attempts = 0;
  // Whether the policy of the page forbids requests to the server; it may allow the socket.
  let mute = false;
  /** The request that asks whether the server is back. @type {AbortController | null} */
  let asking = null;
  let total = 0;
  /** @type {State} */
  let state = "away";
  let announcedAt = -Infinity;
  let announcing = 0;
  /** What the widget has put into the page. @type {Element[]} */
  let added = [];
  /** @type {{root: HTMLElement, count: HTMLElement, announcer: HTMLElement} | null} */
  let shown = null;
  /** @type {CSSStyleSheet | null} */
  let sheet = null;

  /**
   * Return a function that does the same work, but what it throws stays out of the page.
   * @template {any[]} Given
   * @param {(...given: Given) => void} work
   * @returns {(...given: Given) => void}
   */
  const guarded = (work) => (...given) => {
    try {
      work(...given);
    } catch (error) {
      console.warn("loc:", error);
    }
  };

  // ------------------------------------------------------------------ the figure

  /** @param {string} name @param {string} id @param {Element} parent */
  const add = (name, id, parent) => {
    const element = doc.createElement(name);
    element.id = id;
    parent.append(element);
    added.push(element);
    return element;
  };

  const addSheet = () => {
    const style = api.style;
    const look = style.includes("{") ? style : `:where(#_loc) { ${style} }`;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${look} ${RULES}`);
    doc.adoptedStyleSheets.push(sheet);
  };

  const build = () => {
    const { target, label = tag.dataset.label ?? "online" } = options;
    const place = typeof target === "string" ? doc.querySelector(target) : target;
    let count = doc.getElementById("_lo_count");
    let root = doc.getElementById("_loc");
    if (!count) {
      root ??= add("div", "_loc", place ?? doc.body);
      count = add("span", "_lo_count", root);
      if (label && added.includes(root)) count.after(` ${label}`);
    }
    root ??= count;
    if (added.includes(root)) root.dataset.locPlace = place ? "inline" : api.style === DEFAULT_STYLE ? "corner" : "";
    const announcer = add("span", "_lo_said", doc.body);
    announcer.setAttribute("role", "status");
    shown = { root, count, announcer };
    show();
  };

  /** @param {number} count */
  const formatted = (count) => (options.format ?? ((figure) => figure.toLocaleString()))(count);

  const show = () => {
    if (!shown) return;
    const { root, count, announcer } = shown;
    root.dataset.locState = state;
    if (state === "stale") root.title = OUTDATED;
    else if (root.title === OUTDATED) root.removeAttribute("title");
    // A figure that may be wrong is not shown, not even to a screen reader.
    count.textContent = state === "away" ? "" : String(formatted(total));
    if (state === "away") announcer.textContent = "";
    else announce();
  };

  /** Announce the figure to screen readers, once a minute at the most. */
  const announce = () => {
    if (announcing) return;
    announcing = window.setTimeout(guarded(() => {
      announcing = 0;
      if (!shown || state === "away") return;
      const text = shown.root.textContent?.trim() ?? "";
      if (text === shown.announcer.textContent) return;
      announcedAt = performance.now();
      shown.announcer.textContent = text;
    }), Math.max(0, announcedAt + ANNOUNCE_MS - performance.now()));
  };

  /** @param {number} figure @param {State} now */
  const change = (figure, now) => {
    if (figure === total && now === state) return;
    total = figure;
    state = now;
    guarded(show)();
    guarded(() => options.onChange?.(total, state))();
    doc.dispatchEvent(new CustomEvent("loc:change", { detail: { total, state } }));
  };

  // ------------------------------------------------------------------ the socket

  const connect = () => {
    if (!started || socket || asking) return;
    clearTimeout(retry);
    if (!attempts || mute) return open();
    // Firefox delays sockets after failed ones: any answer, a gateway's, too, shows that one may open.
    const current = (asking = new AbortController());
    const request = /** @type {const} */ ({ method: "HEAD", mode: "no-cors", cache: "no-store" });
    fetch(`${base()}/widget.js`, { ...request, signal: current.signal }).then(() => open, () => retryLater)
      .then((then) => {
        if (asking !== current) return;
        asking = null;
        guarded(then)();
      });
  };

  const open = () => {
    const opened = (socket = new WebSocket(`${base().replace("http", "ws")}/ws/counter`));
    watchSilence();
    opened.onopen = () => opened.send(JSON.stringify({ type: "tab", id: tab }));
    opened.onmessage = guarded(({ data }) => {
      const message = JSON.parse(data);
      if (socket !== opened || message.type !== "total" || !Number.isInteger(message.total)) return;
      attempts = 0;
      watchSilence();
      change(message.total, message.state === "stale" ? "stale" : "live");
    });
    opened.onclose = guarded(({ reason }) => {
      if (socket !== opened) return;
      disconnect();
      retryLater(/^retry-after=(\d+(\.\d+)?)$/.exec(reason)?.[1]);
    });
  };

  /** @param {string} [seconds] how long the server asks to wait */
  const retryLater = (seconds) => {
    const longest = Math.min(MAX_RETRY_MS, 2 * MIN_RETRY_MS * 2 ** attempts++);
    const wait = seconds ? Number(seconds) * 1000 : MIN_RETRY_MS + Math.random() * (longest - MIN_RETRY_MS);
    retry = window.setTimeout(guarded(connect), Math.min(wait, MAX_RETRY_MS));
  };

  const disconnect = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    asking?.abort();
    asking = null;
    const open = socket;
    socket = null;
    open?.close(LEAVING_CODE);
    change(total, "away");
  };

  /** Replace a connection that may be dead. */
  const renew = () => {
    disconnect();
    connect();
  };

  const watchSilence = () => {
    clearTimeout(silence);
    silence = window.setTimeout(guarded(renew), SILENCE_MS);
  };

  doc.addEventListener("securitypolicyviolation", guarded(({ blockedURI, disposition }) => {
    mute ||= disposition === "enforce" && blockedURI.startsWith(new URL(base()).origin);
  }));
  // A page in the back/forward cache is no visitor. Firefox keeps none there that had an open socket.
  addEventListener("pagehide", guarded(disconnect));
  addEventListener("pageshow", guarded(({ persisted }) => {
    if (persisted) connect();
  }));
  addEventListener("offline", guarded(disconnect));
  addEventListener("online", guarded(renew));

  // ------------------------------------------------------------------ for the page

  const start = () => {
    if (!started || shown) return;
    build();
    connect();
  };

  const api = {
    /** How #_loc looks: declarations, or whole rules. Set it before init(). */
    style: DEFAULT_STYLE,

    /** Show the figure and keep it up to date. */
    init: guarded((/** @type {Options | undefined} */ given) => {
      if (started) return;
      started = true;
      const { target } = tag.dataset;
      options = { ...(target ? { target } : {}), ...given };
      // At once, so that the first paint has room for the figure.
      addSheet();
      if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", guarded(start));
      // A page that is loaded in advance is not open yet.
      else if ("prerendering" in doc && doc.prerendering) doc.addEventListener("prerenderingchange", guarded(start));
      else start();
    }),

    /** Remove the figure, and stop counting this page. */
    close: guarded(() => {
      started = false;
      disconnect();
      clearTimeout(announcing);
      announcing = 0;
      if (shown) delete shown.root.dataset.locState;
      for (const element of added) element.remove();
      added = [];
      shown = null;
      doc.adoptedStyleSheets = doc.adoptedStyleSheets.filter((one) => one !== sheet);
    }),
  };

  Object.defineProperty(window, "locWidget", { value: api, configurable: true, writable: true });
  if ("auto" in tag.dataset) api.init({});
})();
