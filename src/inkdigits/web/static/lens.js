/** The patch, large, and on it the part that a cell saw; beside it the map of that cell, with words. */

/** @import { Cell } from "./maps.js" */
/** @import { Working } from "./working.js" */
/** @import { LayerFacts } from "./records.js" */

import { find } from "./elements.js";
import { toName } from "./layers.js";
import { resize, toCanvas } from "./maps.js";
import { PATCH_PX, drawPatch } from "./patch.js";
import { onNewShades } from "./shades.js";
import { number, text } from "./texts.js";
import { showWorking } from "./working.js";

/** Side of the enlarged map on the screen. */
const MAP_PX = 104;

/**
 * @typedef {object} Seen a cell that is looked at
 * @property {LayerFacts} layer
 * @property {Cell} cell
 * @property {{values: Float32Array, width: number}} map that it lies in
 * @property {Working | null} working how its number is computed, where that can be shown
 * @property {number} most the largest absolute value of the layer
 */

export class Lens {
  #patch = find("lens-patch", HTMLCanvasElement);
  #sight = find("lens-sight", HTMLElement);
  #map = find("lens-map", HTMLCanvasElement);
  #words = find("lens-words", HTMLElement);
  #working = find("lens-working", HTMLElement);
  #live = find("inside-live", HTMLElement);
  /** @type {Seen | null} */
  #seen = null;

  constructor() {
    onNewShades(() => this.look(this.#seen));
    this.look(null);
  }

  /** @param {Float32Array} patch */
  show(patch) {
    drawPatch(this.#patch, patch);
  }

  /** Show what a cell saw; null: nothing in particular. @param {Seen | null} seen @param {boolean} is_told to screen readers */
  look(seen, is_told = false) {
    this.#seen = seen;
    this.#map.hidden = !seen;
    this.#sight.hidden = !seen;
    showWorking(this.#working, seen?.working ?? null);
    if (!seen) {
      this.#words.textContent = text("lensHint");
      return;
    }
    const { layer, cell: { map, row, column } } = seen;
    const value = number(seen.map.values[row * seen.map.width + column]);
    const place = seen.map.width > 1 ? text("lensPlace", { row: row + 1, column: column + 1 }) : "";
    const name = text(seen.map.width > 1 ? "lensMap" : "lensNumber", { n: map + 1, layer: toName(layer) });
    const box = toBox(seen);
    const words = [value, name, place, box ? sayBox(box) : text("lensAll")].filter((part) => part !== "");
    const [strong, ...others] = words.map((word, at) => Object.assign(document.createElement(at ? "span" : "b"), { textContent: word }));
    this.#words.replaceChildren(strong, ...others);
    if (is_told) this.#live.textContent = words.join(". ");
    this.#placeSight(box ?? { x: 0, y: 0, side: PATCH_PX });
    this.#drawMap(seen);
  }

  /** @param {{x: number, y: number, side: number}} box in pixels of the patch */
  #placeSight({ x, y, side }) {
    const share = (/** @type {number} */ pixels) => `${(100 * pixels) / PATCH_PX}%`;
    Object.assign(this.#sight.style, { left: share(x), top: share(y), width: share(side), height: share(side) });
  }

  /** @param {Seen} seen */
  #drawMap({ map: { values, width }, cell, most }) {
    const sheet = resize(this.#map, MAP_PX, MAP_PX);
    const side = MAP_PX / width;
    sheet.imageSmoothingEnabled = false;
    sheet.drawImage(toCanvas(values, width, most), 0, 0, MAP_PX, MAP_PX);
    sheet.lineWidth = 2;
    sheet.strokeStyle = getComputedStyle(this.#map).color;
    sheet.strokeRect(cell.column * side, cell.row * side, side, side);
  }
}

/** Return the square that a cell saw; null: the whole patch. @param {Seen} seen */
function toBox({ layer: { field }, cell }) {
  if (!field) return null;
  const [x, y] = [cell.column, cell.row].map((at) => field.first_px + at * field.step_px);
  return { x, y, side: field.side_px };
}

/** @param {{x: number, y: number, side: number}} box */
function sayBox({ x, y, side }) {
  const clip = (/** @type {number} */ at) => Math.max(0, Math.min(PATCH_PX, at));
  const [left, right, top, bottom] = [clip(x), clip(x + side), clip(y), clip(y + side)];
  const saw = side === 1
    ? text("lensPixel", { row: top + 1, column: left + 1 })
    : text("lensSaw", { n: side, top: top + 1, bottom, left: left + 1, right });
  const is_inside = right - left === side && bottom - top === side;
  return is_inside ? saw : `${saw} ${text("lensOutside")}`;
}
