// What the client uses of the browser, whatever the page has named, replaced or put on prototypes.
//
// Fields are properties of their form by their names, and images and forms of the document. Variables of the page
// replace functions and objects of the window, and libraries methods. So all modules take these from here.

const { getPrototypeOf } = Object;

/** Return whether a function is the browser's. @param {any} work */
export const isNative = (work) =>
  typeof work === "function" && /\[native code]\s*}$/.test(Function.prototype.toString.call(work));

/**
 * Find a property on the prototypes of an object: the browser's own or else the nearest.
 * @param {any} object
 * @param {string} name
 * @returns {PropertyDescriptor | undefined}
 */
function inherited(object, name) {
  let nearest;
  while ((object = getPrototypeOf(object))) {
    const found = Object.getOwnPropertyDescriptor(object, name);
    const work = found?.get ?? found?.value;
    if (isNative(work)) return found;
    if (typeof work === "function") nearest ??= found;
  }
  return nearest;
}

/** Read a property. @param {any} object @param {string} name @returns {any} */
export function get(object, name) {
  const found = inherited(object, name);
  return found?.get ? found.get.call(object) : found?.value;
}

/** Call a method. @param {any} object @param {string} name @param {any[]} args @returns {any} */
export const call = (object, name, ...args) => inherited(object, name)?.value.call(object, ...args);

/** Make an HTML element, also in an SVG document. @param {string} name @returns {any} */
export const create = (name) => call(document, "createElementNS", "http://www.w3.org/1999/xhtml", name);

/** Return the name of the interface of the browser that an object has. @param {any} object @returns {string | undefined} */
export const kind = (object) => object?.[Symbol.toStringTag];

/**
 * Return an object of the window by its name, unless the page has put something else there.
 * @param {string} name
 * @param {string} wanted its kind
 * @returns {any}
 */
export function own(name, wanted) {
  const found = globalThis[/** @type {keyof typeof globalThis} */ (name)];
  return kind(found) === wanted ? found : undefined;
}

// Async functions have these promises, whatever those of the page are.
export const Promise = /** @type {PromiseConstructor} */ (getPrototypeOf((async () => 0)()).constructor);

/** Wait, also where a page tests with a clock of its own. @param {number} ms @returns {Promise<any>} */
export const sleep = (ms) => new Promise((done) => {
  if (isNative(setTimeout)) setTimeout(done, ms);
  else call(AbortSignal.timeout(ms), "addEventListener", "abort", done);
});

/** Return the milliseconds since the navigation to this page began. @returns {number} */
export const now = () => get(call(document, "createEvent", "Event"), "timeStamp");

/**
 * Return the JSON of a value, whatever `toJSON` old libraries have given to arrays and objects; undefined is null.
 * @param {any} value
 * @returns {string}
 */
export function toText(value) {
  if (typeof value !== "object" || !value) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(toText)}]`;
  return `{${Object.keys(value).map((key) => `${JSON.stringify(key)}:${toText(value[key])}`)}}`;
}
