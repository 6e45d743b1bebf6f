// The status page: shows each state that the server sends over its socket.

import { account, clock, files, ignoredLine, ignoredRow, pageRow, problemRow, saveRow, siteRow, took, update } from "./rows.js";

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
 * @typedef {{kind: "save", data: Save} | {kind: "ignored", data: Ignored} | {kind: "problem", data: Problem}} Entry
 */

// The close code of a page that goes away; browsers allow no 1001.
const GOING_AWAY = 4001;
// The delays between two attempts to connect.
const MIN_MS = 250;
const MAX_MS = 5_000;
// Rows before "Show all" is pressed.
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
  // Screen readers read a text again that is set anew.
  if (place.textContent !== text) place.textContent = text;
};

/** @param {number} count @param {string} one @param {string} many */
const counted = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

/**
 * Wrap `work` so that an error in it goes to the console and ends nothing else.
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
let isLost = false;
let showAll = false;

// ------------------------------------------------------------------ drawing

/** All entries, the newest first. @param {State} state @returns {Entry[]} */
const entries = ({ saves, ignored, troubles }) => [
  ...saves.map((data) => /** @type {Entry} */ ({ kind: "save", data })),
  ...ignored.map((data) => /** @type {Entry} */ ({ kind: "ignored", data })),
  ...troubles.map((data) => /** @type {Entry} */ ({ kind: "problem", data })),
].sort((one, other) => other.data.id - one.data.id);

/** @param {string} kind @param {string} headline @param {string} detail @param {string} output */
const announce = (kind, headline, detail, output = "") => {
  part("now").dataset.state = kind;
  write("headline", headline);
  write("detail", detail);
  write("output", output);
  part("output").hidden = !output;
  document.title = kind === "bad" ? "\u26a0 loc-dev" : "loc-dev";
};

const LOST = "loc-dev has stopped or is restarting. Trying to reconnect.";

/** What matters most, at a glance. @param {State} state @param {Entry | undefined} latest */
const drawNow = ({ problem, paused, open, tagged }, latest) => {
  const when = latest ? clock(latest.data.at).textContent : "";
  if (isLost) {
    announce("lost", "Connection lost", `${LOST} Below is its last state.`);
  } else if (problem) {
    announce("bad", problem.title, "The pages show this until it is fixed.", problem.detail.trim());
  } else if (paused) {
    announce("quiet", "Paused", "Saves are held until you press p in the terminal again.");
  } else if (latest?.kind === "ignored") {
    announce("quiet", ignoredLine(latest.data), `Not sent to any page. ${when}`);
  } else if (latest?.kind === "save" && (latest.data.pages || latest.data.answers.length)) {
    const { data } = latest;
    const speed = data.account && data.ms ? `, ${took(data.ms)} after the save` : "";
    announce("good", account(data), `${files(data)}${speed}. ${when}`);
  } else if (!open.length) {
    const how = tagged ? "Open your page" : "Add the tag to your pages and open one";
    announce("quiet", "No page is open", `${how} to see each save at once.`);
  } else {
    announce("good", "Waiting for your next save", `${counted(open.length, "page is", "pages are")} open.`);
  }
};

/** @param {State} state */
const drawPages = ({ open, tagged }) => {
  part("pages").hidden = !open.length;
  part("no-pages").hidden = open.length > 0;
  const how = tagged ? "Open your page in a browser" : "Add the tag to your pages and open one";
  write("no-pages", `${how}, and it appears here.`);
  const some = open.slice(0, SHOWN_PAGES);
  update(part("pages").getElementsByTagName("tbody")[0], some, ({ number }) => `${number}`,
    (page) => ({ kind: page.away ? "away" : "page", cells: pageRow(page) }));
  part("more-pages").hidden = open.length <= SHOWN_PAGES;
  write("more-pages", `and ${(open.length - SHOWN_PAGES).toLocaleString()} more`);
};

