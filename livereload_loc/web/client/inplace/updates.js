// Shows in place what the page is made of now.

import { touched } from "../reload/handover.js";
import { call, get } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { all, doc, here, workerOf } from "../reload/page.js";
import { session } from "../reload/session.js";
import { runsScripts } from "./acting.js";
import { carryOut } from "./apply.js";
import { askCache, askServer, isClient, navigationEntry, notePolicies } from "./asking.js";
import { liveOf } from "./locating.js";
import { made, plan } from "./plan.js";
import { hasShadowRoot, read } from "./reading.js";
import { isEqual } from "./tree.js";

/**
 * @import { Edit } from "./plan.js"
 * @import { TreeNode } from "./tree.js"
 */

/** What the document is made of, where that is known. @type {TreeNode | undefined} */
let known;
/** Why that is not known. @type {Error} */
let unknown = new Error("the page has just loaded");

/** Take note of what the document is made of. */
export async function begin() {
  if (known || get(doc, "readyState") === "loading") return;
  try {
    const shown = known = unscripted();
    notePolicies(here());
    // The text is surer: users and extensions may have changed the document by now.
    const text = await askCache(here());
    if (known === shown && !(shown && isEqual(shown, text))) known = text;
  } catch (error) {
    unknown = /** @type {Error} */ (error);
  }
}

/**
 * Return what the document is, undefined where that may not be what it was made of.
 * @returns {TreeNode | undefined}
 * @throws {Error} where it is to be reloaded
 */
function unscripted() {
  if (visit.answersPost) throw new Error("the page answers a form");
  if (get(doc, "contentType") !== "text/html") throw new Error("the page is not HTML");
  const isScripted = all("script").some((script) => runsScripts(read(script, isClient)));
  const tree = isScripted ? undefined : read(doc, isClient);
  if (tree && !runsScripts(tree)) return isChanged(tree) ? undefined : tree;
  const wants = call(get(doc, "documentElement"), "hasAttribute", "data-loc-in-place");
  if (session.inPlace !== "always" && !wants) throw new Error("the page has scripts");
}

/** Whether a document is not what it was made of, though no script of its own runs. @param {TreeNode} tree */
const isChanged = (tree) => hasShadowRoot(tree) || touched.some((element) => get(element, "isContentEditable"));

/**
 * Ask for the page anew, and change in it what differs.
 * @param {string[]} paths what was saved
 * @returns {Promise<"in-place" | "same">} what was done
 * @throws {Error} where only a reload helps
 */
export async function showInPlace(paths) {
  const url = here();
  // It may give scripts something else than it shows.
  if (workerOf(window)) throw new Error("a service worker answers for the page");
  if (navigationEntry()?.name.replace(/#.*/, "") !== url) throw new Error("the page has another address");
  const old = known;
  if (!old) throw unknown;
  known = undefined;
  const fresh = await askServer(url);
  if (url !== here()) throw new Error("the page has another address");
  const edits = plan(old, fresh, read(doc, isClient));
  if (edits.some(takesTyped)) throw new Error("what was typed into goes");
  carryOut(edits);
  known = made(fresh);
  if (edits.length) tell(paths);
  return edits.length ? "in-place" : "same";
}

/** Whether an edit takes away what the user typed, which a reload may keep. @param {Edit} edit */
const takesTyped = ({ does, node }) => does === "remove" && isTyped(node);

/** @param {TreeNode} old @returns {boolean} */
const isTyped = (old) => touched.includes(liveOf(old)?.nodes[0]) || old.children.some((child) => !child.to && isTyped(child));

/** Let scripts set up what is new. @param {string[]} paths */
function tell(paths) {
  const event = call(doc, "createEvent", "CustomEvent");
  call(event, "initCustomEvent", "loc:update", false, false, { paths });
  call(doc, "dispatchEvent", event);
}
