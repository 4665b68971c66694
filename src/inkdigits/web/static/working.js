/** How one number of a map is computed, where that fits on a blackboard: the first filters, and the maximum. */

/** @import { Cell } from "./maps.js" */
/** @import { LayerFacts, Values } from "./records.js" */

import { element } from "./elements.js";
import { resize, toCanvas } from "./maps.js";
import { findMost } from "./shades.js";
import { number, text } from "./texts.js";

/** Side of a number's square on the screen, and the room that a window has. */
const [SQUARE_PX, ROOM_PX] = [30, 154];

/** A square of this depth, of 255, is dark. */
const DARK = 128;

/**
 * @typedef {object} Working
 * @property {Float32Array} window the numbers that went in
 * @property {number} most the largest absolute value of all that went in
 * @property {Float32Array | null} filter what each is multiplied by; null: only the largest counts
 * @property {number} bias
 * @property {boolean} has_relu
 */

/** Whether the computation of a layer's numbers can be shown: other filters look at many maps. @param {LayerFacts} layer */
export function hasWorking({ kind, before }) {
  return kind === "pool" || (kind === "convolution" && before[0] === 1);
}

/**
 * Find what a number was computed of.
 *
 * @param {LayerFacts} layer
 * @param {Cell} cell
 * @param {Record<string, Values>} values of the network
 * @param {string} source name of the value that went in
 * @returns {Working}
 */
export function findWorking(layer, { map, row, column }, values, source) {
  const { kernel_px: k, pad_px, stride_px, before: [, height, width] } = layer;
  const from = layer.kind === "pool" ? map * height * width : 0;
  const window = Float32Array.from({ length: k * k }, (_, at) => {
    const [x, y] = [column * stride_px - pad_px + (at % k), row * stride_px - pad_px + Math.floor(at / k)];
    return x >= 0 && y >= 0 && x < width && y < height ? values[source].values[from + y * width + x] : 0;
  });
  const { weights, bias, before_relu } = layer;
  const filter = weights ? values[weights].values.subarray(map * k * k, (map + 1) * k * k) : null;
  return { window, most: findMost(values[source].values), filter, bias: bias ? values[bias].values[map] : 0, has_relu: before_relu !== null };
}

/** Show a computation in squares and words. @param {HTMLElement} home @param {Working | null} working */
export function showWorking(home, working) {
  home.hidden = !working;
  if (!working) return;
  const { window, most, filter } = working;
  const squares = [toSquares(window, most, 1)];
  if (filter) squares.push(element("span", "times", "×"), toSquares(filter, findMost(filter), 2));
  home.replaceChildren(element("div", "squares", ...squares), element("p", "", say(working)));
}

/** @param {Working} working */
function say({ window, filter, bias, has_relu }) {
  if (!filter) return text("workingPool", { value: number(Math.max(...window)) });
  const products = window.reduce((sum, value, at) => sum + value * filter[at], 0);
  const total = products + bias;
  const words = text("workingSum", { products: number(products), bias: number(bias), total: number(total) });
  return has_relu ? `${words} ${text(total > 0 ? "workingKept" : "workingZero")}` : words;
}

/**
 * Draw numbers in squares, coloured as maps are.
 *
 * @param {Float32Array} values of a square
 * @param {number} most what has the deepest colour
 * @param {number} decimals
 * @returns {HTMLElement}
 */
function toSquares(values, most, decimals) {
  const k = Math.sqrt(values.length);
  const square_px = Math.min(SQUARE_PX, Math.floor(ROOM_PX / k));
  const side = k * square_px;
  const canvas = element("canvas", "");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", [...values].map((value) => number(value, decimals)).join(" "));
  const sheet = resize(canvas, side, side);
  const small = toCanvas(values, k, most);
  const colours = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).getImageData(0, 0, k, k).data;
  sheet.imageSmoothingEnabled = false;
  sheet.drawImage(small, 0, 0, side, side);
  Object.assign(sheet, { textAlign: "center", textBaseline: "middle", font: "10px system-ui, sans-serif" });
  values.forEach((value, at) => {
    const [red, green, blue] = colours.subarray(4 * at, 4 * at + 3);
    sheet.fillStyle = 0.3 * red + 0.59 * green + 0.11 * blue < DARK ? "#ffffff" : "#000000";
    sheet.fillText(number(value, decimals), ((at % k) + 0.5) * square_px, (Math.floor(at / k) + 0.5) * square_px);
  });
  return canvas;
}
