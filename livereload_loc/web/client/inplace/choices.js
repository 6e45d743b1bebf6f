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
  const made = choices().filter(isMade).map(({ members, name }) =>
    members.map((member) => ({ member, name, chosen: get(member, name) })));
  return () => {
    // What somebody has chosen may be gone.
    const still = made.filter((states) => states.every(({ chosen }) => !chosen)
      || states.some(({ member, chosen }) => chosen && get(member, "isConnected"))).flat();
    const kept = still.map(({ member }) => member);
    for (const { members, name, isDefault } of choices()) {
      if (members.some((member) => kept.includes(member))) continue;
      for (const member of members) set(member, name, isDefault(member));
    }
    for (const { member, name, chosen } of still) set(member, name, chosen);
  };
}

/** @param {any} member @param {"checked" | "selected"} name @param {boolean} chosen */
function set(member, name, chosen) {
  if (get(member, name) !== chosen) member[name] = chosen;
}

/** Return whether somebody has chosen. @param {Choice} choice */
const isMade = ({ members, name, isDefault }) => members.some((member) => get(member, name) !== isDefault(member));

/** @returns {Choice[]} all choices of the page */
function choices() {
  const boxes = htmlElements("input", "HTMLInputElement");
  const lists = htmlElements("select", "HTMLSelectElement");
  const listed = lists.flatMap((list) => [...get(list, "options")]);
  return [
    ...boxes.filter((box) => get(box, "type") === "checkbox").map((box) => ownChoice(box, "checked", "defaultChecked")),
    ...groupsOf(boxes.filter((box) => get(box, "type") === "radio")).map(groupChoice),
    ...lists.map(listChoice),
    ...htmlElements("option", "HTMLOptionElement").filter((option) => !listed.includes(option))
      .map((option) => ownChoice(option, "selected", "defaultSelected")),
  ];
}

/** Other namespaces have elements of these names, too. @param {string} name @param {string} wanted @returns {any[]} */
const htmlElements = (name, wanted) => all(name).filter((element) => kind(element) === wanted);

/** @param {any} member @param {"checked" | "selected"} name @param {string} byDefault @returns {Choice} */
const ownChoice = (member, name, byDefault) => ({ members: [member], name, isDefault: () => get(member, byDefault) });

/** Return the radio buttons of which one can be on at a time. @param {any[]} buttons @returns {any[][]} */
function groupsOf(buttons) {
  /** @type {Record<string, any[][]>} */
  const named = Object.create(null);
  for (const button of buttons) {
    const name = get(button, "name");
    const same = (named[name] ??= []);
    const group = name && same.filter(([other]) => get(other, "form") === get(button, "form"))[0];
    if (group) group.push(button);
    else same.push([button]);
  }
  return Object.values(named).flat();
}

/** @param {any[]} members radio buttons @returns {Choice} */
function groupChoice(members) {
  const last = lastOf(members.filter((button) => get(button, "defaultChecked")));
  return { members, name: "checked", isDefault: (button) => button === last };
}

/** @param {any} list @returns {Choice} */
function listChoice(list) {
  const members = [...get(list, "options")];
  const marked = members.filter((option) => get(option, "defaultSelected"));
  const first = get(list, "size") > 1 ? undefined : members.filter(isEnabled)[0];
  const defaults = get(list, "multiple") ? marked : [lastOf(marked) ?? first];
  return { members, name: "selected", isDefault: (option) => defaults.includes(option) };
}

/** @param {any[]} members @returns {any} */
const lastOf = (members) => members[members.length - 1];

/** @param {any} option */
const isEnabled = (option) => !get(option, "disabled") && !get(get(option, "parentNode"), "disabled");
