/** A layer of a network: what it does in words, its maps, and its place in the row of all layers. */

/** @import { Seen } from "./lens.js" */
/** @import { LayerFacts, Values } from "./records.js" */

import { button, element } from "./elements.js";
import { toName, toSentence, toShape } from "./layers.js";
import { Maps, resize, toCanvas } from "./maps.js";
import { findMost, onNewShades } from "./shades.js";
import { Sums } from "./sums.js";
import { percent, text } from "./texts.js";
import { findWorking, hasWorking } from "./working.js";

/** Name of what goes into a network. */
export const PATCHES = "patches";

/** Side of a layer in the row of all of them, on the screen. */
const STATION_PX = 48;

/** @typedef {(seen: Seen | null, is_key: boolean) => void} Look */

export class Card {
  #layer;
  #source;
  #station = element("canvas", "");
  #zeros = element("span", "");
  #before = element("input", "");
  /** @type {Maps | null} */
  #maps = null;
  /** @type {Sums | null} */
  #sums = null;
  /** @type {Record<string, Values> | null} */
  #values = null;

  /**
   * @param {LayerFacts[]} layers all of the network
   * @param {number} at place of this one
   * @param {Look} onLook told which cell is looked at
   */
  constructor(layers, at, onLook) {
    const layer = (this.#layer = layers[at]);
    const is_last = at === layers.length - 1;
    this.#source = at > 0 ? layers[at - 1].output : PATCHES;
    const name = toName(layer);
    this.head = element("h4", "", element("span", "nth", String(at + 1)), name);
    this.head.tabIndex = -1; // it gets the focus when it is gone to
    const top = element("div", "card-top", this.head, element("span", "shape", toShape(layer.after)));
    this.root = element("section", "card", top, element("p", "words", toSentence(layer, is_last)));
    if (is_last) this.#addSums();
    else this.#addMaps(name, onLook);
    this.station = this.#toStation(name);
    onNewShades(() => this.#drawStation());
  }

  /** @param {Record<string, Values>} values that the network gives of one patch */
  show(values) {
    this.#values = values;
    const { output, before_relu } = this.#layer;
    this.#sums?.show(values[output].values);
    this.#maps?.show(values[this.#before.checked && before_relu ? before_relu : output]);
    const after = values[output].values;
    this.#zeros.textContent = text("saysRelu", { share: percent(after.filter((value) => value === 0).length / after.length) });
    this.#drawStation();
  }

  #addSums() {
    this.#sums = new Sums();
    this.root.append(this.#sums.root);
  }

  /** @param {string} name @param {Look} onLook */
  #addMaps(name, onLook) {
    const layer = this.#layer;
    const label = text("maps", { layer: name, shape: toShape(layer.after) });
    const maps = new Maps(label, (cell, is_key) => {
      const working = cell && this.#values && hasWorking(layer) ? findWorking(layer, cell, this.#values, this.#source) : null;
      onLook(cell && { layer, cell, map: maps.map(cell.map), most: maps.most, working }, is_key);
    });
    this.#maps = maps;
    this.root.append(maps.root);
    if (!layer.before_relu) return;
    Object.assign(this.#before, { type: "checkbox", role: "switch" });
    this.#before.addEventListener("change", () => this.#values && this.show(this.#values));
    const before = element("label", "switch small", this.#before, element("span", "", text("beforeRelu")));
    this.root.append(element("div", "relu", this.#zeros, before));
  }

  /** @param {string} name */
  #toStation(name) {
    const shape = this.#layer.after.join("×");
    const go = button("station", "", () => {
      this.root.scrollIntoView({ block: "center" });
      this.head.focus({ preventScroll: true });
    });
    go.append(this.#station, element("span", "", shape));
    go.title = name;
    go.setAttribute("aria-label", text("station", { layer: name, shape }));
    return go;
  }

  /** Draw the map in which most was found; of a list, all of it. */
  #drawStation() {
    const { output, after } = this.#layer;
    if (!this.#values) return;
    const { values } = this.#values[output];
    const { numbers, width } = after.length > 1 ? strongest(values, after[2] * after[1], after[2]) : toSquare(values);
    const sheet = resize(this.#station, STATION_PX, STATION_PX);
    sheet.imageSmoothingEnabled = false;
    const [across, down] = [width, numbers.length / width].map((side, _, sides) => (STATION_PX * side) / Math.max(...sides));
    const [left, top] = [(STATION_PX - across) / 2, (STATION_PX - down) / 2];
    sheet.drawImage(toCanvas(numbers, width, findMost(numbers)), left, top, across, down);
  }
}

/** Return the map with the largest sum. @param {Float32Array} values @param {number} size of a map @param {number} width */
function strongest(values, size, width) {
  let [best, most] = [values.subarray(0, size), -Infinity];
  for (let from = 0; from < values.length; from += size) {
    const map = values.subarray(from, from + size);
    const sum = map.reduce((total, value) => total + Math.abs(value), 0);
    if (sum > most) [best, most] = [map, sum];
  }
  return { numbers: best, width };
}

/** Lay a list out in rows, about as many as a row is long. @param {Float32Array} values */
function toSquare(values) {
  const width = Math.ceil(Math.sqrt(values.length));
  const numbers = new Float32Array(width * Math.ceil(values.length / width));
  numbers.set(values);
  return { numbers, width };
}
