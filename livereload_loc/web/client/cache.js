// Finds what a page got from the HTTP cache though it was saved since. The client asks for this once per page.

const KEY = "loc-dev checked";
const TOLD_MS = 200;

/** @param {string} url @param {RequestCache} cache */
const textOf = async (url, cache) => (await fetch(url, { cache })).text();

/**
 * Look for what the cache gave without asking the server, and is no longer what the server has.
 *
 * A tab asks about a URL once for each `state` of the server, so that nothing is asked again and again
 * while nothing is saved. The cache holds the new file afterwards.
 * @param {() => string} now the state of the server that the page knows
 * @param {(string | false)[]} skipped URLs
 * @param {(url: string) => string} pathOf
 * @param {(update: {seq: number, action: string, paths: string[]}) => unknown} decide shows what was found
 */
export async function check(now, skipped, pathOf, decide) {
  const state = now();
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
  if (!found.length) return;
  // What was saved while it looked is told as well.
  await new Promise((done) => setTimeout(done, TOLD_MS));
  const paths = found.map(pathOf);
  const action = paths.every((path) => /\.css$/i.test(path)) ? "css" : "reload";
  if (state === now()) await decide({ seq: 0, action, paths });
}
