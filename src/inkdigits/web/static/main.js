/** Starts the page: chooses the view by the address, and hands the views what they share. */

import { Api } from "./api.js";
import { Draw } from "./draw.js";
import { find } from "./elements.js";
import { Picker } from "./picker.js";
import { startLanguage } from "./texts.js";

const VIEWS = ["draw", "picture", "history"];

startLanguage();
const api = new Api();
const draw = new Draw(api);

/** Show the view that the address names. */
function route() {
  const view = VIEWS.find((name) => location.hash === `#${name}`) ?? VIEWS[0];
  for (const name of VIEWS) find(`view-${name}`, HTMLElement).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function start() {
  const models = await api.models();
  const homes = ["draw-networks"].map((id) => find(id, HTMLDetailsElement));
  const picker = new Picker(homes, models, (model) => draw.use(model));
  await draw.start(models, picker.model);
}

addEventListener("hashchange", route);
route();
start();

export { draw };
