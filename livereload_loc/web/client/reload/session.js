// What this page knows of the server's run and still has to do for it.

/**
 * @import { Update } from "./updates.js"
 * @typedef {{run: string, seq: number, exact?: boolean, inPlace?: string}} Hello the server's first message
 */

import { listOf } from "./helpers.js";

const MOST_ACKS = 1000;

export class Session {
  /** The run of the server that this page knows. @type {string | null} */
  run = null;
  /** The number of the last update of it that came. @type {number | null} */
  seq = null;
  // The server's number when it greeted, and whether its paths are URL paths (loc-dev serve).
  greeted = 0;
  exact = false;
  /** Which pages show in place what was saved: "on" for those without scripts, "always". @type {string | undefined} */
  inPlace;
  /** Updates whose reload the next document reports. @type {number[]} */
  pendingReloadAcks = [];
  // Why they need a reload.
  why = "";

  /**
   * Go on with what the document before this one knew, if it is of that shape.
   * @param {any} left
   */
  resume(left) {
    const { run, seq, exact, pendingReloadAcks: acks, why } = left ?? {};
    if (typeof run !== "string" || !Number.isInteger(seq ?? 0)) return;
    Object.assign(this, { run, seq, exact: exact === true, why: `${why ?? ""}` });
    this.pendingReloadAcks = listOf(acks).filter(Number.isInteger).slice(-MOST_ACKS);
  }

  /**
   * Take note of the server's run.
   * @param {Hello} hello
   * @param {string} [tagRun] the run of the app that made the page, where the app has put the tag in itself
   * @returns {boolean} whether the page is older than that run. An app may make a page while it ends; a page
   *   that this run has made is never older.
   */
  greet({ run, seq, exact, inPlace }, tagRun) {
    const outdated = (this.run ?? tagRun ?? run) !== run && tagRun !== run;
    if (this.run !== run) this.seq = outdated ? seq : null;
    Object.assign(this, { run, greeted: seq, exact, inPlace });
    return outdated;
  }

  /**
   * Take note of an update. Updates come in order; one that is missing got lost on the way.
   * @param {Update} update
   * @returns {Update | undefined} what is to be done: nothing about a known update, and after a gap anything
   *   may have changed
   */
  accept(update) {
    const { seq, all } = update;
    if (!all && seq <= (this.seq ?? -1)) return;
    const gap = seq > (this.seq ?? this.greeted) + 1;
    this.seq = seq;
    return gap ? { ...update, paths: [] } : update;
  }
}

export const session = new Session();
