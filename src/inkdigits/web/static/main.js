/** Starts the page: chooses the view by the address, and hands the views what they share. */

/** @import { Model } from "./records.js" */

import { Api } from "./api.js";
import { Camera } from "./camera.js";
import { Draw } from "./draw.js";
import { find, save } from "./elements.js";
import { takeFiles } from "./files.js";
import { History } from "./history.js";
import { Keeping } from "./keeping.js";
import { HAS_SERVER, Local } from "./local.js";
import { Picker } from "./picker.js";
import { Picture } from "./picture.js";
import { startLanguage } from "./texts.js";
import { askToken } from "./token.js";

const VIEWS = ["draw", "picture", "camera", "history"];

startLanguage();
const api = new Api();
api.askToken = askToken;
const draw = new Draw(api);
const local = new Local(draw.engine);
const camera = new Camera(api, local, draw.engine);
const keeping = new Keeping((is_on) => (draw.can_keep = camera.can_keep = is_on));
const picture = new Picture(HAS_SERVER ? api : local, keeping);
const kept = new History(api);

/** Show the view that the address names. */
function route() {
  const view = VIEWS.find((name) => location.hash === `#${name}`) ?? VIEWS[0];
  for (const name of VIEWS) find(`view-${name}`, HTMLElement).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "history") kept.load();
  if (view !== "camera") camera.leave();
}

async function start() {
  const models = await api.models();
  if (!models.keeps_results) keeping.forbid();
  const homes = ["draw-networks", "picture-networks", "camera-networks"].map((id) => find(id, HTMLDetailsElement));
  const use = (/** @type {Model} */ model) => {
    draw.use(model);
    local.model = model;
    picture.use(model);
  };
  const saveCard = async (/** @type {Model} */ model) => {
    const card = await api.card(model).catch((error) => draw.fail(error));
    if (card) save(card, `${model.name}.json`);
  };
  const picker = new Picker(homes, models, use, saveCard);
  local.model = picker.model;
  picture.use(picker.model);
  await draw.start(models, picker.model);
}

addEventListener("hashchange", route);
find("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault(); // or the address would name no view
  find("content", HTMLElement).focus();
});
takeFiles((files) => {
  location.hash = "#picture";
  picture.add(files);
});
route();
local.started = start().catch((error) => draw.giveUp(error));

export { camera, draw, picture };
