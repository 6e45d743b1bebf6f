// Brings saved files into the HTTP cache, from where reloads and swaps take them.

import { guarded } from "./helpers.js";
import { isOwn } from "./page.js";

/** What is on its way. @type {Set<Promise<unknown>>} */
export const fetching = new Set();

/** @param {Promise<unknown>} work @returns {Promise<unknown>} */
export function track(work) {
  /** @type {Promise<unknown>} */
  const done = guarded(() => work)().then(() => fetching.delete(done));
  fetching.add(done);
  return done;
}

/** @param {string} url */
export const refetch = (url) => track(fetch(url, {
  cache: "reload",
  ...(isOwn(url) ? {} : { mode: "no-cors", credentials: "include" }),
}).then((response) => response.blob()));

/**
 * Wait for what is on its way, also for what is added meanwhile, but no longer than for `end`.
 * @param {Promise<unknown>} end resolves to something true
 */
export async function refetched(end) {
  while (fetching.size && !(await Promise.race([Promise.all(fetching).then(() => false), end])));
}
