// How the page was reached and what it is being left for, so that no form is posted again.

import { PATIENCE_MS, exchange, on, plain, sleep } from "./helpers.js";
import { doc, here } from "./page.js";

/**
 * Whether the page answers a form, which a reload would send again, and whether it surely does not.
 * @type {{answersPost: boolean, surelyGet: boolean}}
 */
export let visit;

/** Where the page is being left for. @type {{url: string, method: string, since: number} | undefined} */
let leaving;

export function watchNavigation() {
  /** @type {any} */
  const { navigation, frameElement } = window;
  /** @type {any[]} */
  const [timing] = performance.getEntriesByType("navigation");
  // How the page before this one left for it: "get", "post", or unknown.
  const left = exchange("left");
  const method = left?.url === here() && !timing?.redirectCount ? left.method : "";
  const entry = navigation?.currentEntry?.key ?? here();
  const posts = new Set(exchange("posts"));
  if (method === "post") posts.add(entry);
  exchange("posts", [...posts]);
  visit = {
    answersPost: posts.has(entry),
    surelyGet: method === "get" || !doc.referrer || frameElement?.src === location.href,
  };

  /** @type {Record<string, string>} */
  const methods = { push: "get", replace: "get", reload: method };
  if (navigation) {
    on(navigation, "navigate", ({ destination, downloadRequest, formData, navigationType: type }) => {
      if (destination.sameDocument || downloadRequest !== null) return;
      const url = plain(destination.url);
      leaving = { url, method: formData ? "post" : methods[type], since: performance.now() };
    });
    for (const type of ["navigatesuccess", "navigateerror"]) on(navigation, type, () => leaving = undefined);
  }
  on(window, "pagehide", () => exchange("left", leaving));
}

/** Wait while the user is on the way to another page. */
export const navigated = () => leaving && sleep(leaving.since + PATIENCE_MS - performance.now());
