// Served at /livereload.js, where extensions and old script tags look for a client: loads ours.

(() => {
  "use strict";

  const tag = document.currentScript ?? document.querySelector("script[src*='/livereload.js']");
  if (!(tag instanceof HTMLScriptElement)) return;
  const client = document.createElement("script");
  client.src = new URL("_loc/reload.js", tag.src).href;
  client.async = true;
  client.nonce = tag.nonce;
  // These events tell an extension whether it works.
  client.onload = () => document.dispatchEvent(new CustomEvent("LiveReloadConnect"));
  client.onerror = () => document.dispatchEvent(new CustomEvent("LiveReloadDisconnect"));
  document.head.append(client);
})();
