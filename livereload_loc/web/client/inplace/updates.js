// Shows in place what the page is made of now.

import { call, get } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { all, doc, here } from "../reload/page.js";
import { session } from "../reload/session.js";
import { runsScripts } from "./acting.js";
import { carryOut } from "./apply.js";
import { askCache, askServer, isClient, navigationEntry } from "./asking.js";
import { made, plan } from "./plan.js";
import { read } from "./reading.js";

/** @import { TreeNode } from "./tree.js" */

/** What the document is made of, where that is known. @type {TreeNode | undefined} */
let known;
/** Why that is not known. @type {Error} */
let unknown = new Error("the page has just loaded");

/** Take note of what the document is made of: of itself, where no script of its own can have changed it. */
export async function begin() {
  if (known || get(doc, "readyState") === "loading") return;
  try {
    known = await original();
  } catch (error) {
    unknown = /** @type {Error} */ (error);
  }
}

/** @returns {Promise<TreeNode>} */
async function original() {
  if (get(doc, "contentType") !== "text/html") throw new Error("the page is not HTML");
  const isScripted = all("script").some((script) => runsScripts(read(script, isClient)));
  const tree = isScripted ? undefined : read(doc, isClient);
  if (tree && !runsScripts(tree)) return tree;
  const wants = call(get(doc, "documentElement"), "hasAttribute", "data-loc-in-place");
  if (session.inPlace !== "always" && !wants) throw new Error("the page has scripts");
  return askCache(here());
}

/**
 * Ask for the page anew, and change in it what differs.
 * @param {string[]} paths what was saved
 * @returns {Promise<"in-place" | "same">} what was done
 * @throws {Error} where only a reload helps
 */
export async function showInPlace(paths) {
  const url = here();
  if (visit.answersPost) throw new Error("the page answers a form");
  if (navigationEntry()?.name.replace(/#.*/, "") !== url) throw new Error("the page has another address");
  const old = known;
  if (!old) throw unknown;
  known = undefined;
  const fresh = await askServer(url);
  if (url !== here()) throw new Error("the page has another address");
  const edits = plan(old, fresh, read(doc, isClient));
  carryOut(edits, get(all("script").filter(isClient)[0], "nonce"));
  known = made(fresh);
  if (edits.length) tell(paths);
  return edits.length ? "in-place" : "same";
}

/** Let scripts set up what is new. @param {string[]} paths */
function tell(paths) {
  const event = call(doc, "createEvent", "CustomEvent");
  call(event, "initCustomEvent", "loc:update", false, false, { paths });
  call(doc, "dispatchEvent", event);
}
