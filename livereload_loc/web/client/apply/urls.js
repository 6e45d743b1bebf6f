// Which URLs a changed file stands for.

import { tried } from "../reload/helpers.js";
import { Map, URL } from "./clean.js";

/** Files that a page names when it uses them. */
export const ASSET = /\.(css|[cm]?js|apng|avif|bmp|gif|ico|jfif|jpe?g|png|svg|webp|woff2?|[ot]tf|eot)$/i;
export const SHEET = /\.css(\?|$)/i;
export const IMAGE = /\.(apng|avif|bmp|gif|ico|jfif|jpe?g|png|svg|webp)(\?|$)/i;
export const PAGE = /(^|\/|\.x?html?)$/i;

/** Return the decoded path without its first slash, "" where there is none. @param {string} url */
export const pathOf = (url) => tried(() => decodeURIComponent(new URL(url).pathname.slice(1)).normalize());

/**
 * Return whether any page may use the file: pages do not name what they are made of.
 * @param {string} path
 * @param {boolean} exact whether paths are URL paths
 */
export const concernsAll = (path, exact) =>
  path.includes("\uFFFD") || !(ASSET.test(path) || (exact && PAGE.test(path)));

/** Return the segments of a path, last one first; old libraries replace `reverse`. @param {string} path */
const fromLast = (path) => path.split("/").reduceRight((all, segment) => [...all, segment], /** @type {string[]} */ ([]));

/**
 * Return how many last segments of a path and a URL are the same.
 * @param {string[]} wanted the path's segments, last one first
 * @param {string} url
 * @param {boolean} exact whether only all of them count
 */
function sharedSegments(wanted, url, exact) {
  const given = fromLast(pathOf(url).replace(/(^|\/)$/, "$1index.html"));
  if (given[0] === "**") given.splice(0, 1, ...wanted.slice(given.length - 1).fill("*"));
  const differs = wanted.findIndex((segment, index) => ![segment, "*"].includes(given[index]));
  if (exact && (differs >= 0 || given.length > wanted.length)) return 0;
  return differs < 0 ? wanted.length : differs;
}

/**
 * Return those of `urls` that `path` stands for: they share the longest run of last segments.
 * @param {string} path
 * @param {Set<string>} urls their last segment may be `*` (any file there) or `**` (any file there or below)
 * @param {boolean} exact whether paths are URL paths
 */
export function matchUrls(path, urls, exact) {
  const wanted = fromLast(path.normalize());
  const shared = new Map([...urls].map((url) => [url, sharedSegments(wanted, url, exact)]));
  const most = Math.max(1, ...shared.values());
  return [...urls].filter((url) => shared.get(url) === most);
}
