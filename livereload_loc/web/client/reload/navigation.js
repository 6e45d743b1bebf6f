// How the page was reached and what it is being left for, so that no form is posted again.

import { PATIENCE_MS, exchange, listOf, on, plain } from "./helpers.js";
import { get, now, own, sleep } from "./native.js";
import { doc, here } from "./page.js";

/**
 * Whether the page answers a form, which a reload would send again, and whether it surely does not.
 * @type {{answersPost: boolean, surelyGet: boolean}}
 */
export let visit = { answersPost: false, surelyGet: false };

/** Where the page is being left for. @type {{url: string, method: string, since: number} | undefined} */
let leaving;

export function watchNavigation() {
  const navigation = own("navigation", "Navigation");
  /** @type {any[]} */
  const [timing] = own("performance", "Performance")?.getEntriesByType("navigation") ?? [];
  // How the page before this one left for it: "get", "post", or unknown.
  const left = exchange("left");
  const method = left?.url === here() && !timing?.redirectCount ? left.method : "";
  const entry = navigation?.currentEntry?.key ?? here();
  const posts = listOf(exchange("posts"));
  if (method === "post" && !posts.includes(entry)) posts.push(entry);
  exchange("posts", posts);
  visit = {
    answersPost: posts.includes(entry),
    surelyGet: method === "get" || !get(doc, "referrer") || /** @type {any} */ (window.frameElement)?.src === location.href,
  };

  /** @type {Record<string, string>} */
  const methods = { push: "get", replace: "get", reload: method };
  if (navigation) {
    on(navigation, "navigate", ({ destination, downloadRequest, formData, navigationType: type }) => {
      if (destination.sameDocument || downloadRequest !== null) return;
      const url = plain(destination.url);
      leaving = { url, method: formData ? "post" : methods[type], since: now() };
    });
    for (const type of ["navigatesuccess", "navigateerror"]) on(navigation, type, () => leaving = undefined);
  }
  on(window, "pagehide", () => exchange("left", leaving));
}

/** Wait while the user is on the way to another page. */
export const navigated = () => leaving && sleep(leaving.since + PATIENCE_MS - now());
