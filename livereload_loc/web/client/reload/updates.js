// Does what updates ask of the page.

import { answer } from "./connection.js";
import { decide } from "./decision.js";
import { deferredUpdates } from "./handover.js";
import { guarded } from "./helpers.js";
import { here, isLoading, settled } from "./page.js";
import { refetch } from "./refetching.js";
import { reload } from "./reloading.js";
import { session } from "./session.js";
import { part } from "./tag.js";
import { usedUrls } from "./usage.js";

/** @import { Update } from "./decision.js" */

/** @param {Update} update */
export function receive(update) {
  const next = session.accept(update);
  return next && apply(next);
}

/** @param {Update} update */
export async function apply(update) {
  const { seq, action } = update;
  const facts = { used: usedUrls(), here: here(), exact: session.exact, loading: isLoading() };
  const { does, urls, everyone } = decide(update, facts);
  if (does === "swap") swapping = swapping.then(guarded(() => swap(seq, action, urls)));
  else if (does === "reload") await reload(seq, urls, everyone);
  else if (does === "nothing") answer(seq, does, "not used here");
  else {
    // What a page uses shows when it has loaded.
    deferredUpdates.add(update);
    await settled();
    deferredUpdates.delete(update);
    await apply({ ...update, waited: true });
  }
}

/** Swaps are done one after the other, so that the newest is the last. @type {Promise<unknown>} */
let swapping = Promise.resolve();

/** @param {number} seq @param {string} action @param {Set<string>} [urls] */
async function swap(seq, action, urls) {
  const done = await part("swap", (swapper) => swapper.swap(action, urls, refetch, isLoading, settled));
  return done ? answer(seq, action) : reload(seq, urls);
}
