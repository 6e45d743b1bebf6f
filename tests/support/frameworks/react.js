import { createElement as h, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
const START = { text: "", area: "", check: false, radio: "", select: "one" };
function App() {
  const [state, setState] = useState(START);
  const set = (name) => ({ target }) =>
    setState((old) => ({ ...old, [name]: target.type === "checkbox" ? target.checked : target.value }));
  return h("form", null,
    h("input", { id: "text", value: state.text, onChange: set("text") }),
    h("textarea", { id: "area", value: state.area, onChange: set("area") }),
    h("input", { id: "check", type: "checkbox", checked: state.check, onChange: set("check") }),
    ...["a", "b"].map((value) => h("input", { key: value, id: value, type: "radio", name: "radio", value,
      checked: state.radio === value, onChange: set("radio") })),
    h("select", { id: "select", value: state.select, onChange: set("select") },
      h("option", null, "one"), h("option", null, "two")),
    h("output", { id: "state" }, JSON.stringify(state)));
}
export const mount = (root) => createRoot(root).render(h(App));
export const hydrate = (root) => hydrateRoot(root, h(App));
