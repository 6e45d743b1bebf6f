import { createApp, createSSRApp } from "vue/dist/vue.esm-bundler.js";
const App = {
  data: () => ({ state: { text: "", area: "", check: false, radio: "", select: "one" } }),
  template: `<form>
    <input id="text" v-model="state.text"><textarea id="area" v-model="state.area"></textarea>
    <input id="check" type="checkbox" v-model="state.check">
    <input id="a" type="radio" name="radio" value="a" v-model="state.radio">
    <input id="b" type="radio" name="radio" value="b" v-model="state.radio">
    <select id="select" v-model="state.select"><option>one</option><option>two</option></select>
    <output id="state">{{ JSON.stringify(state) }}</output>
  </form>`,
};
export const mount = (root) => createApp(App).mount(root);
export const hydrate = (root) => createSSRApp(App).mount(root);
