import * as svelte from "svelte";
import App from "./App.svelte.js";
export const mount = (target) => svelte.mount(App, { target });
export const hydrate = (target) => svelte.hydrate(App, { target });
