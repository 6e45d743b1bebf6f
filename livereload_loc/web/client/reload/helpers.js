// Helpers that know nothing of the client.

import { Promise, call, own, sleep, toText } from "./native.js";

/** How long the client waits for what may never come. */
export const PATIENCE_MS = 5000;

/**
 * Return a function that does the same work, but what it throws stays out of the page.
 * @param {(...args: any[]) => unknown} work
 * @returns {(...args: any[]) => Promise<any>}
 */
export const guarded = (work) => async (...args) => {
  try {
    return await work(...args);
  } catch (error) {
    tried(() => console.debug("loc-dev:", error));
  }
};

/** @param {EventTarget} target @param {string} type @param {(event: any) => unknown} work */
export const on = (target, type, work) => call(target, "addEventListener", type, guarded(work), true);

/** Return a URL without its fragment and without the stamp of a swap. @param {string} url */
export const plain = (url) => url.replace(/#.*/, "").replace(/[?&]_loc=\d+$/, "");

/** Wait for `work`, but not for ever. @template T @param {Promise<T>} work @returns {Promise<T | undefined>} */
export const within = (work, ms = PATIENCE_MS) => Promise.race([work, sleep(ms)]);

/** Return a list that was stored, empty where it is none. @param {any} value @returns {any[]} */
export const listOf = (value) => (Array.isArray(value) ? value : []);

/** Return what Performance Timeline has of a type. @param {string} type @returns {any[]} */
export const entriesOf = (type) =>
  listOf(tried(() => call(globalThis.performance, "getEntriesByType", type)));

/** Return what `work` returns, or "" where it throws. @param {() => any} work */
export function tried(work) {
  try {
    return work() ?? "";
  } catch {
    return "";
  }
}

/**
 * Take out what this tab stored under `key`, and store `value` there if there is one. The page may have stored
 * anything there, and storage may be blocked or full.
 * @param {string} key
 * @param {unknown} [value]
 * @returns {any}
 */
export function exchange(key, value) {
  try {
    const storage = own("sessionStorage", "Storage");
    const name = `loc-dev ${key}`;
    const old = storage[name] ?? "null";
    delete storage[name];
    if (value) storage[name] = toText(value);
    return JSON.parse(old);
  } catch {
    return null;
  }
}
