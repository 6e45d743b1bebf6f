// Where the page names URLs.

import { plain } from "../reload/helpers.js";
import { call, get } from "../reload/native.js";
import { Set } from "./clean.js";
import { absolute, stampedLike } from "./stamps.js";
import { rulesOf } from "./usage.js";

/**
 * @typedef {{url: string, owner?: any, nested?: boolean, put: (url: string) => void}} Reference
 *   a place that names a URL: `owner` is its element, none for a url() in a style; `nested` an import
 */

const HOLDERS = "[src],[srcset],[poster],image,use,link:is([rel~=stylesheet],[rel*=icon],[rel*=preload])";
const ATTRIBUTES = ["src", "srcset", "poster", "href", "xlink:href"];

/** @param {string} selector @param {ParentNode} root @returns {any[]} */
export const allIn = (selector, root) => [...call(root, "querySelectorAll", selector)];

/** A document or shadow root, and the open shadow roots in it. @param {any} root @returns {any[]} */
export const scopes = (root) =>
  [root, ...allIn("*", root).flatMap((element) => {
    const inner = element.shadowRoot && get(element, "shadowRoot");
    return inner ? scopes(inner) : [];
  })];

/**
 * Return the URL that an element names, or that its sheet came from: a script may have changed the page's address since.
 * @param {any} element
 * @param {string} address as it is in the page
 * @returns {string}
 */
export const addressOf = (element, address = element.href) =>
  element.sheet?.href ?? absolute(address, element.baseURI);

/** @param {any} element @param {string} name of the attribute @returns {Reference[]} */
function inAttribute(element, name) {
  const separator = name === "srcset" ? /([\s,]+)/ : /$^/;
  /** @returns {string[]} */
  const parts = () => (element.getAttribute(name) ?? "").split(separator);
  return parts().filter(Boolean).map((part) => ({
    url: name === "href" ? addressOf(element, part) : absolute(part, element.baseURI),
    owner: element,
    put(url) {
      const fresh = parts().map((other) => (other === part ? stampedLike(part, url) : other));
      element.setAttribute(name, fresh.join(""));
    },
  }));
}

/** @param {CSSStyleDeclaration} style @param {string} base @returns {Reference[]} */
function inStyle(style, base) {
  if (!style.cssText.includes("url(")) return [];
  return [...style].flatMap((name) => {
    const found = style.getPropertyValue(name).matchAll(/url\(\s*(["']?)(.*?)\1\s*\)/g);
    return [...found].map(([text, , address]) => ({
      url: absolute(address, base),
      put(/** @type {string} */ url) {
        const value = style.getPropertyValue(name).replace(text, () => `url("${url}")`);
        style.setProperty(name, value, style.getPropertyPriority(name));
      },
    }));
  });
}

/**
 * What a sheet imports, at any depth, and the url() of its rules.
 * @param {any} sheet
 * @param {any} owner the element that brings it
 * @returns {Reference[]}
 */
export function inSheet(sheet, owner) {
  const base = sheet?.href ?? owner?.baseURI ?? get(document, "baseURI");
  /** @param {any} rule @returns {Reference[]} */
  const inRule = (rule) => [
    ...(rule.styleSheet ? [{ url: rule.styleSheet.href, owner, nested: true, put() {} }] : []),
    ...(rule.styleSheet ? inSheet(rule.styleSheet, owner) : []),
    ...(rule.style ? inStyle(rule.style, base) : []),
    ...rulesOf(rule).flatMap(inRule),
  ];
  return rulesOf(sheet).flatMap(inRule);
}

/**
 * Each place in the page that names one of `urls`, but for elements that match `not`.
 * @param {Set<string>} urls
 * @param {string} not a selector
 */
export function referring(urls, not) {
  const found = scopes(document).flatMap((root) => [
    ...allIn(HOLDERS, root).flatMap((element) => ATTRIBUTES.flatMap((name) => inAttribute(element, name))),
    ...allIn("[style*=url]", root).flatMap((element) => inStyle(get(element, "style"), get(element, "baseURI"))),
    ...[...get(root, "styleSheets"), ...get(root, "adoptedStyleSheets")].flatMap((sheet) => inSheet(sheet, sheet.ownerNode)),
  ]);
  return found.filter(({ url, owner }) => urls.has(plain(url)) && !owner?.matches?.(not));
}

/**
 * Whether `found` has all of `urls`: what is used in another way needs a reload.
 * @param {Reference[]} found
 * @param {Set<string>} urls
 */
export const covers = (found, urls) => new Set(found.map(({ url }) => plain(url))).size === urls.size;
