// Finds what a page got from the HTTP cache though it was saved since. A page does this once.

import { entriesOf, exchange, listOf, plain } from "../reload/helpers.js";
import { sleep } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { here, isOwn } from "../reload/page.js";
import { fetch } from "../reload/parts.js";
import { session } from "../reload/session.js";
import { tag } from "../reload/tag.js";
import { Map, Set, pristine } from "./clean.js";
import { apply } from "./updates.js";
import { pathOf } from "./urls.js";
import { rulesOf, sheets, shownUrls } from "./usage.js";

// The longest that the update of a save takes to come.
const UPDATE_MS = 200;

/**
 * Return where a file came from: the "network", the HTTP "cache", or "memory", where only what it shows is known.
 * Engines tell that in their own ways; WebKit tells the same of memory and of files that a reload asked about.
 * @param {PerformanceResourceTiming | undefined} entry none: as in Firefox from memory
 */
function sourceOf(entry) {
  if (!entry) return "memory";
  const { transferSize, decodedBodySize, responseStatus } = entry;
  if (decodedBodySize) return transferSize ? "network" : "cache";
  const [page] = entriesOf("navigation");
  return responseStatus === 0 || transferSize > 300 || page?.type === "reload" ? "network" : "memory";
}

/**
 * Return whether the sheets of a URL are what a text makes.
 * @param {string} url
 * @param {string} text
 */
function shows(url, text) {
  const shown = sheets().filter(({ href }) => href === url);
  if (!shown.length) return true;
  const fresh = new (pristine("CSSStyleSheet"))();
  // Leaves out imports.
  fresh.replaceSync(text);
  /** @param {any} sheet */
  const rules = (sheet) => rulesOf(sheet).filter(({ href }) => !href).map(({ cssText }) => cssText).join();
  return shown.every((sheet) => rules(sheet) === rules(fresh));
}

/**
 * Return whether the page shows what the server has no more, or may do so.
 * @param {string} url
 * @param {PerformanceResourceTiming | undefined} entry
 */
async function isOutdated(url, entry) {
  const first = await fetch(url, { cache: "force-cache" });
  // What is missing shows nothing, though a page may list the sheet.
  if (!first.ok) return false;
  const kept = await first.text();
  const last = entriesOf("resource").filter(({ name }) => name === url).at(-1);
  // Without an HTTP cache, as in WebKit's private windows, nothing is known but of style sheets.
  const isNew = last !== entry && sourceOf(last) === "network";
  const text = isNew ? kept : await (await fetch(url, { cache: "no-cache" })).text();
  if (kept !== text || sourceOf(entry) === "memory" && !shows(url, text)) return true;
  return isNew && entry && !/\.css$/i.test(pathOf(url));
}

/**
 * Find what caches gave without asking the server, and is no longer what the server has.
 *
 * A tab asks about a URL once for each state of the server, so that nothing is asked again and again while
 * nothing is saved. The HTTP cache holds the new file afterwards.
 */
export async function check() {
  const skipped = [plain(tag.src), visit.answersPost && here()];
  const stateNow = () => `${session.run} ${session.seq ?? session.greeted}`;
  const state = stateNow();
  const before = exchange("checked");
  const checked = new Set(before?.state === state ? listOf(before.urls) : []);
  /** @type {PerformanceResourceTiming[]} */
  const entries = ["navigation", "resource"].flatMap(entriesOf);
  const found = new Map([
    ...shownUrls().map((url) => /** @type {[string, any]} */ ([url.replace(/#.*/, ""), undefined])),
    ...entries.map((entry) => /** @type {[string, any]} */ ([entry.name.replace(/#.*/, ""), entry])),
  ]);
  const outdated = [];
  for (const [url, entry] of found) {
    if (!isOwn(url) || checked.has(url) || skipped.includes(url)) continue;
    checked.add(url);
    if (sourceOf(entry) !== "network" && await isOutdated(url, entry).catch(() => false)) outdated.push(url);
  }
  exchange("checked", { state, urls: [...checked] });
  if (!outdated.length) return;
  // What was saved meanwhile comes as an update, too.
  await sleep(UPDATE_MS);
  const paths = outdated.map(pathOf);
  const action = paths.every((path) => /\.css$/i.test(path)) ? "css" : "reload";
  if (state === stateNow()) await apply({ seq: 0, action, paths });
}
