// URLs with a stamp that no cache knows.

import { plain } from "../reload/helpers.js";

/** @param {string} url */
export function stamped(url) {
  const address = plain(url);
  return `${address}${address.includes("?") ? "&" : "?"}_loc=${Date.now()}${url.replace(/[^#]*/, "")}`;
}

/** @param {string} url @param {string} base @returns {string} empty where it is none */
export const absolute = (url, base) => (URL.canParse(url, base) ? new URL(url, base).href : "");
