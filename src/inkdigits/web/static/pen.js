/** Pointer events -> strokes: mouse, touch and pen, several at once, and every point between two frames. */

/** @import { Stroke } from "./strokes.js" */

/** @typedef {{width: number, is_eraser: boolean}} Tool what the pen is set to */

/** What a device says that cannot tell how hard it is pressed. */
const HALF = 0.5;

/** The eraser at the other end of a pen. */
const ERASER_BUTTON = 32;

export class Pen {
  /** Strokes that are being written, by pointer. @type {Map<number, Stroke>} */
  #open = new Map();
  /** Whether a pen is down: then a hand that touches the pad is no finger that writes. */
  #has_pen = false;
  #surface;

  /**
   * @param {HTMLElement} surface what is written on
   * @param {object} on
   * @param {() => Tool} on.begin tells what the pen is set to
   * @param {(x: number, y: number) => [number, number]} on.place turns a place in the window into one on the pad
   * @param {() => void} on.move something was added to a stroke
   * @param {(stroke: Stroke) => void} on.end
   */
  constructor(surface, on) {
    this.on = on;
    this.#surface = surface;
    surface.addEventListener("pointerdown", (event) => this.#begin(event));
    surface.addEventListener("pointermove", (event) => this.#move(event));
    surface.addEventListener("pointerup", (event) => this.#end(event));
    surface.addEventListener("pointercancel", (event) => this.#end(event));
    surface.addEventListener("lostpointercapture", (event) => this.#end(event));
    surface.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is a stroke as well
  }

  /** Strokes that are being written. */
  get open() {
    return [...this.#open.values()];
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    const is_palm = event.pointerType === "touch" && this.#has_pen;
    if (is_palm || (event.pointerType === "mouse" && event.button !== 0) || this.#open.has(event.pointerId)) return;
    const { width, is_eraser } = this.on.begin();
    const has_pressure = event.pointerType === "pen" && event.pressure > 0;
    const is_turned = event.pointerType === "pen" && (event.buttons & ERASER_BUTTON) !== 0;
    this.#open.set(event.pointerId, { points: [], width, has_pressure, is_eraser: is_eraser || is_turned });
    if (event.isTrusted) this.#surface.setPointerCapture(event.pointerId); // strokes go on outside the pad
    this.#has_pen ||= event.pointerType === "pen";
    this.#add(event, [event]);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const between = event.getCoalescedEvents?.() ?? [];
    this.#add(event, between.length > 0 ? between : [event]);
  }

  /** @param {PointerEvent} event */
  #end(event) {
    const stroke = this.#open.get(event.pointerId);
    if (!stroke) return;
    if (event.type === "pointerup") this.#add(event, [event]); // the others know no place
    this.#open.delete(event.pointerId);
    if (event.pointerType === "pen") this.#has_pen = false;
    this.on.end(stroke);
  }

  /** @param {PointerEvent} event @param {PointerEvent[]} points */
  #add(event, points) {
    const stroke = this.#open.get(event.pointerId);
    if (!stroke) return;
    for (const each of points) {
      const [x, y] = this.on.place(each.clientX, each.clientY);
      const last = stroke.points.at(-1);
      const pressure = stroke.has_pressure ? each.pressure || (last?.[2] ?? HALF) : HALF; // pen up says 0
      if (last?.[0] !== x || last?.[1] !== y) stroke.points.push([x, y, pressure]);
    }
    this.on.move();
  }
}
