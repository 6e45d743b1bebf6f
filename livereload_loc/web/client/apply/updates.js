// Does what updates ask of the page.

import { answer } from "../reload/connection.js";
import { deferredUpdates } from "../reload/handover.js";
import { guarded } from "../reload/helpers.js";
import { Promise } from "../reload/native.js";
import { here, settled } from "../reload/page.js";
import { reload } from "../reload/reloading.js";
import { session } from "../reload/session.js";
import { Set } from "./clean.js";
import { decide } from "./decision.js";
import { changeInPlace, mayChangeInPlace } from "./in_place.js";
import { refetchAll } from "./refetching.js";
import { swap } from "./swapping.js";
import { isLoading, usedUrls } from "./usage.js";

/** @import { Update } from "../reload/updates.js" */

/**
 * Do what an update asks: reload at least, where something in the page is too odd to know what is enough.
 * @param {Update} update
 */
export const apply = (update) => act(update).catch(() => reload(update.seq));

/** @param {Update} update */
async function act(update) {
  const { seq, action } = update;
  const facts = { used: usedUrls(), here: here(), exact: session.exact, loading: isLoading() };
  const decision = decide(update, facts);
  const { does, urls, everyone } = decision;
  const reloaded = (why = "") => reload(seq, () => refetchAll(urls, everyone), why);
  if (does === "swap") inTurn(async () =>
    (await swap(action, urls ?? new Set()) ? answer(seq, action) : reloaded()));
  else if (does === "reload" && mayChangeInPlace(update, decision)) inTurn(() =>
    changeInPlace(update, decision).then((did) => answer(seq, did), ({ message }) => reloaded(message)));
  else if (does === "reload") await reloaded();
  else if (does === "nothing") answer(seq, does, "not used here");
  else {
    // What a page uses shows when it has loaded.
    deferredUpdates.push(update);
    await settled();
    deferredUpdates.splice(deferredUpdates.indexOf(update), 1);
    await act({ ...update, waited: true });
  }
}

/** What was changed last. @type {Promise<unknown>} */
let changing = Promise.resolve();

/** Change the page when what came before is done, so that the newest is the last. @param {() => unknown} work */
const inTurn = (work) => changing = changing.then(guarded(work));
