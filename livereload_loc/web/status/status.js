// The status page: what the server says over its socket, shown as it comes.

import { account, clock, files, ignoredRow, keep, pageRow, problemRow, saveRow, siteRow, took } from "./rows.js";

/**
 * @typedef {import("./rows.js").Save} Save
 * @typedef {import("./rows.js").Ignored} Ignored
 * @typedef {import("./rows.js").Problem} Problem
 * @typedef {{
 *   version: string, watching: string[], watcher: {files: number, polled: string[]}, pages: string[],
 *   open: import("./rows.js").OpenPage[], saves: Save[], ignored: Ignored[], troubles: Problem[],
 *   problem: Problem | null, paused: boolean, tag: string, tagged: boolean, command: boolean,
 *   phone: string | null,
 *   sites?: import("./rows.js").Site[], widget?: string,
 * }} State
 * @typedef {{kind: "save", of: Save} | {kind: "ignored", of: Ignored} | {kind: "trouble", of: Problem}} Entry
 */

const GOING = 4001;
const LEAST_MS = 250;
const MOST_MS = 5_000;
// Before "Show all" is pressed.
const SHOWN_ROWS = 15;
const SHOWN_PAGES = 100;

const here = new URL(".", import.meta.url).href;

/** @param {string} id */
const part = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id} is not there`);
  return found;
};

/** @param {string} id @param {string} text */
const write = (id, text) => {
  const place = part(id);
  // What is said to be new is read out again.
  if (place.textContent !== text) place.textContent = text;
};

/** @param {number} count @param {string} one @param {string} many */
const counted = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

/**
 * The same work, but what it throws ends nothing.
 * @template {any[]} Given
 * @param {(...given: Given) => void} work
 * @returns {(...given: Given) => void}
 */
const guarded = (work) => (...given) => {
  try {
    work(...given);
  } catch (error) {
    console.warn("loc-dev:", error);
  }
};

/** @type {State | null} */
let state = null;
let lost = false;
let whole = false;

// ------------------------------------------------------------------ what is seen

/** All that happened, the newest first. @param {State} state @returns {Entry[]} */
const entries = ({ saves, ignored, troubles }) => [
  ...saves.map((of) => /** @type {Entry} */ ({ kind: "save", of })),
  ...ignored.map((of) => /** @type {Entry} */ ({ kind: "ignored", of })),
  ...troubles.map((of) => /** @type {Entry} */ ({ kind: "trouble", of })),
].sort((one, other) => other.of.id - one.of.id);

/** @param {string} mood @param {string} headline @param {string} detail @param {string} said */
const announce = (mood, headline, detail, said = "") => {
  part("now").dataset.mood = mood;
  write("headline", headline);
  write("detail", detail);
  write("said", said);
  part("said").hidden = !said;
  document.title = mood === "bad" ? "\u26a0 loc-dev" : "loc-dev";
};

const LOST = "It has stopped, or is about to be back. Trying again.";

/** The one thing to know at a glance. @param {State} state @param {Entry | undefined} latest */
const drawNow = ({ problem, paused, open, tagged }, latest) => {
  const when = latest ? clock(latest.of.at).textContent : "";
  if (lost) {
    announce("lost", "loc-dev does not answer", `${LOST} Below stands the last that it said.`);
  } else if (problem) {
    announce("bad", problem.title, "The pages show this until it is mended.", problem.detail.trim());
  } else if (paused) {
    announce("quiet", "Paused", "Saves are kept, and told as one when you press p in the terminal again.");
  } else if (latest?.kind === "ignored") {
    announce("quiet", `${latest.of.path}: ${latest.of.why}`, `No page is told of it. ${when}`);
  } else if (latest?.kind === "save" && (latest.of.pages || latest.of.answers.length)) {
    const speed = latest.of.account && latest.of.ms ? ` ${took(latest.of.ms)} after the save was seen.` : "";
    announce("good", account(latest.of), `${files(latest.of)}.${speed} ${when}`);
  } else if (!open.length) {
    const how = tagged ? "Open your page" : "Put the tag into your pages and open one";
    announce("quiet", "No page is open", `${how}: it shows each save at once.`);
  } else {
    announce("good", "Waiting for your next save", `${counted(open.length, "page is", "pages are")} open.`);
  }
};

/** @param {State} state */
const drawPages = ({ open, tagged }) => {
  part("pages").hidden = !open.length;
  part("no-pages").hidden = open.length > 0;
  const how = tagged ? "Open your page in a browser" : "Put the tag into your pages and open one";
  write("no-pages", `${how}, and it stands here.`);
  const some = open.slice(0, SHOWN_PAGES);
  keep(part("pages").getElementsByTagName("tbody")[0], some, ({ number }) => `${number}`,
    (page) => ({ kind: page.away ? "away" : "page", cells: pageRow(page) }));
  part("more-pages").hidden = open.length <= SHOWN_PAGES;
  write("more-pages", `and ${(open.length - SHOWN_PAGES).toLocaleString()} more`);
};

/** @param {string} id */
const isChecked = (id) => /** @type {HTMLInputElement} */ (part(id)).checked;

/** @param {Entry} entry */
const isWanted = ({ kind, of }) => kind !== "ignored" || isChecked(of.noise ? "noise" : "ignored");

/** @param {Entry} entry @returns {{kind: string, cells: (string | Node)[]}} */
const entryRow = (entry) => {
  if (entry.kind === "save") return { kind: "save", cells: saveRow(entry.of) };
  if (entry.kind === "ignored") return { kind: "ignored", cells: ignoredRow(entry.of) };
  const kind = !entry.of.shown ? "notice" : entry.of.solved === null ? "problem" : "solved";
  return { kind, cells: problemRow(entry.of) };
};

/** @param {Entry[]} all */
const drawFeed = (all) => {
  const wanted = all.filter(isWanted);
  const some = whole ? wanted : wanted.slice(0, SHOWN_ROWS);
  part("feed").hidden = !wanted.length;
  part("no-feed").hidden = wanted.length > 0;
  keep(part("feed").getElementsByTagName("tbody")[0], some, ({ of }) => `${of.id}`, entryRow);
  part("all").hidden = wanted.length <= SHOWN_ROWS;
  write("all", whole ? "Show fewer" : `Show all ${wanted.length}`);
};

/** @param {State} state */
const drawWatched = ({ watching, watcher }) => {
  const roots = watching.map((root) => ({ root, polled: watcher.polled.includes(root) }));
  keep(part("watched"), roots, ({ root }) => root, ({ root, polled }) => {
    const path = document.createElement("code");
    path.textContent = root;
    const how = document.createElement("span");
    how.className = "sub";
    how.textContent = polled ? "looked through again and again (polling)" : "by the system's events";
    return { kind: polled ? "polled" : "heard", cells: [path, how] };
  });
  write("files", counted(watcher.files, "file", "files"));
};

/** @param {State} state */
const drawSites = ({ sites, widget }) => {
  part("online").hidden = !sites;
  if (!sites) return;
  part("sites").hidden = !sites.length;
  part("no-sites").hidden = sites.length > 0;
  keep(part("sites").getElementsByTagName("tbody")[0], sites, ({ site }) => site,
    (site) => ({ kind: "site", cells: siteRow(site) }));
  write("widget", widget ?? "");
};

/** @param {State} state */
const drawPhone = ({ phone, command }) => {
  part("phones").hidden = !phone && !command;
  part("phone").hidden = !phone;
  part("no-phone").hidden = Boolean(phone);
  const picture = /** @type {HTMLImageElement} */ (part("qr"));
  if (!phone || picture.alt.endsWith(` ${phone}`)) return;
  picture.alt = `QR code of ${phone}`;
  picture.src = `${here}qr.svg`;
  /** @type {HTMLAnchorElement} */ (part("phone-url")).href = phone;
  write("phone-url", phone);
};

const draw = () => {
  part("link").dataset.state = lost ? "lost" : state ? "live" : "new";
  write("link", lost ? "not connected" : state ? "live" : "connecting");
  if (!state) {
    if (lost) announce("lost", "loc-dev does not answer", LOST);
    return;
  }
  const all = entries(state);
  drawNow(state, all.find(isWanted));
  drawPages(state);
  drawFeed(all);
  drawWatched(state);
  drawSites(state);
  drawPhone(state);
  write("tag", state.tag);
  write("tag-why", state.tagged
    ? "Pages from here have it already. Those of another server need it in their head."
    : "Put this into the head of your pages, and they show each save at once.");
  write("version", state.version);
};

// ------------------------------------------------------------------ the socket

/** @type {WebSocket | null} */
let socket = null;
let retry = 0;
let attempts = 0;

const connect = () => {
  if (socket) return;
  clearTimeout(retry);
  const opened = (socket = new WebSocket(`${here.replace("http", "ws")}ws/status`));
  opened.onmessage = guarded(({ data }) => {
    if (socket !== opened) return;
    const told = /** @type {State} */ (JSON.parse(data));
    // The server is another one than that which this page came from.
    if (state && state.version !== told.version) location.reload();
    [state, lost, attempts] = [told, false, 0];
    draw();
  });
  opened.onclose = guarded(() => {
    if (socket !== opened) return;
    [socket, lost] = [null, true];
    const longest = Math.min(MOST_MS, LEAST_MS * 2 ** Math.min(attempts++, 10));
    retry = window.setTimeout(guarded(connect), longest * (0.5 + Math.random() / 2));
    draw();
  });
};

// A page that the browser keeps for "back" needs no news while it is away.
addEventListener("pagehide", guarded(() => {
  clearTimeout(retry);
  const open = socket;
  socket = null;
  open?.close(GOING);
}));
addEventListener("pageshow", guarded(({ persisted }) => {
  if (persisted) connect();
}));
addEventListener("online", guarded(connect));

// ------------------------------------------------------------------ the buttons

/** @param {HTMLElement} code */
const copy = async (code) => {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    write("copied", "Copied.");
  } catch {
    // Browsers give the clipboard to secure pages only.
    getSelection()?.selectAllChildren(code);
    write("copied", "It is selected: copy it with Ctrl+C or \u2318C.");
  }
};

for (const button of document.querySelectorAll("button")) {
  const { copies } = button.dataset;
  if (copies) button.addEventListener("click", () => void copy(part(copies)));
}
for (const id of ["ignored", "noise"]) part(id).addEventListener("change", guarded(draw));
part("all").addEventListener("click", guarded(() => {
  whole = !whole;
  draw();
}));

guarded(connect)();
