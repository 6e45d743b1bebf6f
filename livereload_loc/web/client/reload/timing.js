// What Resource Timing sees, from the first moment: the browser keeps no more than 250 entries.

import { Promise } from "./native.js";
import { isOwn } from "./page.js";
import { fetch } from "./parts.js";

const MOST = 5000;

/** What nobody has read yet. @type {any[]} */
const entries = [];

/** @param {any[]} more */
let take = (more) => {
  if (entries.length < MOST) entries.push(...more);
};

/** @type {PerformanceObserver | undefined} */
let observer;

/** Begin to listen. */
export function observe() {
  observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: "resource", buffered: true });
}

/** Refetch what the page is known to have loaded, where the part that knows better is not there. */
export const refetchSeen = () => Promise.allSettled(entries.map(({ name, initiatorType }) =>
  isOwn(name) && /link|script|css|img/.test(initiatorType) && fetch(name, { cache: "reload" })));

/**
 * Read what came and what comes.
 * @param {(entries: any[]) => void} reader
 * @returns {() => void} reads what came just now
 */
export function readTiming(reader) {
  take = reader;
  reader(entries.splice(0));
  return () => reader(observer?.takeRecords() ?? []);
}
