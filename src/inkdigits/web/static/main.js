/** Starts the page: chooses the view by the address, and hands the views what they share. */

/** @import { Model } from "./records.js" */

import { Api } from "./api.js";
import { Camera } from "./camera.js";
import { Draw } from "./draw.js";
import { find, save } from "./elements.js";
import { takeFiles } from "./files.js";
import { Guide } from "./guide.js";
import { History } from "./history.js";
import { Keeping } from "./keeping.js";
import { HAS_SERVER, Local } from "./local.js";
import { explain } from "./messages.js";
import { keepPage } from "./offline.js";
import { Picker } from "./picker.js";
import { Picture } from "./picture.js";
import { startLanguage, text } from "./texts.js";
import { askToken } from "./token.js";

const VIEWS = ["draw", "inside", "picture", "camera", "history", "guide"];

startLanguage();
document.documentElement.dataset.server = HAS_SERVER ? "there" : "none";
const api = new Api();
api.askToken = askToken;
const draw = new Draw(api);
const local = new Local(draw.engine);
const camera = new Camera(api, local, draw.engine);
const keeping = new Keeping((is_on) => (draw.can_keep = camera.can_keep = is_on));
const known = api.models();
const told = known.then(({ keeps_results }) => keeps_results || keeping.forbid());
const picture = new Picture(HAS_SERVER ? api : local, keeping, told);
const kept = new History(api);
const guide = new Guide(api);

/** Show the view that the address names. */
function route() {
  const view = VIEWS.find((name) => location.hash === `#${name}` && isOffered(name)) ?? VIEWS[0];
  for (const name of VIEWS) find(`view-${name}`, HTMLElement).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    const is_shown = link.getAttribute("href") === `#${view}`;
    if (is_shown) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (is_shown) link.scrollIntoView({ block: "nearest", inline: "nearest" }); // phones have no room for all of them
  }
  if (view === "history") kept.load();
  if (view !== "camera") camera.leave();
  guide.show(view === "guide");
  lookInside(view === "inside");
}

/** Whether a view is of any use here. @param {string} view */
function isOffered(view) {
  return HAS_SERVER || document.querySelector(`nav .by-server[href="#${view}"]`) === null;
}

/** The view that looks inside: loaded when it is asked for. @type {import("./inside.js").Inside | null} */
let inside = null;

/** @param {boolean} is_shown */
async function lookInside(is_shown) {
  try {
    if (is_shown && !inside) await openInside();
  } catch (error) {
    find("inside-state", HTMLElement).textContent = text("failed", { why: explain(/** @type {Error} */ (error)) });
  }
  if (location.hash === "#inside") inside?.show();
  else inside?.hide();
}

async function openInside() {
  const [{ Inside }, { models, picker }] = await Promise.all([import("./inside.js"), started]);
  if (draw.engine.is_ready) inside ??= new Inside(api, draw, models, picker.model);
  else find("inside-state", HTMLElement).textContent = text("insideNone");
}

async function start() {
  const models = await known;
  const homes = ["draw", "picture", "camera", "inside"].map((view) => find(`${view}-networks`, HTMLDetailsElement));
  const use = (/** @type {Model} */ model) => {
    draw.use(model);
    local.model = model;
    picture.use(model);
    inside?.use(model);
  };
  const saveCard = async (/** @type {Model} */ model) => {
    const card = await api.card(model).catch((error) => draw.fail(error));
    if (card) save(card, `${model.name}.json`);
  };
  const picker = new Picker(homes, models, use, saveCard);
  local.model = picker.model;
  picture.use(picker.model);
  await draw.start(models, picker.model);
  return { models, picker };
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
const started = start();
route();
local.started = started.catch((error) => draw.giveUp(error));
local.started.then(keepPage).catch(() => {}); // a browser may keep nothing, and still show it

export { camera, draw, inside, picture };
