// Reloads the page, with nothing old in it.

import { answer } from "./connection.js";
import { leave } from "./handover.js";
import { sleep } from "./helpers.js";
import { navigated, visit } from "./navigation.js";
import { show } from "./overlay.js";
import { all, doc, framed, here, isOwn } from "./page.js";
import { refetch, refetched, track } from "./refetching.js";
import { session } from "./session.js";
import { part } from "./tag.js";
import { sources, usedUrls } from "./usage.js";

const REFRESH_MS = 1000;

// Without a Last-Modified header this is the time of asking, which moves on.
const modified = doc.lastModified;
let preparing = false;

/**
 * Reload; what else is asked for meanwhile joins in.
 * @param {number} seq the number of the update
 * @param {Set<string>} [hits] what is known to have changed
 * @param {boolean} [everyone] whether all pages reload
 */
export async function reload(seq, hits, everyone = !hits) {
  if (visit.answersPost) {
    show({});
    return answer(seq, "nothing", "answers a form");
  }
  session.pendingReloadAcks.push(seq);
  // The page around it may reload first.
  if (framed) leave();
  const urls = hits ?? [...usedUrls()].filter(isOwn);
  urls.forEach((url) => [here(), ...sources()].includes(url) || refetch(url));
  if (all("iframe,object,embed").length) track(part("frames", ({ renew }) => renew(everyone || hits)));
  if (preparing) return;
  preparing = true;
  // A file that is saved twice within a second answers 304 to a plain reload.
  if (!visit.surelyGet || doc.lastModified === modified) refetch(here());
  const end = sleep(REFRESH_MS).then(() => true);
  const keeper = await Promise.race([part("keep", (keep) => keep), end]);
  // The page that the user is on the way to must not be stopped; it will be told what it missed.
  await navigated();
  await refetched(end);
  leave(keeper);
  preparing = false;
  if (visit.surelyGet) location.reload();
  else location.replace(here());
}
