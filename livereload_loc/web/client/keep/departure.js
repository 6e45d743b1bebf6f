// Loads the page anew, at the very address that it has.

import { tried } from "../reload/helpers.js";
import { call, own } from "../reload/native.js";
import { visit } from "../reload/navigation.js";
import { here, reloadIn } from "../reload/page.js";

/** Load the page anew; no form is sent again. */
export function loadAnew() {
  if (visit.surelyGet) reloadIn(window);
  else askAnew();
}

/** Ask for the page by its address. */
function askAnew() {
  const { hash, href } = location;
  // From an address that differs in its hash alone the browser would not ask at all.
  if (hash) tried(() => call(own("history", "History"), "replaceState", null, "", `${here()}?`));
  location.replace(location.href === href ? here() : href);
}
