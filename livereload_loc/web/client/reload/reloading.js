// Reloads the page.

import { answer, attempts } from "./connection.js";
import { leave } from "./handover.js";
import { guarded, on, within } from "./helpers.js";
import { sleep } from "./native.js";
import { leavingMs, visit } from "./navigation.js";
import { show } from "./overlay.js";
import { framed, here, reloadIn } from "./page.js";
import { part } from "./parts.js";
import { session } from "./session.js";
import { refetchSeen } from "./timing.js";

const REFRESH_MS = 1000;

let preparing = false;

/** What the newest update has brought into the HTTP cache. @type {Promise<unknown>} */
let refetched;

/**
 * Reload; what else is asked for meanwhile joins in.
 * @param {number} seq the number of the update
 * @param {() => unknown} [refetch] brings what has changed into the HTTP cache, from where a reload takes it
 * @param {string} [why] why no less was enough
 */
export async function reload(seq, refetch = refetchSeen, why = "") {
  if (visit.answersPost) {
    show({});
    return answer(seq, "nothing", "answers a form");
  }
  session.pendingReloadAcks.push(seq);
  session.why ||= why.slice(0, 100);
  // The page around it may reload first.
  if (framed) leave();
  refetched = within(guarded(refetch)(), REFRESH_MS);
  if (preparing) return;
  preparing = true;
  const keeper = await within(part("keep"), REFRESH_MS);
  // Without a server a reload ends in an error page of the browser. And the page that the user is on the way to must
  // not be stopped; it will be told what it missed.
  while (attempts || leavingMs()) await sleep(50);
  await refetched;
  leave(keeper);
  // The page may empty its storage when it is left.
  on(window, "pagehide", () => leave());
  preparing = false;
  if (keeper) keeper.loadAnew();
  else if (visit.surelyGet) reloadIn(window);
  else location.replace(here());
}
