// Makes texts fit for where a page wants Trusted Types.

import { call, kind } from "../reload/native.js";

/** @typedef {{ createHTML: (text: string) => any, createScriptURL: (url: string) => any }} Policy */

// In the window itself, since all clients in it share one: a list of `trusted-types` allows a name once.
const POLICY = Symbol.for("loc-dev policy");

/** @type {Policy} */
const unchecked = /** @type {any} */ ({
  __proto__: null,
  createHTML: (/** @type {string} */ text) => text,
  createScriptURL: (/** @type {string} */ url) => url,
});

/**
 * Return the policy of a window.
 * @param {any} view
 * @returns {Policy}
 * @throws {Error} where the page allows none
 */
export function policyIn(view) {
  if (!(POLICY in view)) {
    const types = view.trustedTypes;
    // What is there when this throws keeps it from being tried again, which would be one more violation.
    const define = (/** @type {Policy | undefined} */ value) =>
      Object.defineProperty(view, POLICY, /** @type {any} */ ({ __proto__: null, value, configurable: true }));
    define(undefined);
    define(kind(types) === "TrustedTypePolicyFactory" ? call(types, "createPolicy", "loc-dev", unchecked) : unchecked);
  }
  if (!view[POLICY]) throw new Error("the page allows no Trusted Types policy");
  return view[POLICY];
}
