/** A canvas of strokes. Those that are finished lie on a sheet beneath it, so that only the open ones are drawn anew. */

/** @import { Stroke } from "./strokes.js" */
/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Sheet */

import { loadFreehand } from "./vendor.js";

const { getStroke } = await loadFreehand();

/** A pen that tells its pressure is between half and one and a half times as wide as it is set to. */
const THINNING = 0.5;

/**
 * How much of the hand's tremble is taken out: more would cut the corners of quick strokes, whose points lie far apart.
 * `last` lets a stroke reach the pointer while it is written.
 */
const CALM = { smoothing: 0.5, streamline: 0.15, simulatePressure: false, last: true };

export class Layer {
  /** @type {readonly Stroke[]} */
  #drawn = [];
  #size;
  #colour = "#000";

  /**
   * @param {HTMLCanvasElement | OffscreenCanvas} canvas
   * @param {{width: number, height: number}} size of the pad, in its units
   * @param {boolean} is_read whether its pixels are asked for
   */
  constructor(canvas, size, is_read) {
    this.#size = size;
    this.front = open(canvas, is_read);
    this.back = open(new OffscreenCanvas(canvas.width, canvas.height), is_read);
    this.resize(canvas.width, canvas.height);
  }

  /** @param {number} width @param {number} height in pixels */
  resize(width, height) {
    for (const sheet of [this.front, this.back]) {
      [sheet.canvas.width, sheet.canvas.height] = [width, height];
      sheet.setTransform(width / this.#size.width, 0, 0, height / this.#size.height, 0, 0);
    }
    this.dye(this.#colour);
  }

  /** Use another colour. @param {string} colour */
  dye(colour) {
    this.#colour = colour;
    for (const sheet of [this.front, this.back]) sheet.fillStyle = colour;
    this.#drawn = [];
    this.#wipe(this.back);
  }

  /** @param {readonly Stroke[]} done @param {readonly Stroke[]} open */
  draw(done, open) {
    if (!this.#drawn.every((stroke, at) => stroke === done[at])) {
      this.#drawn = [];
      this.#wipe(this.back);
    }
    for (const stroke of done.slice(this.#drawn.length)) drawStroke(this.back, stroke);
    this.#drawn = done;
    this.#wipe(this.front);
    this.front.drawImage(this.back.canvas, 0, 0, this.#size.width, this.#size.height);
    for (const stroke of open) drawStroke(this.front, stroke);
  }

  /** @param {Sheet} sheet */
  #wipe(sheet) {
    sheet.clearRect(0, 0, this.#size.width, this.#size.height);
  }
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {boolean} is_read @returns {Sheet} */
function open(canvas, is_read) {
  return /** @type {Sheet} */ (canvas.getContext("2d", { willReadFrequently: is_read }));
}

/** @param {Sheet} sheet @param {Stroke} stroke */
function drawStroke(sheet, stroke) {
  sheet.globalCompositeOperation = stroke.is_eraser ? "destination-out" : "source-over";
  sheet.fill(outline(stroke));
  sheet.globalCompositeOperation = "source-over";
}

/** Return the outline of a stroke: round where points are joined. @param {Stroke} stroke */
function outline({ points, width, has_pressure }) {
  const thinning = has_pressure ? THINNING : 0;
  const corners = getStroke(points, { size: width, thinning, ...CALM });
  const path = new Path2D();
  corners.forEach(([x, y], at) => {
    const [next_x, next_y] = corners[(at + 1) % corners.length];
    const [middle_x, middle_y] = [(x + next_x) / 2, (y + next_y) / 2];
    if (at === 0) path.moveTo(middle_x, middle_y);
    else path.quadraticCurveTo(x, y, middle_x, middle_y);
  });
  path.closePath();
  return path;
}
