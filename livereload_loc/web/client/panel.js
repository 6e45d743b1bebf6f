// A panel above the page, for problems and notices. The client loads this when there is one.

import { on, tried } from "./reload/helpers.js";
import { call, create, get } from "./reload/native.js";
import { all } from "./reload/page.js";

const STYLE = [
  ":host { all: initial; position: fixed; inset: auto 1rem 1rem; margin: 0 auto; max-width: 52rem;",
  "max-height: 70vh; overflow: auto; padding: 1rem 1.2rem; border: 0; border-left: 6px solid #e5484d;",
  "border-radius: 8px; background: #1c1c1f; color: #ededef; color-scheme: dark; z-index: 2147483647;",
  "box-shadow: 0 6px 30px #0008; font: 15px/1.5 system-ui, sans-serif }",
  "pre { margin: .5rem 0 0; font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap;",
  "overflow-wrap: anywhere; color: #c8c8d0 } pre:empty { display: none }",
  "button { float: right; margin-left: 1rem; padding: .1rem .7rem; border: 1px solid #555; border-radius: 5px;",
  "background: none; color: inherit; font: 13px/1.5 system-ui, sans-serif; cursor: pointer }",
].join(" ");

// Why a page was not reloaded.
const FORM = {
  title: "This page answers a form",
  detail: "loc-dev did not reload it, because that would send the form again.",
};

on(window, "keydown", ({ key }) => key === "Escape" && show());

/** @param {string} name @param {string} text */
function part(name, text) {
  const element = create(name);
  element.textContent = text;
  return element;
}

/**
 * Show plain text, never markup, and let the user dismiss it; take no focus.
 * @param {import("./reload/overlay.js").Message} [message] FORM where it is empty; without one there is no panel
 */
export function show(message) {
  all("loc-dev").forEach((panel) => call(panel, "remove"));
  if (!message) return;
  const { title = FORM.title, detail = FORM.detail } = message;
  const host = create("loc-dev");
  const root = call(host, "attachShadow", { mode: "open" });
  tried(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  });
  const close = part("button", "Close");
  on(close, "click", () => show());
  call(root, "append", close, part("b", title), part("pre", detail));
  host.role = "alert";
  call(get(document, "documentElement"), "append", host);
  // The top layer is above the page's own dialogs. Older browsers have no popover.
  host.popover = "manual";
  host.showPopover?.();
}
