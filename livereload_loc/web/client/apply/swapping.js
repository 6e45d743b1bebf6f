// Swaps style sheets and images in place, with no flash.

import { plain, tried, within } from "../reload/helpers.js";
import { Promise, call, create } from "../reload/native.js";
import { GUARD, settled } from "../reload/page.js";
import { Map, Set } from "./clean.js";
import { keepsInMemory, refetch, refetchKept, renewMemory } from "./refetching.js";
import { addressOf, allIn, covers, inSheet, referring, scopes } from "./references.js";
import { hasStamp, stamped, stampedLike } from "./stamps.js";
import { isLoading } from "./usage.js";

/** @typedef {import("./references.js").Reference} Reference */

const IMPORT_MS = 1000;

/** What was swapped, and by what. @type {Map<string, string>} */
const swapped = new Map();

/**
 * Show the new files wherever the page shows `urls`; try again after the page has loaded.
 * @param {string} action css or image
 * @param {Set<string>} urls
 * @returns {Promise<boolean>} false where only a reload helps
 */
export async function swap(action, urls) {
  const attempt = () => (action === "css" ? swapStyles : swapImages)(urls).catch((error) => {
    tried(() => console.debug("loc-dev:", error));
    return false;
  });
  if (await attempt()) return true;
  if (!isLoading()) return false;
  await settled();
  return attempt();
}

// ---------------------------------------------------------------- style sheets

/**
 * Put new sheets behind those that use `urls`; the old ones go when the new ones apply.
 * @param {Set<string>} urls
 */
async function swapStyles(urls) {
  const found = referring(urls, ":not([rel~=stylesheet],style)").filter(({ owner }) => owner);
  const owners = new Set(found.map(({ owner }) => owner));
  const nested = found.some((reference) => reference.nested);
  // Firefox remembers a style by its text, with the sheets that it imports.
  if (keepsInMemory && found.some((reference) => reference.nested && !reference.owner.href)) return false;
  // The browser remembers a sheet with those that it imports.
  const renewed = renewMemory(nested ? [...owners].flatMap(familyOf) : urls);
  // What a new sheet imports comes from the HTTP cache, or from memory.
  if (nested) await within(Promise.all([...urls].map(refetch)), IMPORT_MS);
  else refetchKept(urls);
  if (nested && !(await renewed)) return false;
  const applied = await Promise.all([...owners].map((owner) => owner.matches && renew(owner)));
  await renewed;
  return applied.every(Boolean) && covers(found, urls);
}

/** Return the URLs of a sheet and of all that it imports. @param {any} owner @returns {string[]} */
const familyOf = (owner) => [owner.href, ...inSheet(owner.sheet, owner).filter(({ nested }) => nested).map(({ url }) => url)]
  .filter(Boolean).map(plain);

/** @param {any} element a link or style @returns {Promise<boolean | undefined>} whether its sheet was loaded */
const loadOf = (element) => within(new Promise((done) => {
  element.addEventListener("load", () => done(true), { once: true });
  element.addEventListener("error", () => done(false), { once: true });
}));

/**
 * Give a sheet what scripts can change of it beside the attributes of its element.
 * @param {any} sheet
 * @param {{disabled: boolean, media: string}} state
 */
function setState(sheet, { disabled, media }) {
  if (sheet.disabled !== disabled) sheet.disabled = disabled;
  if (sheet.media.mediaText !== media) sheet.media.mediaText = media;
}

/** @param {any} sheet */
const stateOf = ({ disabled, media }) => ({ disabled, media: media.mediaText });

/** @param {any} old a link or style element @returns {Promise<boolean>} whether the new one applies */
async function renew(old) {
  const fresh = old.cloneNode(true);
  fresh.removeAttribute("onload");
  if (old.href) {
    const address = addressOf(old), url = stamped(address);
    // As the page writes it, unless a script has changed what that means.
    const kept = plain(old.href) === plain(address);
    fresh.setAttribute("href", kept ? stampedLike(old.getAttribute("href"), url) : url);
  }
  const came = loadOf(fresh);
  old.after(fresh);
  const shown = old.disabled || Boolean(await came);
  if (shown && old.sheet && fresh.sheet) setState(fresh.sheet, stateOf(old.sheet));
  // Only the element itself knows whether a script has enabled the sheet of a set that is not the page's first.
  const stays = shown && old.href && old.sheet && old.title;
  if (shown && old.href) swapped.set(plain(fresh.href), fresh.href);
  if (stays && !await moveToUrl(old, fresh.getAttribute("href"))) return false;
  call(shown && !stays ? old : fresh, "remove");
  const current = stays ? old : fresh;
  // The browser remembers the old images of its styles, whatever its cache holds.
  for (const { url, nested, put } of inSheet(current.sheet, current)) {
    const image = swapped.get(plain(url));
    if (image && !nested) put(image);
  }
  return shown;
}

/** Have what has come into the page show what is in files that were swapped before: the browser remembers the old ones. */
export function renewAdded() {
  if (!swapped.size) return;
  for (const { url, nested, put } of referring(new Set(swapped.keys()), "script,embed,iframe")) {
    if (!nested && !hasStamp(url)) put(stamped(url));
  }
}

/**
 * Have a link use another file; its copy shows meanwhile.
 * @param {any} link
 * @param {string} url
 */
async function moveToUrl(link, url) {
  const state = stateOf(link.sheet);
  const came = loadOf(link);
  link.setAttribute("href", url);
  const shown = link.disabled || Boolean(await came);
  if (shown && link.sheet) setState(link.sheet, state);
  return shown;
}

// ---------------------------------------------------------------- images

/**
 * Whether a document of its own shows one of `urls`, which only its own reload renews. One that has a client
 * swaps for itself.
 * @param {Set<string>} urls
 */
const embedded = (urls) => scopes(document)
  .flatMap((root) => allIn("object,embed,iframe", root))
  .filter(({ contentDocument, contentWindow }) => !(contentDocument && GUARD in contentWindow))
  .some((frame) => urls.has(plain(frame.data ?? frame.src)));

/**
 * Load the new images, then put them wherever the old ones show.
 * @param {Set<string>} urls
 */
async function swapImages(urls) {
  if (embedded(urls)) return false;
  refetchKept(urls);
  const renewed = renewMemory(urls);
  const found = referring(urls, "script,embed,iframe,[rel~=stylesheet]").filter(({ nested }) => !nested);
  const pairs = found.map((reference) => ({ reference, url: stamped(reference.url) }));
  await within(Promise.allSettled(pairs.map(({ reference, url }) => {
    const image = create("img");
    image.crossOrigin = reference.owner?.crossOrigin ?? null;
    image.src = url;
    return image.decode();
  })));
  for (const { reference, url } of pairs) {
    swapped.set(plain(url), url.replace(/#.*/, ""));
    reference.put(url);
  }
  await renewed;
  return covers(found, urls);
}
