// Gets what the next update needs, while nothing waits for it: the server may be away at that time.

import { part } from "../reload/parts.js";
import { session } from "../reload/session.js";
import { check } from "./cache.js";
import { adoptFrames } from "./refetching.js";

/**
 * @param {boolean} isNew whether no document before this one, which it was reloaded from, knew the server. Then
 *   show what was saved since the HTTP cache got it: a page that a link opened may come from there.
 */
export async function prepare(isNew) {
  adoptFrames();
  if (isNew) check();
  part("keep");
  if (session.inPlace) (await part("inplace"))?.begin();
}
