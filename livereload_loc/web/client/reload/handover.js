// What a document leaves for the one that it is reloaded to.

import { exchange, listOf, tried } from "./helpers.js";
import { framed, here, loaded, parsed } from "./page.js";
import { part } from "./parts.js";
import { session } from "./session.js";

const KEPT_MS = 60_000;

/** @import { Update } from "./updates.js" */

/** The fields that the user changed, and whatever else they typed into. @type {any[]} */
export const touched = [];
/** @param {Event} event */
export const onInput = ({ target }) => touched.includes(target) || touched.push(target);

/** Updates that wait until the page has loaded. @type {Update[]} */
export const deferredUpdates = [];

/** What the user typed and where they are, once this document is about to be replaced. @type {unknown} */
let snapshot;

// The documents of a tab share its storage, and may have one URL: a frame has its number besides.
const place = () => (framed ? tried(() => Array.prototype.indexOf.call(window.parent, window)) : "") + here();

/** @param {any} [keeper] keep.js, when this document is about to be replaced */
export function leave(keeper) {
  snapshot = keeper?.snapshot?.(touched) ?? snapshot;
  exchange(place(), { at: Date.now(), session, deferredUpdates, snapshot, hash: location.hash });
}

/** Forget what a frame has left because the page around it might reload first. */
export const forget = () => framed && !snapshot && exchange(place());

/**
 * Go on where the document before this one stopped.
 * @returns {Update[]} the updates that waited in it
 */
export function resume() {
  const left = exchange(place());
  if (!(Date.now() - left?.at < KEPT_MS)) return [];
  if (framed) exchange(place(), left);
  session.resume(left.session);
  // Lost where the page had to be asked for by its address.
  if (left.hash && !location.hash) location.replace(left.hash);
  if (left.snapshot) part("keep").then((keep) => keep?.restore(left.snapshot, touched, parsed, loaded));
  return listOf(left.deferredUpdates).filter((update) => Number.isInteger(update?.seq) && Array.isArray(update.paths));
}
