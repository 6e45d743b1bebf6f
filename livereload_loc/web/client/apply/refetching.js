// Brings all that a reload needs into the HTTP cache, and the frames up to date.

import { guarded, on } from "../reload/helpers.js";
import { Promise, create, get } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { all, doc, here, isOwn, workerOf } from "../reload/page.js";
import { fetch, part } from "../reload/parts.js";
import { session } from "../reload/session.js";
import { tag } from "../reload/tag.js";
import { Set, hide } from "./clean.js";
import { policyIn } from "./trusted.js";
import { ASSET, pathOf } from "./urls.js";
import { sources, usedUrls } from "./usage.js";

// Without a Last-Modified header this is the time of asking, which moves on.
const modified = get(doc, "lastModified");

/** What is on its way. @type {Set<Promise<unknown>>} */
const fetching = new Set();

/** @param {Promise<unknown>} work @returns {Promise<unknown>} */
function track(work) {
  /** @type {Promise<unknown>} */
  const done = guarded(() => work)().then(() => fetching.delete(done));
  fetching.add(done);
  return done;
}

/** Bring a saved file into the HTTP cache, from where reloads and swaps take it. @param {string} url */
export const refetch = (url) => track(fetch(url, {
  cache: "reload",
  ...(isOwn(url) ? {} : { mode: "no-cors", credentials: "include" }),
}).then((response) => response.blob()));

/** Return whether a browser may have kept a file: `loc-dev serve` has it ask about each. @param {string} url */
const mayBeKept = (url) => !(session.exact && url.startsWith(`${tag.server.origin}/`));

/** Refetch those of `urls` that a browser may have kept. @param {Iterable<string>} urls */
export const refetchKept = (urls) => [...urls].filter(mayBeKept).forEach(refetch);

// Only Firefox keeps files in memory beside its HTTP cache. Nothing tells that, but a property that it alone has.
export const keepsInMemory = "MozTransform" in create("a").style;

/**
 * Renew what the browser keeps of style sheets and images beside its HTTP cache.
 * @param {Iterable<string>} urls
 * @returns {Promise<boolean>} whether it keeps nothing old there; a service worker has its own way with that
 */
export const renewMemory = async (urls) => !keepsInMemory || workerOf(window) ||
  Boolean(await (await part("memory"))?.renew([...urls], hide, policyIn).catch(() => false));

/** @param {string} url */
const isSheetOrImage = (url) => ASSET.test(pathOf(url)) && !/(js|woff2?|[ot]tf|eot)$/i.test(pathOf(url));

/**
 * Refetch what may have changed, and wait for all that is on its way, also for what is added meanwhile.
 * @param {Set<string>} [hits] what is known to have changed
 * @param {boolean} [everyone] whether all pages reload
 */
export async function refetchAll(hits, everyone) {
  const urls = hits ?? [...usedUrls()].filter(isOwn);
  const pages = [here(), ...sources()];
  refetchKept([...urls].filter((url) => !pages.includes(url)));
  if (all("iframe,object,embed").length) {
    track(part("frames").then((frames) => frames?.renew(everyone || !hits || hits)));
  }
  // A file that is saved twice within a second answers 304 to a plain reload.
  // Such a page is asked for by its address and not reloaded, which would not take files from memory.
  if (!visit.surelyGet) track(renewMemory([...urls].filter(isSheetOrImage)));
  if (!visit.surelyGet || get(doc, "lastModified") === modified) refetchKept([here()]);
  while (fetching.size) await Promise.all(fetching);
}

/** @param {any} frame */
const adopt = async (frame) => frame.contentDocument && (await part("frames"))?.adopt(frame, policyIn);
on(doc, "load", ({ target }) => adopt(target));

/** Give frames of this origin clients of their own, where they have none; later ones when they load. */
export const adoptFrames = () => all("iframe").forEach(guarded(adopt));

/** @param {SecurityPolicyViolationEvent} event */
async function onViolation({ blockedURI, effectiveDirective, disposition }) {
  if (effectiveDirective !== "connect-src" || disposition !== "enforce") return;
  if (fetching.size && isOwn(blockedURI)) (await part("refusals"))?.sayBlocked("'self'");
}
on(doc, "securitypolicyviolation", onViolation);
