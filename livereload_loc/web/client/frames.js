// What a page does for the documents in its frames. The client loads this where there are any.

import { Promise, call, get } from "./reload/native.js";
import { GUARD, all, reloadIn } from "./reload/page.js";
import { tag } from "./reload/tag.js";

const FRAMES = "iframe,object,embed";

/** The document that a frame of this origin shows. @param {any} frame @returns {Document | null | undefined} */
const inside = (frame) => frame.contentDocument ?? frame.getSVGDocument?.();

/** @param {Document} inner */
const hasClient = (inner) => {
  const view = get(inner, "defaultView");
  return view && GUARD in view;
};

/**
 * Give a frame of this origin a client of its own, where it has none.
 * @param {any} frame
 * @param {(view: any) => { createScriptURL: (url: string) => any }} policyIn returns the Trusted Types policy of a window
 */
export function adopt(frame, policyIn) {
  const inner = inside(frame);
  if (!inner || !get(inner, "URL").startsWith("http") || hasClient(inner)) return;
  // A client that comes with the document may not have begun yet.
  if (call(inner, "querySelector", "script[src*='/_loc/reload.js']")) return;
  const script = call(inner, "createElement", "script");
  // In SVG and other XML this is no element that loads a script.
  if (!script.dataset) return;
  // Trusted Types allow no plain text here.
  script.src = policyIn(get(inner, "defaultView")).createScriptURL(tag.src);
  script.dataset.server = tag.server.href;
  call(get(inner, "documentElement"), "append", script);
}

/**
 * Reload the documents that have no client, and wait for those that have one. What a page fetches does not reach
 * the part of the HTTP cache where a document in a frame lies: only its own reload does.
 * @param {true | Set<string>} urls the documents to reload, or all
 * @returns {Promise<unknown>}
 */
export function renew(urls) {
  return Promise.all(all(FRAMES).map((frame) => {
    const inner = inside(frame);
    if (!inner || !(urls === true || urls.has(get(inner, "URL").replace(/#.*/, "")))) return 0;
    const reloaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    if (!hasClient(inner)) reloadIn(get(inner, "defaultView"));
    return reloaded;
  }));
}
