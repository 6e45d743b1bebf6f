// How the page was reached and what it is being left for, so that no form is posted again.

import { PATIENCE_MS, entriesOf, exchange, listOf, on, plain } from "./helpers.js";
import { get, now, own } from "./native.js";
import { doc, here } from "./page.js";
import { part } from "./parts.js";

/**
 * Whether the page answers a form, which a reload would send again, and whether it surely does not.
 * @type {{answersPost?: boolean, surelyGet?: boolean}}
 */
export let visit = {};

/** Where the page is being left for. @type {{url: string, method: string, until: number} | undefined} */
let leaving;

/** Take note of where the page is being left for, "" where that is unknown. @param {string} url @param {string} method */
export const leaveFor = (url, method) => leaving = { url: plain(url), method, until: now() + PATIENCE_MS };

export function watchNavigation() {
  const navigation = own("navigation", "Navigation");
  const [timing] = entriesOf("navigation");
  // How the page before this one left for it: "get", "post", or unknown.
  const left = exchange("left");
  const method = left?.url === here() && !timing?.redirectCount ? left.method : "";
  const entry = navigation?.currentEntry?.key ?? here();
  // Where a browser has no key for the entry, its address may be asked for without a form later.
  const posts = listOf(exchange("posts")).filter((post) => post !== entry || timing?.type !== "navigate");
  if (method === "post" && !posts.includes(entry)) posts.push(entry);
  exchange("posts", posts);
  visit = {
    answersPost: posts.includes(entry),
    surelyGet: method === "get" || !get(doc, "referrer") || /** @type {any} */ (window.frameElement)?.src === location.href,
  };

  if (navigation) {
    on(navigation, "navigate", ({ destination, downloadRequest, formData, navigationType: type, sourceElement }) => {
      if (destination.sameDocument || downloadRequest !== null) return;
      // Chromium has no form data where only the button says that the form is posted.
      leaveFor(destination.url, formData || sourceElement?.formMethod === "post" ? "post" :
        type === "reload" ? method : type === "traverse" ? "" : "get");
    });
    for (const type of ["navigatesuccess", "navigateerror"]) on(navigation, type, () => leaving = undefined);
  } else part("forms").then((forms) => forms?.watchForms());
  // A browser tells of what its user does, an address typed, say, by this event alone.
  on(window, "beforeunload", () => leavingMs() || leaveFor("", ""));
  on(window, "pagehide", () => {
    exchange("left", leaving);
    leaving = undefined;
  });
}

/**
 * Return how long the page may still take to be left, 0 where it is not being left as far as is known. Then it is here
 * to stay: what it is left for may be no page.
 */
export const leavingMs = () => Math.max(0, (leaving?.until ?? 0) - now());
