// Takes updates, and has the part that knows what to do about them do it.

import { within } from "./helpers.js";
import { part } from "./parts.js";
import { reload } from "./reloading.js";
import { session } from "./session.js";

/**
 * @typedef {{seq: number, action: string, paths: string[], all?: boolean, unseen?: boolean, waited?: boolean}} Update
 *   what the server tells all pages: without paths anything may have changed, and with `all` no page does less
 *   than `action`. With `unseen` workers and frames have loaded what has changed, and only a reload of these pages
 *   helps. An update that `waited` did so until the page had loaded.
 */

/** @param {Update} update */
export function receive(update) {
  const next = session.accept(update);
  return next && obey(next);
}

/** Do what an update asks of the page: reload at least, where it is not known what is enough. @param {Update} update */
export async function obey(update) {
  const applier = await within(part("apply"));
  await (applier ? applier.apply(update) : reload(update.seq));
}
