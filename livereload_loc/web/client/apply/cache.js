// Finds what a page got from the HTTP cache though it was saved since. A page does this once.

import { exchange, plain } from "../reload/helpers.js";
import { own, sleep } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { here } from "../reload/page.js";
import { fetch } from "../reload/parts.js";
import { session } from "../reload/session.js";
import { tag } from "../reload/tag.js";
import { Set } from "./clean.js";
import { apply } from "./updates.js";
import { pathOf } from "./urls.js";

// The longest that the server takes to tell of a save.
const TOLD_MS = 200;

/** @param {string} url @param {RequestCache} cache */
const textOf = async (url, cache) => (await fetch(url, { cache })).text();

/**
 * Find what the cache gave without asking the server, and is no longer what the server has.
 *
 * A tab asks about a URL once for each state of the server, so that nothing is asked again and again while
 * nothing is saved. The cache holds the new file afterwards.
 */
export async function check() {
  const skipped = [plain(tag.src), visit.answersPost && here()];
  const stateNow = () => `${session.run} ${session.seq ?? session.greeted}`;
  const state = stateNow();
  const before = exchange("checked");
  const checked = new Set(before?.state === state && Array.isArray(before.urls) ? before.urls : []);
  const outdated = [];
  const performance = own("performance", "Performance");
  const entries = ["navigation", "resource"].flatMap((type) => performance?.getEntriesByType(type) ?? []);
  for (const { name, transferSize, decodedBodySize } of /** @type {PerformanceResourceTiming[]} */ (entries)) {
    const url = name.replace(/#.*/, "");
    const unasked = transferSize === 0 && decodedBodySize > 0 && url.startsWith(`${location.origin}/`);
    if (!unasked || checked.has(url) || skipped.includes(url)) continue;
    checked.add(url);
    if ((await textOf(url, "force-cache")) !== (await textOf(url, "no-cache"))) outdated.push(url);
  }
  exchange("checked", { state, urls: [...checked] });
  if (!outdated.length) return;
  // What was saved meanwhile comes as an update, too.
  await sleep(TOLD_MS);
  const paths = outdated.map(pathOf);
  const action = paths.every((path) => /\.css$/i.test(path)) ? "css" : "reload";
  if (state === stateNow()) await apply({ seq: 0, action, paths });
}
