// Shows in place what the page is made of now.

import { within } from "../reload/helpers.js";
import { call, get, own } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { all, doc, here } from "../reload/page.js";
import { fetch, part } from "../reload/parts.js";
import { tag } from "../reload/tag.js";
import { runsScripts } from "./acting.js";
import { carryOut } from "./apply.js";
import { parse } from "./parsing.js";
import { made, plan } from "./plan.js";
import { read } from "./reading.js";

/** @import { TreeNode } from "./tree.js" */

// What browsers ask for when a person navigates.
const HEADERS = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Loc-Dev": "page" };

// What a document takes on only when it is loaded.
const POLICIES = ["Content-Security-Policy", "Content-Security-Policy-Report-Only", "Cross-Origin-Opener-Policy",
  "Cross-Origin-Embedder-Policy", "Permissions-Policy", "Referrer-Policy", "Link"];

/** What the document is made of, where that is known. @type {TreeNode | undefined} */
let known;
/** The policies that the document came with. @type {string | undefined} */
let policies;

/** @param {string} url */
const address = (url) => url.replace(/[?#].*/, "");

/** Whether a script element is our tag, or that of the counter's widget. @param {any} script */
function isClient(script) {
  const url = address(get(script, "src") ?? "");
  return url === address(tag.src) || url.endsWith("/_loc/widget.js");
}

/** What the browser knows of the request for this document. @returns {any} */
const navigationEntry = () => own("performance", "Performance")?.getEntriesByType("navigation")[0];

/** Take note of what the document is made of, while no script of its own can change it. */
export function begin() {
  if (known || get(doc, "contentType") !== "text/html") return;
  const tree = read(doc, isClient);
  if (!runsScripts(tree)) known = tree;
}

/**
 * Ask for the page anew, and change in it what differs.
 * @param {string[]} paths what was saved
 * @returns {Promise<"in-place" | "same" | "">} what was done, "" where only a reload helps
 */
export async function showInPlace(paths) {
  const url = here();
  if (!known || visit.answersPost || navigationEntry()?.name.replace(/#.*/, "") !== url) return "";
  try {
    const edits = await planFor(known, url);
    if (!edits) return "";
    if (edits.length) tell(paths);
    return edits.length ? "in-place" : "same";
  } catch (error) {
    console.debug("loc-dev: reloads, as", error);
    known = undefined;
    return "";
  }
}

/** @param {TreeNode} old @param {string} url */
async function planFor(old, url) {
  // What the cache does not hold comes as it is now: then this is not noticed.
  const cached = policies === undefined ? await within(ask(url, "force-cache")) : undefined;
  if (cached) policies = policiesOf(cached);
  const response = await within(ask(url, "reload"));
  if (!response || response.redirected || !isLikeThis(response) || policiesOf(response) !== policies) return;
  const bytes = await within(response.arrayBuffer());
  if (!bytes || url !== here()) return;
  const text = new TextDecoder(get(doc, "characterSet")).decode(bytes);
  const apply = await part("apply");
  if (!apply) return;
  const policy = apply.policyIn(window);
  const fresh = parse(text, new (apply.pristine("DOMParser"))(), (html) => policy.createHTML(html), isClient);
  const edits = plan(old, fresh, read(doc, isClient));
  carryOut(edits, get(all("script").filter(isClient)[0], "nonce"));
  known = made(fresh);
  return edits;
}

/** @param {string} url @param {RequestCache} cache */
const ask = (url, cache) => fetch(url, { cache, headers: HEADERS });

/** @param {Response} response */
const policiesOf = ({ headers }) =>
  POLICIES.map((name) => headers.get(name)?.replace(/'nonce-[^']*'/g, "")).join("\n");

/** Whether a response is of the status and type that this document had. @param {Response} response */
const isLikeThis = ({ status, headers }) => status === (navigationEntry().responseStatus || 200)
  && /^text\/html *(;|$)/i.test(headers.get("Content-Type") ?? "");

/** Let scripts set up what is new. @param {string[]} paths */
function tell(paths) {
  const event = call(doc, "createEvent", "CustomEvent");
  call(event, "initCustomEvent", "loc:update", false, false, { paths });
  call(doc, "dispatchEvent", event);
}
