// Finds what a page got from the HTTP cache though it was saved since. The client loads this once per page.

const KEY = "loc-dev checked";
// The longest that the server takes to tell of a save.
const TOLD_MS = 200;

/** @param {string} url @param {RequestCache} cache */
const textOf = async (url, cache) => (await fetch(url, { cache })).text();

/**
 * Find what the cache gave without asking the server, and is no longer what the server has.
 *
 * A tab asks about a URL once for each state of the server, so that nothing is asked again and again while
 * nothing is saved. The cache holds the new file afterwards.
 * @param {{run: string | null, seq: number | null, greeted: number}} session what the page knows of the server
 * @param {(string | false)[]} skipped URLs
 * @param {(url: string) => string} pathOf
 * @param {(update: {seq: number, action: string, paths: string[]}) => unknown} apply shows what was found
 */
export async function check(session, skipped, pathOf, apply) {
  const stateNow = () => `${session.run} ${session.seq ?? session.greeted}`;
  const state = stateNow();
  const before = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const checked = new Set(before?.state === state ? before.urls : []);
  const outdated = [];
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  for (const { name, transferSize, decodedBodySize } of /** @type {PerformanceResourceTiming[]} */ (entries)) {
    const url = name.replace(/#.*/, "");
    const unasked = transferSize === 0 && decodedBodySize > 0 && url.startsWith(`${location.origin}/`);
    if (!unasked || checked.has(url) || skipped.includes(url)) continue;
    checked.add(url);
    if ((await textOf(url, "force-cache")) !== (await textOf(url, "no-cache"))) outdated.push(url);
  }
  sessionStorage.setItem(KEY, JSON.stringify({ state, urls: [...checked] }));
  if (!outdated.length) return;
  // What was saved meanwhile comes as an update, too.
  await new Promise((done) => setTimeout(done, TOLD_MS));
  const paths = outdated.map(pathOf);
  const action = paths.every((path) => /\.css$/i.test(path)) ? "css" : "reload";
  if (state === stateNow()) await apply({ seq: 0, action, paths });
}
