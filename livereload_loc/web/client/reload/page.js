// The document that the client runs in.

import { on, plain, tried, within } from "./helpers.js";
import { Promise, call, get } from "./native.js";

/** Marks a window that has a client. */
export const GUARD = Symbol.for("loc-dev");

export const doc = document;

/** @param {string} selector @returns {any[]} */
export const all = (selector) => [...call(doc, "querySelectorAll", selector)];

export const framed = window !== window.top;

export const here = () => plain(location.href);

/** @param {string} url */
export const isOwn = (url) => url.startsWith(`${location.origin}/`);

/** @param {string} states @param {EventTarget} target @param {string} type @returns {Promise<any>} */
const reached = (states, target, type) => new Promise((done) =>
  (states.includes(get(doc, "readyState")) ? done(0) : on(target, type, done)));
export const parsed = reached("interactive complete", doc, "DOMContentLoaded");
export const loaded = reached("complete", window, "load");

// Some pages never end loading: those with an endless picture.
export const settled = () => within(loaded);

/** Return the service worker of a window's document. @param {any} view */
export const workerOf = (view) => tried(() => view.navigator.serviceWorker.controller);

/**
 * Reload the document of a window. Firefox has a cache in memory, beside that for HTTP, which only a forced reload
 * passes by; other browsers do not know that argument. By force, a page would lose its service worker.
 * @param {any} view
 */
export const reloadIn = (view) => view.location.reload(!workerOf(view));
