// Which URLs the page uses.

import { PATIENCE_MS, entriesOf, plain, tried } from "../reload/helpers.js";
import { get, now, own } from "../reload/native.js";
import { GUARD, all, doc, here, isOwn } from "../reload/page.js";
import { session } from "../reload/session.js";
import { tag } from "../reload/tag.js";
import { readTiming } from "../reload/timing.js";
import { Set, URL } from "./clean.js";
import { absolute } from "./stamps.js";
import { ASSET, PAGE, pathOf } from "./urls.js";

// The parts of this client, which a page names as little as it does the client itself.
const PART = /\/_loc\/\w+\.js$/;

/** What Resource Timing saw. @type {Set<string>} */
const timed = new Set();
// The pages that scripts fetched. A server of files may be asked for them again; a frame reloads by itself.
/** @type {Set<string>} */
const fetched = new Set();
// What else was loaded, such as data, media and what an object shows.
/** @type {Set<string>} */
const others = new Set();

const readNewest = readTiming((entries) => entries.forEach(({ name, initiatorType }) => {
  const path = pathOf(name);
  // A picture in a frame is a document, which reloads by itself where it has a client.
  if (/frame/.test(initiatorType)) return;
  if (ASSET.test(path)) timed.add(plain(name));
  else others.add(plain(name));
  if (/fetch|http/.test(initiatorType) && PAGE.test(path) && isOwn(name)) fetched.add(plain(name));
}));

/** Return the URLs that the page has loaded beside assets, itself and the client. */
export function otherUrls() {
  readNewest();
  return new Set([...others].filter((url) => url !== here() && url !== plain(tag.src)));
}

// A server names files that it shows at another address, or that a page lists: /404.html, /files/* (any file
// in that folder), or ** (any file below the page).
export const sources = () => (tag.page?.split(" ") ?? [])
  .map((name) => new URL(name, here().replace(/\/*(\?.*)?$/, "/")).href);

// Some pages never end loading: those with an endless picture.
export const isLoading = () => get(doc, "readyState") !== "complete" && now() < 2 * PATIENCE_MS;

/** None where a sheet is another origin's or not there yet. @param {any} sheet @returns {any[]} */
export function rulesOf(sheet) {
  try {
    return [...sheet.cssRules];
  } catch {
    return [];
  }
}

/** @param {any} sheet @returns {any[]} the sheet and what it imports, at any depth */
const family = (sheet) =>
  [sheet, ...rulesOf(sheet).flatMap(({ styleSheet }) => (styleSheet ? family(styleSheet) : []))];

/** Return the sheets of the page, and what they import. */
export const sheets = () => [...get(doc, "styleSheets")].flatMap(family);

/**
 * Return the URLs of the style sheets, scripts and images that the page's elements have loaded. Resource Timing may
 * not list those that came from memory.
 * @returns {string[]}
 */
export const shownUrls = () => [
  ...sheets().map(({ href }) => href),
  ...all("script[src]").filter(({ noModule }) => !noModule).map(({ src }) => src),
  ...all("img,input[type=image]").filter(({ naturalWidth }) => naturalWidth !== 0)
    .map(({ currentSrc, src }) => currentSrc || src),
  ...all("image").map(({ href, baseURI }) => absolute(href?.baseVal, baseURI)),
].filter((url) => /^http/.test(url));

/** Return the URLs that the page shows, has loaded, or is about to load. */
export function usedUrls() {
  readNewest();
  return new Set([
    location.href,
    // Where the document came from: a script may have changed the address since.
    entriesOf("navigation")[0]?.name,
    ...sources(),
    ...timed,
    ...shownUrls(),
    ...(session.exact ? fetched : []),
    ...all("[src],link:is([rel~=stylesheet],[rel*=icon],[rel*=preload])")
      // A frame that has a client reloads by itself.
      .filter(({ contentDocument, contentWindow }) => !(contentDocument && GUARD in contentWindow))
      .map((element) => element.src || element.href),
    // The service worker that answers for the page; a page in a sandbox may not ask for it.
    tried(() => own("navigator", "Navigator").serviceWorker.controller?.scriptURL),
  ].filter((url) => url && typeof url === "string").map(plain).filter((url) => url !== plain(tag.src) && !PART.test(url)));
}
