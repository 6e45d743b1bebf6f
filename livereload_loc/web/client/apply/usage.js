// Which URLs the page uses.

import { PATIENCE_MS, plain, tried } from "../reload/helpers.js";
import { get, now, own } from "../reload/native.js";
import { GUARD, all, doc, here, isOwn } from "../reload/page.js";
import { session } from "../reload/session.js";
import { tag } from "../reload/tag.js";
import { readTiming } from "../reload/timing.js";
import { Set, URL } from "./clean.js";
import { ASSET, PAGE, pathOf } from "./urls.js";

/** What Resource Timing saw. @type {Set<string>} */
const timed = new Set();
// The pages that scripts fetched. A server of files may be asked for them again; a frame reloads by itself.
/** @type {Set<string>} */
const fetched = new Set();

const readNewest = readTiming((entries) => entries.forEach(({ name, initiatorType }) => {
  const path = pathOf(name);
  // A picture in a frame is a document, which reloads by itself where it has a client.
  if (ASSET.test(path) && !/frame/.test(initiatorType)) timed.add(plain(name));
  else if (/fetch|http/.test(initiatorType) && PAGE.test(path) && isOwn(name)) fetched.add(plain(name));
}));

// A server names files that it shows at another address, or that a page lists: /404.html, /files/* (any file
// in that folder), or ** (any file below the page).
export const sources = () => (tag.page?.split(" ") ?? [])
  .map((name) => new URL(name, here().replace(/\/*(\?.*)?$/, "/")).href);

// Some pages never end loading: those with an endless picture.
export const isLoading = () => get(doc, "readyState") !== "complete" && now() < 2 * PATIENCE_MS;

/** Return the URLs that the page shows, has loaded, or is about to load. */
export function usedUrls() {
  readNewest();
  return new Set([
    location.href,
    // Where the document came from: a script may have changed the address since.
    own("performance", "Performance")?.getEntriesByType("navigation")[0]?.name,
    ...sources(),
    ...timed,
    ...(session.exact ? fetched : []),
    ...all("[src],link:is([rel~=stylesheet],[rel*=icon],[rel*=preload])")
      // A frame that has a client reloads by itself.
      .filter(({ contentDocument, contentWindow }) => !(contentDocument && GUARD in contentWindow))
      .map((element) => element.src || element.href),
    // The service worker that answers for the page; a page in a sandbox may not ask for it.
    tried(() => own("navigator", "Navigator").serviceWorker.controller?.scriptURL),
  ].filter((url) => url && typeof url === "string").map(plain).filter((url) => url !== plain(tag.src)));
}
