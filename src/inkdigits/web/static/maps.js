/** All maps of a layer in one canvas. The pointer or the arrow keys choose a cell of them. */

/** @import { Values } from "./records.js" */

import { element } from "./elements.js";
import { findMost, onNewShades, toPixels } from "./shades.js";

/** About how wide a map is, by the cells in it: larger maps need more room, small ones must not be specks. */
const SIDES_PX = /** @type {const} */ ([[20, 72], [9, 50], [4, 40], [2, 33], [1, 18]]);

/** Between maps; single numbers lie closer. */
const [GAP_PX, CLOSE_PX] = [6, 3];

/** In less room than this maps are so much smaller, and few maps may be so much larger. */
const NARROW_PX = 420;
const [LEAST_TIMES, MOST_TIMES] = [0.67, 1.5];

/** @typedef {{map: number, row: number, column: number}} Cell */

/** Whether a canvas is on the screen: only those are drawn. */
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) watched.get(target)?.see(isIntersecting);
}, { rootMargin: "200px" });

/** @type {WeakMap<Element, Maps>} */
const watched = new WeakMap();

const resized = new ResizeObserver((entries) => requestAnimationFrame(() => { // drawing changes heights again
  for (const { target } of entries) watched.get(target)?.fit();
}));

export class Maps {
  /** @type {{n: number, height: number, width: number}} */
  #shape = { n: 0, height: 1, width: 1 };
  /** @type {Float32Array} */
  #values = new Float32Array(0);
  #is_seen = false;
  #room = 0;
  #grid = { columns: 1, cell_px: 1, gap_px: GAP_PX };
  /** @type {Cell | null} */
  #cell = null;
  #mark = element("span", "cell-mark");

