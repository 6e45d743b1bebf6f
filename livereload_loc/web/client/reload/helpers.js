// Helpers that know nothing of the client.

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
    console.debug("loc-dev:", error);
  }
};

/** @param {EventTarget} target @param {string} type @param {(event: any) => unknown} work */
export const on = (target, type, work) => target.addEventListener(type, guarded(work), true);

/** Return a URL without its fragment and without the stamp of a swap. @param {string} url */
export const plain = (url) => url.replace(/#.*/, "").replace(/[?&]_loc=\d+$/, "");

/** @param {number} ms @returns {Promise<any>} */
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Wait for `work`, but not for ever. @template T @param {Promise<T>} work @returns {Promise<T | undefined>} */
export const within = (work, ms = PATIENCE_MS) => Promise.race([work, sleep(ms)]);

/** Return what `work` returns, or "" where it throws. @param {() => string | undefined} work */
export function tried(work) {
  try {
    return work() ?? "";
  } catch {
    return "";
  }
}

/**
 * Take out what this tab stored under `key`, and store `value` there if there is one.
 * Storage may be blocked or full.
 * @param {string} key
 * @param {unknown} [value]
 */
export function exchange(key, value) {
  try {
    const name = `loc-dev ${key}`;
    const old = sessionStorage[name] ?? "null";
    delete sessionStorage[name];
    if (value) sessionStorage[name] = JSON.stringify(value);
    return JSON.parse(old);
  } catch {
    return null;
  }
}
