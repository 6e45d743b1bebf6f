// The panel above the page.

import { all, framed } from "./page.js";
import { part } from "./parts.js";

/** @typedef {{title?: string, detail?: string}} Message an empty one: the page answers a form */

/** What the panel is to say. @type {Message | undefined} */
let wanted;

/** Show a message; without one, hide what is shown. @param {Message} [message] */
export async function show(message) {
  wanted = message;
  const panel = framed || !(message || all("loc-dev")[0]) ? undefined : await part("panel");
  if (wanted === message) panel?.show(message);
}
