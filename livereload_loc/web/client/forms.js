// Sees a form that is sent, in browsers without the Navigation API.

import { on } from "./reload/helpers.js";
import { call, get } from "./reload/native.js";
import { leaveFor } from "./reload/navigation.js";

/** @type {any} */
let submitting;

/** Take note of each form that the page is left by, also where a script sends it, which no `submit` tells. */
export function watchForms() {
  on(window, "submit", (event) => submitting = event);
  on(window, "formdata", ({ target }) => {
    // A script that reads the fields while `submit` is on its way sends them itself.
    if (submitting?.eventPhase) return;
    const button = submitting?.target === target && submitting.submitter;
    const action = button && call(button, "hasAttribute", "formaction") ? button.formAction : get(target, "action");
    leaveFor(action, (button && button.formMethod) || get(target, "method"));
  });
}