/** @param {string} id */
const isChecked = (id) => /** @type {HTMLInputElement} */ (part(id)).checked;

/** @param {Entry} entry */
const isWanted = ({ kind, data }) => kind !== "ignored" || isChecked(data.noise ? "noise" : "ignored");

/** @param {Entry} entry @returns {{kind: string, cells: (string | Node)[]}} */
const entryRow = (entry) => {
  if (entry.kind === "save") return { kind: "save", cells: saveRow(entry.data) };
  if (entry.kind === "ignored") return { kind: "ignored", cells: ignoredRow(entry.data) };
  const kind = !entry.data.shown ? "notice" : entry.data.solved === null ? "problem" : "solved";
  return { kind, cells: problemRow(entry.data) };
};

/** @param {Entry[]} all */
const drawFeed = (all) => {
  const wanted = all.filter(isWanted);
  const some = showAll ? wanted : wanted.slice(0, SHOWN_ROWS);
  part("feed").hidden = !wanted.length;
  part("no-feed").hidden = wanted.length > 0;
  update(part("feed").getElementsByTagName("tbody")[0], some, ({ data }) => `${data.id}`, entryRow);
  part("all").hidden = wanted.length <= SHOWN_ROWS;
  write("all", showAll ? "Show fewer" : `Show all ${wanted.length}`);
};

/** @param {State} state */
const drawWatched = ({ watching, watcher }) => {
  const roots = watching.map((root) => ({ root, polled: watcher.polled.includes(root) }));
  update(part("watched"), roots, ({ root }) => root, ({ root, polled }) => {
    const path = document.createElement("code");
    path.textContent = root;
    const how = document.createElement("span");
    how.className = "sub";
    how.textContent = polled ? "by polling" : "by file events";
    return { kind: polled ? "polled" : "watched", cells: [path, how] };
  });
  write("files", counted(watcher.files, "file", "files"));
};

/** @param {State} state */
const drawSites = ({ sites, widget }) => {
  part("online").hidden = !sites;
  if (!sites) return;
  part("sites").hidden = !sites.length;
  part("no-sites").hidden = sites.length > 0;
  update(part("sites").getElementsByTagName("tbody")[0], sites, ({ site }) => site,
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
  part("link").dataset.state = isLost ? "lost" : state ? "live" : "new";
  write("link", isLost ? "not connected" : state ? "live" : "connecting");
  if (!state) {
    if (isLost) announce("lost", "Connection lost", LOST);
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
    ? "Pages from this server have it already. Pages from another server need it in their head."
    : "Add this tag to the head of your pages, and they show each save at once.");
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
    const received = /** @type {State} */ (JSON.parse(data));
    // Another version of the server needs another version of this page.
    if (state && state.version !== received.version) location.reload();
    [state, isLost, attempts] = [received, false, 0];
    draw();
  });
  opened.onclose = guarded(() => {
    if (socket !== opened) return;
    [socket, isLost] = [null, true];
    const longest = Math.min(MAX_MS, MIN_MS * 2 ** Math.min(attempts++, 10));
    retry = window.setTimeout(guarded(connect), longest * (0.5 + Math.random() / 2));
    draw();
  });
};

// A page that the browser keeps for "back" needs no updates meanwhile.
addEventListener("pagehide", guarded(() => {
  clearTimeout(retry);
  const open = socket;
  socket = null;
  open?.close(GOING_AWAY);
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
    write("copied", "Selected. Press Ctrl+C or \u2318C to copy it.");
  }
};

for (const button of document.querySelectorAll("button")) {
  const { copies } = button.dataset;
  if (copies) button.addEventListener("click", () => void copy(part(copies)));
}
for (const id of ["ignored", "noise"]) part(id).addEventListener("change", guarded(draw));
part("all").addEventListener("click", guarded(() => {
  showAll = !showAll;
  draw();
}));

guarded(connect)();
