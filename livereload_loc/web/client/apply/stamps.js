// URLs with a stamp that no cache knows.

import { plain, tried } from "../reload/helpers.js";
import { URL } from "./clean.js";

// The clock of a page may stand still.
const stamp = () => tried(() => crypto.getRandomValues(new Uint32Array(1))[0]) || Date.now();

/** @param {string} url */
export function stamped(url) {
  const address = plain(url);
  return `${address}${address.includes("?") ? "&" : "?"}_loc=${stamp()}${url.replace(/[^#]*/, "")}`;
}

/** @param {string} url */
export const hasStamp = (url) => /[?&]_loc=\d+(#|$)/.test(url);

/** Give a URL as a page writes it the stamp of another. @param {string} text @param {string} url */
export const stampedLike = (text, url) =>
  plain(text.trim()) + (/[?&]_loc=\d+/.exec(url)?.[0] ?? "") + text.trim().replace(/[^#]*/, "");

/** @param {string} url @param {string} base @returns {string} empty where it is none */
export const absolute = (url, base) => tried(() => new URL(url, base).href);
