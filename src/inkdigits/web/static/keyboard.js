/** The pad by keyboard: a pen that arrows move, and keys for every tool. */

/** @import { Point, Stroke } from "./strokes.js" */
/** @import { Tool } from "./pen.js" */

import { PAD } from "./pad.js";

/** How far an arrow moves the pen, alone and with Shift, in units of the pad. */
const STEP = 16;
const FINE_STEP = 4;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A pen that is moved by arrows. */
export class KeyPen {
  /** @type {[number, number]} */
  at = [PAD.width / 2, PAD.height / 4];
  /** What is being written. @type {Stroke | null} */
  open = null;

  /**
   * @param {object} on
   * @param {() => Tool} on.begin
   * @param {() => void} on.move
   * @param {(stroke: Stroke) => void} on.end
   */
  constructor(on) {
    this.on = on;
  }

  /** @param {string} arrow @param {boolean} is_fine */
  move(arrow, is_fine) {
    const step = is_fine ? FINE_STEP : STEP;
    const [x, y] = ARROWS[arrow];
    const [column, row] = [this.at[0] + step * x, this.at[1] + step * y];
    this.at = [Math.min(Math.max(column, 0), PAD.width), Math.min(Math.max(row, 0), PAD.height)];
    this.open?.points.push(this.#point());
    this.on.move();
  }

  /** Set the pen down, or lift it. */
  toggle() {
    if (this.open) {
      this.lift();
      return;
    }
    this.open = { ...this.on.begin(), has_pressure: false, points: [this.#point()] };
    this.on.move();
  }

  /** End the stroke that is being written, if there is one. */
  lift() {
    const stroke = this.open;
    this.open = null;
    if (stroke) this.on.end(stroke);
  }

  /** @returns {Point} */
  #point() {
    return [...this.at, 0.5];
  }
}

/**
 * Let keys work: those with Ctrl wherever the pad is shown, the others while it has the focus.
 *
 * @param {HTMLElement} pad
 * @param {KeyPen} pen
 * @param {Record<"undo" | "redo" | "clear" | "eraser" | "paper" | "help" | "thinner" | "wider", () => void>} tools
 */
export function listen(pad, pen, tools) {
  /** @type {Record<string, () => void>} */
  const plain = {
    Delete: tools.clear, Backspace: tools.clear, e: tools.eraser, b: tools.paper, "?": tools.help,
    "[": tools.thinner, "]": tools.wider, " ": () => pen.toggle(), Escape: () => pen.lift(),
  };
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tool = event.key in ARROWS ? () => pen.move(event.key, event.shiftKey) : plain[event.key];
    if (tool) act(event, tool);
  });
  document.addEventListener("keydown", (event) => {
    const is_writing = event.target instanceof HTMLElement && event.target.matches("input:not([type=range]), textarea");
    if (!(event.ctrlKey || event.metaKey) || is_writing || pad.offsetParent === null) return;
    const key = event.key.toLowerCase();
    if (key === "y" || (key === "z" && event.shiftKey)) act(event, tools.redo);
    else if (key === "z") act(event, tools.undo);
  });
}

/** @param {KeyboardEvent} event @param {() => void} tool */
function act(event, tool) {
  event.preventDefault();
  tool();
}
