// What a document leaves for the one that it is reloaded to.

import { entriesOf, exchange, listOf, tried } from "./helpers.js";
import { framed, here, loaded, parsed } from "./page.js";
import { part } from "./parts.js";
import { session } from "./session.js";

const KEPT_MS = 60_000;

/** @import { Update } from "./updates.js" */

/** The fields that the user changed, and whatever else they typed into. @type {any[]} */
export const touched = [];
/** @param {Event} event */
export function onInput(event) {
  // What is in the shadow root of a component, too.
  const [field] = event.composedPath();
  if (!touched.includes(field)) touched.push(field);
}

/** Updates that wait until the page has loaded. @type {Update[]} */
export const deferredUpdates = [];

/** What the user typed and where they are, once this document is about to be replaced. @type {unknown} */
let snapshot;

// The documents of a tab share its storage, and may have one URL: a frame has its number besides. What a tab shows may
// have another one after a redirect.
const place = () => (framed ? tried(() => /** @type {any} */ ([]).indexOf.call(window.parent, window)) + here() : "page");

/** @param {any} [keeper] keep.js, when this document is about to be replaced */
export function leave(keeper) {
  snapshot = keeper?.snapshot?.(touched) ?? snapshot;
  exchange(place(), { at: Date.now(), session, deferredUpdates, snapshot, url: here() });
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
  const isHere = left.url === here();
  session.resume(left.session);
  // What a link leads to may be older than that document.
  if (!isHere && entriesOf("navigation")[0]?.type !== "reload") session.run = null;
  if (isHere && left.snapshot) part("keep").then((keep) => keep?.restore(left.snapshot, touched, parsed, loaded));
  return listOf(left.deferredUpdates).filter((update) => Number.isInteger(update?.seq) && Array.isArray(update.paths));
}
