// Finds what a page got from the HTTP cache though it was saved since. The client asks for this once per page.

const KEY = "loc-dev checked";
const TOLD_MS = 200;

/** @param {string} url @param {RequestCache} cache */
const textOf = async (url, cache) => (await fetch(url, { cache })).text();

/**
 * What the cache gave without asking the server, and what is no longer what the server has.
 *
 * A tab asks about a URL once for each `state` of the server, so that nothing is asked again and again
 * while nothing is saved. The cache holds the new file afterwards.
 * @param {string} state
 * @param {(string | false)[]} skipped URLs
 * @returns {Promise<{action: string, urls: string[]}>} what it takes to show them, a little later, so that
 *   what was saved meanwhile is told by then
 */
export async function stale(state, skipped) {
  const before = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const checked = new Set(before?.state === state ? before.urls : []);
  const found = [];
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  for (const { name, transferSize, decodedBodySize } of /** @type {PerformanceResourceTiming[]} */ (entries)) {
    const url = name.replace(/#.*/, "");
    const unasked = transferSize === 0 && decodedBodySize > 0 && url.startsWith(`${location.origin}/`);
    if (!unasked || checked.has(url) || skipped.includes(url)) continue;
    checked.add(url);
    if ((await textOf(url, "force-cache")) !== (await textOf(url, "no-cache"))) found.push(url);
  }
  sessionStorage.setItem(KEY, JSON.stringify({ state, urls: [...checked] }));
  if (found.length) await new Promise((done) => setTimeout(done, TOLD_MS));
  return { action: found.every((url) => /\.css$/i.test(new URL(url).pathname)) ? "css" : "reload", urls: found };
}