  /**
   * @param {string} label
   * @param {(cell: Cell | null, is_key: boolean) => void} onCell with null where none is chosen any more
   */
  constructor(label, onCell) {
    this.canvas = element("canvas", "maps");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", label);
    this.#mark.hidden = true;
    this.root = element("div", "maps-frame", this.canvas, this.#mark);
    this.onCell = onCell;
    watched.set(this.root, this);
    watch.observe(this.root);
    resized.observe(this.root);
    onNewShades(() => this.draw());
    this.#listen();
  }

  /** The largest absolute value of all maps. */
  get most() {
    return findMost(this.#values);
  }

  /** @param {Values} layer for one patch, its shape (1, maps, height, width) or (1, length) */
  show({ values, shape: [, n, height = 1, width = 1] }) {
    this.#values = values;
    this.#shape = { n, height, width };
    this.draw();
    if (this.#cell) this.onCell(this.#cell, false);
  }

  /** The cells of one map. @param {number} map @returns {{values: Float32Array, width: number}} */
  map(map) {
    const size = this.#shape.height * this.#shape.width;
    return { values: this.#values.subarray(map * size, (map + 1) * size), width: this.#shape.width };
  }

  /** Follow the width of the window. */
  fit() {
    if (this.root.clientWidth !== this.#room) this.draw();
  }

  /** @param {boolean} is_seen */
  see(is_seen) {
    this.#is_seen = is_seen;
    this.draw();
  }

  /** Draw the maps, if anybody sees them. */
  draw() {
    const { n, height, width } = this.#shape;
    if (!this.#is_seen || n === 0) return;
    const { columns, cell_px, gap_px } = (this.#grid = this.#toGrid());
    const [across, down] = [width * cell_px + gap_px, height * cell_px + gap_px];
    const [wide, high] = [columns * across - gap_px, Math.ceil(n / columns) * down - gap_px];
    const sheet = resize(this.canvas, wide, high);
    const small = toCanvas(this.#values, width, this.most);
    sheet.imageSmoothingEnabled = false;
    for (let map = 0; map < n; map++) {
      const [x, y] = [(map % columns) * across, Math.floor(map / columns) * down];
      sheet.drawImage(small, 0, map * height, width, height, x, y, width * cell_px, height * cell_px);
    }
    this.#placeMark();
  }

  /** Choose how many maps lie in a row, and how large they are. */
  #toGrid() {
    const { n, height, width } = this.#shape;
    const room = (this.#room = this.root.clientWidth);
    const side = SIDES_PX.find(([least]) => width >= least)?.[1] ?? 1;
    const gap_px = height * width === 1 ? CLOSE_PX : GAP_PX;
    const times = Math.min(MOST_TIMES, Math.max(room < NARROW_PX ? LEAST_TIMES : 1, (room + gap_px) / n / (side + gap_px)));
    const cell_px = Math.max(1, Math.round((side * times) / width));
    const most = Math.max(1, Math.floor((room + gap_px) / (width * cell_px + gap_px)));
    return { columns: Math.ceil(n / Math.ceil(n / most)), cell_px, gap_px };
  }

  #listen() {
    const { canvas } = this;
    const point = (/** @type {PointerEvent} */ event) => this.#choose(this.#at(event.offsetX, event.offsetY), false);
    canvas.addEventListener("pointermove", point);
    canvas.addEventListener("pointerdown", point);
    canvas.addEventListener("pointerleave", () => document.activeElement !== canvas && this.#choose(null, false));
    canvas.addEventListener("blur", () => this.#choose(null, false));
    canvas.addEventListener("focus", () => this.#cell ?? this.#choose(this.#find(), true));
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const cell = this.#step(event.key);
      if (!cell) return;
      event.preventDefault(); // or the page would scroll
      this.#choose(cell, true);
    });
  }

  /** @param {Cell | null} cell @param {boolean} is_key */
  #choose(cell, is_key) {
    this.#cell = cell;
    this.#placeMark();
    this.onCell(cell, is_key);
  }

  /** The cell at a place of the canvas; null between maps. @param {number} x @param {number} y @returns {Cell | null} */
  #at(x, y) {
    const { n, height, width } = this.#shape;
    const { columns, cell_px, gap_px } = this.#grid;
    const [across, down] = [width * cell_px + gap_px, height * cell_px + gap_px];
    const [right, below] = [Math.floor(x / across), Math.floor(y / down)];
    const [column, row] = [Math.floor((x - right * across) / cell_px), Math.floor((y - below * down) / cell_px)];
    const map = below * columns + right;
    return x >= 0 && y >= 0 && right < columns && map < n && column < width && row < height ? { map, row, column } : null;
  }

  /** The cell with the largest value. @returns {Cell | null} */
  #find() {
    const at = this.#values.indexOf(this.#values.reduce((most, value) => Math.max(most, value), -Infinity));
    return at < 0 ? null : this.#toCell(at);
  }

  /** @param {number} at @returns {Cell} */
  #toCell(at) {
    const { height, width } = this.#shape;
    return { map: Math.floor(at / (height * width)), row: Math.floor(at / width) % height, column: at % width };
  }

  /** The cell that a key leads to: from the edge of a map into the next one. @param {string} key @returns {Cell | null} */
  #step(key) {
    const { n, height, width } = this.#shape;
    const { map, row, column } = this.#cell ?? { map: 0, row: 0, column: 0 };
    const next = (/** @type {number} */ by) => ({ map: (map + by + n) % n, row, column });
    const steps = /** @type {Record<string, () => Cell | null>} */ ({
      ArrowLeft: () => (column > 0 ? { map, row, column: column - 1 } : { ...next(-1), column: width - 1 }),
      ArrowRight: () => (column < width - 1 ? { map, row, column: column + 1 } : { ...next(1), column: 0 }),
      ArrowUp: () => (row > 0 ? { map, row: row - 1, column } : { ...next(-this.#grid.columns), row: height - 1 }),
      ArrowDown: () => (row < height - 1 ? { map, row: row + 1, column } : { ...next(this.#grid.columns), row: 0 }),
      PageUp: () => next(-1),
      PageDown: () => next(1),
      Home: () => this.#find(),
    });
    return steps[key]?.() ?? null;
  }

  #placeMark() {
    this.#mark.hidden = !this.#cell;
    if (!this.#cell) return;
    const { map, row, column } = this.#cell;
    const { columns, cell_px, gap_px } = this.#grid;
    const x = (map % columns) * (this.#shape.width * cell_px + gap_px) + column * cell_px;
    const y = Math.floor(map / columns) * (this.#shape.height * cell_px + gap_px) + row * cell_px;
    Object.assign(this.#mark.style, { left: `${x}px`, top: `${y}px`, width: `${cell_px}px`, height: `${cell_px}px` });
  }
}

/** Return numbers as a small canvas, a pixel each. @param {Float32Array} values @param {number} width @param {number} most */
export function toCanvas(values, width, most) {
  const canvas = new OffscreenCanvas(width, values.length / width);
  const sheet = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  sheet.putImageData(toPixels(values, width, most), 0, 0);
  return canvas;
}

/**
 * Give a canvas a size on the screen, as sharp as that is; return what draws on it.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function resize(canvas, width, height) {
  [canvas.width, canvas.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const sheet = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  sheet.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  return sheet;
}
