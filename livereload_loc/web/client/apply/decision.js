// Decides what a page does about an update. Nothing here touches the page.

import { Set, URL } from "./clean.js";
import { concernsAll, matchUrls } from "./urls.js";

/**
 * @import { Update } from "../reload/updates.js"
 * @typedef {{used: Set<string>, here: string, exact: boolean, loading: boolean}} Facts
 *   the URLs that the page uses, its own URL, whether paths are URL paths, and whether it is still loading
 * @typedef {{
 *   does: "swap" | "reload" | "wait" | "nothing", urls?: Set<string>, everyone?: boolean,
 * }} Decision what to do, the URLs that changed as far as they are known, and whether all pages do it
 */

/**
 * @param {Update} update
 * @param {Facts} facts
 * @returns {Decision}
 */
export function decide({ action, paths, all, waited }, { used, here, exact, loading }) {
  if (!paths.length) return { does: "reload", everyone: true };
  const everyone = paths.some((path) => concernsAll(path, exact));
  // When the wait ends it may be too late for the server to tell all pages, if none used the file.
  const must = all || (waited && !exact);
  let urls = new Set(paths.flatMap((path) => matchUrls(path, used, exact)));
  // A worker loads what the page knows nothing of: its file may be where its path says. Where paths are URL
  // paths, one that concerns all is none: pages are made of that file.
  if (!urls.size && must && !exact) {
    urls = new Set(paths.flatMap((path) => [`/${path}`, path].map((guess) => new URL(guess, here).href)));
  }
  // A picture in a tab of its own is a document.
  if (urls.size && !everyone && !urls.has(here) && action !== "reload") return { does: "swap", urls };
  if (urls.size || everyone || must) return { does: "reload", urls, everyone };
  return { does: loading && !waited ? "wait" : "nothing" };
}
