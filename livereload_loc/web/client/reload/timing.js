// What Resource Timing sees, from the first moment: the browser keeps no more than 250 entries.

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
