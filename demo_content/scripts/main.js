import { character, describe, keep } from "./lamp.js";

const lamp = document.querySelector("[data-lamp]");
if (lamp) keep(lamp);

const log = document.querySelector("[data-log]");
if (log) {
  const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  log.textContent = `${time}. ${describe(character)}`;
}
