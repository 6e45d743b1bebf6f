// Renews what Firefox keeps of style sheets and images in memory, beside its HTTP cache. The client loads this there.
//
// No request of a script and no plain reload renews that, only a document that uses a file and is reloaded by force:
// a frame which neither the page's scripts nor its users see. Sheets are kept by their charset, the mode of the
// document and the CORS mode besides.

import { on, plain, tried, within } from "./reload/helpers.js";
import { Promise, call, create, get } from "./reload/native.js";
import { all, doc, isOwn } from "./reload/page.js";

/** @typedef {{ createHTML: (text: string) => any }} Policy */

// Settled once a policy has forbidden the frame: Firefox then tells that frame nothing.
const forbidden = new Promise((done) => on(doc, "securitypolicyviolation", ({ blockedURI, disposition, effectiveDirective }) =>
  disposition === "enforce" && blockedURI === "blob" && effectiveDirective === "frame-src" && done(false)));

/** Return the HTML of elements that use a file as the page does. @param {string} url */
function using(url) {
  const [used] = all("link").filter(({ href, sheet }) => sheet && plain(href) === url);
  if (used || /\.css(\?|$)/i.test(url)) return elementFor("link", { href: url, crossorigin: used?.crossOrigin });
  // Styles have masks and shapes by CORS.
  return elementFor("img", { src: url }) + (isOwn(url) ? elementFor("img", { src: url, crossorigin: "" }) : "");
}

/** @param {string} tagName @param {Record<string, string | null | undefined>} attributes */
function elementFor(tagName, attributes) {
  const element = create(tagName);
  const whole = {
    ...attributes,
    rel: "stylesheet",
    charset: get(doc, "characterSet"),
    nonce: all("link[nonce],style[nonce],script[nonce]")[0]?.nonce,
  };
  for (const [name, value] of Object.entries(whole)) if (value != null) call(element, "setAttribute", name, value);
  return get(element, "outerHTML");
}

/**
 * Have a frame show a text in the page's mode, which a `srcdoc` has only where that is the usual one.
 * @param {any} frame
 * @param {string} text
 * @param {Policy} policy
 */
function fill(frame, text, policy) {
  const doctype = get(doc, "doctype");
  if (get(doc, "compatMode") === "CSS1Compat" && !doctype?.publicId) frame.srcdoc = policy.createHTML(text);
  else {
    const start = doctype ? `<!doctype html public "${doctype.publicId}" "${doctype.systemId}">` : "";
    frame.src = URL.createObjectURL(new Blob([start, text], { type: "text/html" }));
  }
}

/**
 * @param {string[]} urls style sheets and images
 * @param {(element: any) => any} hide puts the frame into the page, and returns what holds it
 * @param {(view: any) => Policy} policyIn returns the Trusted Types policy of a window
 * @returns {Promise<boolean>} whether they were renewed: a policy may block the frame, and while the page loads it
 *   would load for longer
 */
export async function renew(urls, hide, policyIn) {
  if (get(doc, "readyState") !== "complete") return false;
  const frame = create("iframe");
  const comes = () => new Promise((done) => frame.addEventListener("load", () => done(true), { once: true }));
  fill(frame, urls.map(using).join(""), policyIn(window));
  const came = comes();
  const host = hide(frame);
  const renewed = within(Promise.race([forbidden, came.then(() => {
    // A policy leaves the frame empty, or with a page that says so.
    if (get(frame.contentDocument, "URL") === "about:blank") return false;
    const cameAgain = comes();
    frame.contentWindow.location.reload(true);
    return cameAgain;
  })]));
  return renewed.then(Boolean, () => false).finally(() => {
    call(host, "remove");
    tried(() => frame.src && URL.revokeObjectURL(frame.src));
  });
}
