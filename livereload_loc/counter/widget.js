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
 * }} Options where to show it, the word beside it, how to write it, and who is told of it
 */

(() => {
  "use strict";

  const doc = document;
  const GUARD = Symbol.for("loc-widget");
  const tag = doc.currentScript ?? doc.querySelector("script[src*='/_loc/widget.js']");
  if (GUARD in window || !(tag instanceof HTMLScriptElement)) return;
  Object.defineProperty(window, GUARD, { value: true });

  /** Where the counter is: where this script comes from, or what the tag says. */
  const endpoint = () => {
    const server = new URL(tag.dataset.server || tag.src, doc.baseURI);
    const path = server.pathname.replace(/\/(_loc\/.*)?$/, "");
    return `${server.origin.replace("http", "ws")}${path}/_loc/ws/counter`;
  };

  const GOING = 4001;
  const LEAST_MS = 500;
  const MOST_MS = 20_000;
  const SAY_MS = 60_000;
  // The server speaks every 25 s; what is silent for longer is not there any more.
  const SILENCE_MS = 60_000;
  const OUTDATED = "This figure may be out of date";
  const LOOK = `
    position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; padding: .35em .8em; border-radius: 2em;
    font: 14px/1.4 system-ui, sans-serif; color: #fff; background: #1f2937; box-shadow: 0 1px 4px #0006;
  `.replace(/\s+/g, " ");
  // Whatever the page says about #_loc wins over these rules, since :where() has no specificity.
  const RULES = [
    ":where(#_lo_count) { display: inline-block; min-width: 4ch; text-align: right;",
    "  font-variant-numeric: tabular-nums }",
    // An empty box would stand on another line than one with text.
    ":where(#_lo_count)::before { content: '\\200b' }",
    ":where([data-loc-place=inline]) { position: static }",
    // In its corner it moves nothing by growing.
    ":where([data-loc-place=corner] > #_lo_count) { min-width: 0 }",
    ":where([data-loc-state=away]) { visibility: hidden }",
    ":where([data-loc-state=stale]) { opacity: .55 }",
    ":where(#_lo_said) { position: absolute; width: 1px; height: 1px; overflow: hidden;",
    "  clip-path: inset(50%); white-space: nowrap }",
  ].join(" ");

  /** Which page this is, so that a socket of it which the server still holds is no second visitor. */
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-");

  /** @type {Options} */
  let options = {};
  let wanted = false;
  /** @type {WebSocket | null} */
  let socket = null;
  let retry = 0;
  let silence = 0;
  let attempts = 0;
  let total = 0;
  /** @type {State} */
  let state = "away";
  let saidAt = -Infinity;
  let saying = 0;
  /** What we have put into the page. @type {Element[]} */
  let added = [];
  /** @type {{root: HTMLElement, count: HTMLElement, said: HTMLElement} | null} */
  let shown = null;
  /** @type {CSSStyleSheet | null} */
  let sheet = null;

  /**
   * The same work, but what it throws stays out of the page.
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

  // ------------------------------------------------------------------ what is seen

  /** @param {string} name @param {string} id @param {Element} parent */
  const add = (name, id, parent) => {
    const element = doc.createElement(name);
    element.id = id;
    parent.append(element);
    added.push(element);
    return element;
  };

  const dress = () => {
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
    if (added.includes(root)) root.dataset.locPlace = place ? "inline" : api.style === LOOK ? "corner" : "";
    const said = add("span", "_lo_said", doc.body);
    said.setAttribute("role", "status");
    shown = { root, count, said };
    show();
  };

  /** @param {number} count */
  const written = (count) => (options.format ?? ((figure) => figure.toLocaleString()))(count);

  const show = () => {
    if (!shown) return;
    const { root, count, said } = shown;
    root.dataset.locState = state;
    if (state === "stale") root.title = OUTDATED;
    else if (root.title === OUTDATED) root.removeAttribute("title");
    // Nothing of a figure that may be wrong is there to be read, not even for a screen reader.
    count.textContent = state === "away" ? "" : String(written(total));
    if (state === "away") said.textContent = "";
    else say();
  };

  /** Tell who cannot see it, once a minute at the most. */
  const say = () => {
    if (saying) return;
    saying = window.setTimeout(guarded(() => {
      saying = 0;
      if (!shown || state === "away") return;
      const text = shown.root.textContent?.trim() ?? "";
      if (text === shown.said.textContent) return;
      saidAt = performance.now();
      shown.said.textContent = text;
    }), Math.max(0, saidAt + SAY_MS - performance.now()));
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
    if (!wanted || socket) return;
    clearTimeout(retry);
    const opened = (socket = new WebSocket(endpoint()));
    listen();
    opened.onopen = () => opened.send(JSON.stringify({ type: "tab", id: tab }));
    opened.onmessage = guarded(({ data }) => {
      const message = JSON.parse(data);
      if (socket !== opened || message.type !== "total" || !Number.isInteger(message.total)) return;
      attempts = 0;
      listen();
      change(message.total, message.state === "stale" ? "stale" : "live");
    });
    opened.onclose = guarded(({ reason }) => {
      if (socket !== opened) return;
      disconnect();
      const asked = /^retry-after=(\d+(\.\d+)?)$/.exec(reason)?.[1];
      const longest = Math.min(MOST_MS, 2 * LEAST_MS * 2 ** attempts++);
      const wait = asked ? Number(asked) * 1000 : LEAST_MS + Math.random() * (longest - LEAST_MS);
      retry = window.setTimeout(guarded(connect), Math.min(wait, MOST_MS));
    });
  };

  const disconnect = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    const open = socket;
    socket = null;
    open?.close(GOING);
    change(total, "away");
  };

  /** A new connection for one that may be dead. */
  const renew = () => {
    disconnect();
    connect();
  };

  const listen = () => {
    clearTimeout(silence);
    silence = window.setTimeout(guarded(renew), SILENCE_MS);
  };

  // A page that the browser keeps for 'back' is nobody's while it is away.
  addEventListener("pagehide", guarded(disconnect));
  addEventListener("pageshow", guarded(({ persisted }) => {
    if (persisted) connect();
  }));
  addEventListener("offline", guarded(disconnect));
  addEventListener("online", guarded(renew));

  // ------------------------------------------------------------------ for the page

  const start = () => {
    if (!wanted || shown) return;
    build();
    connect();
  };

  const api = {
    /** How #_loc looks: declarations, or whole rules. Set it before init(). */
    style: LOOK,

    /** Show the figure and keep it up to date. */
    init: guarded((/** @type {Options | undefined} */ given) => {
      if (wanted) return;
      wanted = true;
      const { target } = tag.dataset;
      options = { ...(target ? { target } : {}), ...given };
      // At once, so that the room for the figure is there when the page is first painted.
      dress();
      if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", guarded(start));
      // A page that is loaded in advance is not one that is open.
      else if ("prerendering" in doc && doc.prerendering) doc.addEventListener("prerenderingchange", guarded(start));
      else start();
    }),

    /** Take the figure away, and count no more. */
    close: guarded(() => {
      wanted = false;
      disconnect();
      clearTimeout(saying);
      saying = 0;
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
