// Keeps what a user has chosen in lists, boxes and radio buttons when their attributes change, and shows the new
// default where nobody has chosen.

import { get, kind } from "../reload/native.js";
import { all } from "../reload/page.js";

/**
 * @typedef {{members: any[], name: "checked" | "selected", isDefault: (member: any) => boolean}} Choice
 *   what is chosen from, the property that says which of them are, and whether one is if nobody chooses
 */

/**
 * Take note of what has been chosen.
 * @returns {() => void} does what is left to do after the change
 */
export function keepChoices() {
  const made = choices().filter(isMade).flatMap(({ members, name }) =>
    members.map((member) => ({ member, name, chosen: get(member, name) })));
  return () => {
    const kept = made.map(({ member }) => member);
    for (const { members, name, isDefault } of choices()) {
      if (members.some((member) => kept.includes(member))) continue;
      for (const member of members) set(member, name, isDefault(member));
    }
    for (const { member, name, chosen } of made) set(member, name, chosen);
  };
}

/** @param {any} member @param {"checked" | "selected"} name @param {boolean} chosen */
function set(member, name, chosen) {
  if (get(member, name) !== chosen) member[name] = chosen;
}

/** Whether somebody has chosen. @param {Choice} choice */
const isMade = ({ members, name, isDefault }) => members.some((member) => get(member, name) !== isDefault(member));

/** @returns {Choice[]} all choices of the page */
function choices() {
  const boxes = all("input").filter((box) => kind(box) === "HTMLInputElement");
  /** @type {Choice[]} */
  const found = boxes.filter((box) => get(box, "type") === "checkbox").map((box) =>
    ({ members: [box], name: "checked", isDefault: () => get(box, "defaultChecked") }));
  /** @type {Record<string, any[][]>} */
  const groups = Object.create(null);
  for (const box of boxes.filter((other) => get(other, "type") === "radio")) {
    const same = (groups[get(box, "name")] ??= []);
    const group = get(box, "name") ? same.filter(([other]) => get(other, "form") === get(box, "form"))[0] : undefined;
    if (group) group.push(box);
    else same.push([box]);
  }
  for (const members of Object.values(groups).flat()) {
    const last = lastOf(members.filter((box) => get(box, "defaultChecked")));
    found.push({ members, name: "checked", isDefault: (box) => box === last });
  }
  /** @type {any[]} */
  const listed = [];
  for (const list of all("select").filter((other) => kind(other) === "HTMLSelectElement")) {
    const members = [...get(list, "options")];
    const marked = members.filter((option) => get(option, "defaultSelected"));
    const first = get(list, "size") > 1 ? undefined : members.filter(isEnabled)[0];
    const defaults = get(list, "multiple") ? marked : [lastOf(marked) ?? first];
    found.push({ members, name: "selected", isDefault: (option) => defaults.includes(option) });
    listed.push(...members);
  }
  for (const option of all("option").filter((other) => kind(other) === "HTMLOptionElement" && !listed.includes(other))) {
    found.push({ members: [option], name: "selected", isDefault: () => get(option, "defaultSelected") });
  }
  return found;
}

/** @param {any[]} members @returns {any} */
const lastOf = (members) => members[members.length - 1];

/** @param {any} option */
const isEnabled = (option) => !get(option, "disabled") && !get(get(option, "parentNode"), "disabled");
