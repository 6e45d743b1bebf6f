// Makes and keeps the rows of the status page. All that comes from outside becomes text, never markup.

/**
 * @typedef {{number: number, page: string, browser: string, since: number, did: string | null,
 *   ms: number | null, away: boolean}} OpenPage
 * @typedef {{page: string, browser: string, did: string, ms: number, why: string}} Answer
 * @typedef {{id: number, at: number, paths: string[], more: number, pages: number, account: string, ms: number,
 *   answers: Answer[], late: number}} Save
 * @typedef {{id: number, at: number, path: string, more: number, why: string, noise: boolean}} Ignored
 * @typedef {{id: number, at: number, title: string, detail: string, shown: boolean,
 *   solved: number | null}} Problem
 * @typedef {{site: string, total: number, peak: number | null, peaks: number[]}} Site
 */

const RESULTS = {
  css: "swapped", image: "swapped", "in-place": "updated in place", same: "unchanged", reload: "reloaded",
  nothing: "unaffected",
};

/**
 * @param {string} name
 * @param {string} kind its class
 * @param {...(string | Node)} content
 */
export const element = (name, kind, ...content) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...content);
  return made;
};

/** @param {string | null} did */
const result = (did) => RESULTS[/** @type {keyof typeof RESULTS} */ (did)] ?? "";

/** @param {number} ms */
export const took = (ms) => (ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/**
 * The time of the day, with the date unless it is today.
 * @param {number} seconds since the epoch
 */
export const clock = (seconds) => {
  const date = new Date(seconds * 1000);
  const time = element("time", "", date.toLocaleTimeString([], { hourCycle: "h23" }));
  time.setAttribute("datetime", date.toISOString());
  if (date.toDateString() !== new Date().toDateString()) {
    time.prepend(`${date.toLocaleDateString([], { day: "numeric", month: "short" })} `);
  }
  return time;
};

/** @param {Save} save */
export const files = ({ paths, more }) => {
  if (!paths.length) return "many files";
  return paths.join(", ") + (more ? ` and ${more} more` : "");
};

/** @param {Save} save */
export const account = ({ account, pages, answers, late }) =>
  account
    ? account + (late ? `, ${late} more later` : "")
    : `sent, ${answers.length} of ${pages} ${pages === 1 ? "tab" : "tabs"} answered`;

/** @param {OpenPage} page */
export const pageRow = ({ page, browser, since, did, ms, away }) => {
  const last = away ? "reloading" : did ? result(did) : "none yet";
  const who = element("span", "sub", `${browser || "browser"}, since `, clock(since));
  const figure = ms === null || away ? "" : element("b", "figure", took(ms));
  return [
    element("td", "wide", element("b", "name", page || "a page"), who),
    element("td", "did", figure, element("span", "sub", last)),
  ];
};

/** @param {Save} save */
export const saveRow = (save) => {
  const what = element("td", "wide", element("b", "name", files(save)), element("span", "account", account(save)));
  if (save.answers.length) {
    const tabs = save.answers.map(({ page, browser, did, ms, why }) => {
      const answer = did === "nothing" ? result(did) : took(ms);
      const row = element("li", "", element("span", "name", page || "a page"), ` ${browser} `, element("b", "", answer));
      if (did === "reload" && why) row.append(` reloaded: ${why}`);
      return row;
    });
    what.append(element("ul", "tabs", ...tabs));
  }
  const figure = save.ms && save.account ? element("b", "figure", took(save.ms)) : "";
  return [element("td", "when", clock(save.at)), what, element("td", "did", figure)];
};

/** @param {Ignored} ignored */
export const ignoredLine = ({ path, why }) => `${path}: ${why.startsWith("ignored") ? why : `ignored (${why})`}`;

/** @param {Ignored} ignored */
export const ignoredRow = ({ at, path, more, why }) => [
  element("td", "when", clock(at)),
  element("td", "wide", element("b", "name", path), more ? ` and ${more} more` : "", element("span", "account", why)),
  element("td", "did", element("span", "sub", "ignored")),
];

/** @param {Problem} problem */
export const problemRow = ({ at, title, detail, shown, solved }) => {
  const what = element("td", "wide", element("b", "title", title));
  const lines = detail.trim().split("\n");
  if (lines.length > 1) {
    const whole = element("pre", "", detail.trim());
    whole.tabIndex = 0;
    what.append(element("details", "", element("summary", "", "Output"), whole));
  } else if (detail) what.append(element("span", "account", detail));
  if (solved !== null) what.append(element("span", "account", "solved at ", clock(solved)));
  return [
    element("td", "when", clock(at)),
    what,
    element("td", "did", element("span", "sub", shown ? (solved === null ? "problem" : "solved") : "notice")),
  ];
};

/** @param {Site} site */
export const siteRow = ({ site, total, peak, peaks }) => [
  element("td", "wide", element("b", "name", site), ...(peaks.length > 1 ? [sparkline(peaks)] : [])),
  element("td", "did", element("b", "figure", total.toLocaleString())),
  element("td", "did", peak === null ? "" : element("span", "figure", peak.toLocaleString())),
];

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draw a line through figures, the oldest at the left, as wide as its place.
 * @param {number[]} figures
 */
const sparkline = (figures) => {
  const [width, height] = [figures.length - 1, 24];
  const top = Math.max(1, ...figures);
  const points = figures.map((figure, at) => `${at},${(height - 1 - (figure / top) * (height - 3)).toFixed(1)}`);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("role", "img");
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  picture.setAttribute("aria-label", `the last 24 hours: between ${least} and ${most}`);
  for (const [kind, line] of [["area", ["0,24", ...points, `${width},24`]], ["line", points]]) {
    const drawn = document.createElementNS(SVG, kind === "area" ? "polygon" : "polyline");
    drawn.setAttribute("class", String(kind));
    drawn.setAttribute("points", [...line].join(" "));
    picture.append(drawn);
  }
  return picture;
};

/** The item that each row shows as JSON: a row whose item stays the same is left alone. @type {WeakMap<Element, string>} */
const shown = new WeakMap();
/** The rows of each table by their keys. @type {WeakMap<Element, Map<string, HTMLElement>>} */
const rows = new WeakMap();

/**
 * Make the rows of `parent` those of `items`. Rows that stay keep their element, focus and selection.
 * @template Item
 * @param {Element} parent
 * @param {Item[]} items
 * @param {(item: Item) => string} key
 * @param {(item: Item) => {kind: string, cells: (string | Node)[]}} draw
 */
export const update = (parent, items, key, draw) => {
  const old = rows.get(parent) ?? new Map();
  /** @type {Map<string, HTMLElement>} */
  const now = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const text = JSON.stringify(item);
    /** @type {HTMLElement} */
    const row = old.get(name) ?? document.createElement(parent instanceof HTMLUListElement ? "li" : "tr");
    if (shown.get(row) !== text) {
      const { kind, cells } = draw(item);
      if (rows.has(parent) && !old.has(name)) row.classList.add("new");
      row.dataset.kind = kind;
      row.replaceChildren(...cells);
      shown.set(row, text);
    }
    now.set(name, row);
    old.delete(name);
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
  }
  for (const gone of old.values()) gone.remove();
  rows.set(parent, now);
};
