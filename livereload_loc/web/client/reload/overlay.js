// The panel above the page.

import { all, framed } from "./page.js";
import { part } from "./parts.js";

/** What the panel is to say. @type {unknown} */
let wanted;

export function hide() {
  wanted = undefined;
  all("loc-dev").forEach((panel) => panel.remove());
}

/**
 * Show a message; an empty one stands for "not reloaded, since this page answers a form".
 * @param {{title?: string, detail?: string}} message
 */
export async function show(message) {
  hide();
  wanted = message;
  const panel = framed ? undefined : await part("panel");
  if (wanted === message) panel?.show(message);
}
