// Shows a saved page in place, and the style sheets and images that were saved with it.

import { get } from "../reload/native.js";
import { GUARD, all, here } from "../reload/page.js";
import { part } from "../reload/parts.js";
import { session } from "../reload/session.js";
import { Set } from "./clean.js";
import { renewAdded, swap } from "./swapping.js";
import { IMAGE, SHEET, matchUrls } from "./urls.js";
import { otherUrls, sources } from "./usage.js";

/**
 * @import { Update } from "../reload/updates.js"
 * @import { Decision } from "./decision.js"
 */

/**
 * Return whether an update may need no reload.
 * @param {Update} update
 * @param {Decision} decision to reload
 */
export function mayChangeInPlace({ paths, all: must, unseen }, { urls, everyone }) {
  if (!session.inPlace || must || unseen || !paths.length) return false;
  const pages = [here(), ...sources()];
  const others = otherUrls();
  const fit = [...(urls ?? [])].every((url) => pages.includes(url) || SHEET.test(url) || IMAGE.test(url))
    && !paths.some((path) => matchUrls(path, others, session.exact).length);
  // What a frame without a client shows may be made of what was saved.
  return fit && !(everyone && all("iframe,object,embed").some(({ contentDocument: inner, contentWindow }) =>
    inner && get(inner, "URL")?.startsWith?.("http") && !(GUARD in contentWindow)));
}

/**
 * @param {Update} update
 * @param {Decision} decision
 * @returns {Promise<string>} what was done
 * @throws {Error} where only a reload helps
 */
export async function changeInPlace({ paths }, { urls }) {
  const inplace = await part("inplace");
  if (!inplace) throw new Error("a part of the client is missing");
  const shown = await inplace.showInPlace(paths);
  renewAdded();
  const swaps = [["css", SHEET], ["image", IMAGE]].map(([action, kind]) =>
    [action, new Set([...(urls ?? [])].filter((url) => /** @type {RegExp} */ (kind).test(url)))]);
  let did = shown;
  for (const [action, group] of /** @type {[string, Set<string>][]} */ (swaps)) {
    if (!group.size) continue;
    if (!await swap(action, group)) throw new Error("what was saved with the page needs a reload");
    did = "in-place";
  }
  return did;
}
