// What a page does for the documents in its frames. The client asks for this where there are any.

const FRAMES = "iframe,object,embed";

/** The document that a frame of this origin shows. @param {any} frame @returns {Document | null | undefined} */
const inside = (frame) => frame.contentDocument ?? frame.getSVGDocument?.();

/** @param {Document} inner */
const hasClient = (inner) => inner.defaultView && Symbol.for("loc-dev") in inner.defaultView;

/**
 * Give a frame of this origin a client of its own, where it has none.
 * @param {any} frame
 * @param {string} src the URL of the client
 * @param {string} server the URL of its server
 */
export function adopt(frame, src, server) {
  const inner = inside(frame);
  if (!inner?.URL.startsWith("http") || hasClient(inner)) return;
  const script = inner.createElement("script");
  // A drawing's elements, or those of other XML, are none that load a script.
  if (!script.dataset) return;
  script.src = src;
  script.dataset.server = server;
  inner.documentElement.append(script);
}

/**
 * Reload the documents that have no client, and wait for those that have one: a document in a frame lies in
 * another part of the HTTP cache than what is fetched, where only its own reload reaches it.
 * @param {true | Set<string>} urls those of the documents that are to be reloaded, or all
 * @returns {Promise<unknown>}
 */
export function renew(urls) {
  return Promise.all([...document.querySelectorAll(FRAMES)].map((frame) => {
    const inner = inside(frame);
    if (!inner || !(urls === true || urls.has(inner.URL.replace(/#.*/, "")))) return 0;
    const came = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    if (!hasClient(inner)) inner.location.reload();
    return came;
  }));
}
