/** Boxes and labels over a picture. Doubtful digits are dashed and carry a question mark, corrected ones a tick. */

/** @import { ReadDigit, Reading } from "./records.js" */

import { element } from "./elements.js";
import { isDoubtful, toCharacter } from "./records.js";
import { percent, text } from "./texts.js";

/** @typedef {{line: number, digit: number}} Place of a digit in its reading */

const SVG = "http://www.w3.org/2000/svg";

/** Height of a label as a share of its digit's, and its least height as a share of the picture's longer side. */
const LABEL_SHARE = 0.36;
const LEAST_LABEL_SHARE = 0.022;

/** Height of a label's line, as a share of its size. */
const LABEL_LINE = 1.15;

/** Room around a digit, as a share of its height. */
const ROOM = 0.08;

/**
 * Return how much paper labels need above a picture, in its pixels: digits may stand at its upper edge.
 *
 * @param {Reading} reading
 */
function findRoom(reading) {
  const least = leastLabel(reading);
  const tops = reading.lines.flatMap(({ digits }) =>
    digits.map(({ box: [, y0, , y1] }) => LABEL_LINE * labelSize(y1 - y0, least) + ROOM * (y1 - y0) - y0),
  );
  return Math.max(0, ...tops);
}

/**
 * Draw what was read over a picture.
 *
 * @param {Reading} reading
 * @param {object} options
 * @param {number} options.above paper above the picture, in its pixels
 * @param {boolean} options.is_annotated whether the picture shows boxes and labels of its own
 * @param {(place: Place) => boolean} options.isCorrected
 * @param {(place: Place) => void} options.onChoose
 * @returns {SVGElement}
 */
function drawOverlay(reading, { above, is_annotated, isCorrected, onChoose }) {
  const viewBox = `0 ${-above} ${reading.width} ${reading.height + above}`;
  const name = is_annotated ? "overlay annotated" : "overlay";
  const drawing = make("svg", { viewBox, class: name, role: "group", "aria-label": text("overlay") });
  const boxes = reading.lines.flatMap(({ digits }) => digits.map(({ box }) => box));
  reading.lines.forEach(({ digits }, line) =>
    digits.forEach((each, digit) => {
      const is_corrected = isCorrected({ line, digit });
      const mark = toMark(each, is_corrected);
      const look = `digit ${mark.name}${coversDigits(each, boxes, leastLabel(reading)) ? " tight" : ""}`;
      const group = make("g", { class: look, role: "button", tabindex: "0", "aria-label": mark.spoken });
      group.dataset.place = `${line}.${digit}`;
      group.append(...toShapes(each, is_annotated && !is_corrected ? "" : mark.written, leastLabel(reading)));
      group.addEventListener("click", () => onChoose({ line, digit }));
      group.addEventListener("focus", () => onChoose({ line, digit }));
      drawing.append(group);
    }),
  );
  return drawing;
}

/** Draw what was read over what moves: without buttons. @param {Reading} reading */
export function sketch(reading) {
  const viewBox = `0 0 ${reading.width} ${reading.height}`;
  const drawing = make("svg", { viewBox, class: "overlay", "aria-hidden": "true" });
  for (const digit of reading.lines.flatMap(({ digits }) => digits)) {
    const { name, written } = toMark(digit, false);
    const group = make("g", { class: `digit ${name}` });
    group.append(...toShapes(digit, written, leastLabel(reading)));
    drawing.append(group);
  }
  return drawing;
}

/**
 * Put a picture and what was read over it into one frame.
 *
 * @param {string} url
 * @param {Reading} reading
 * @param {Parameters<typeof drawOverlay>[1]} options
 */
export function frame(url, reading, options) {
  const picture = element("img", "");
  Object.assign(picture, { src: url, alt: text("shows") });
  const above = options.is_annotated ? options.above : findRoom(reading);
  if (!options.is_annotated) picture.style.marginTop = `${(100 * above) / reading.width}%`;
  return element("div", "frame", picture, drawOverlay(reading, { ...options, above }));
}

/** Mark the digit that is chosen. @param {ParentNode} root @param {Place | null} place */
export function markChosen(root, place) {
  for (const each of root.querySelectorAll("[data-place]")) {
    const is_chosen = place !== null && each.getAttribute("data-place") === `${place.line}.${place.digit}`;
    each.classList.toggle("chosen", is_chosen);
    each.setAttribute("aria-pressed", String(is_chosen));
  }
}

/**
 * Return what finds the digit or the field that has the focus, before it is made anew.
 *
 * @param {ParentNode} root
 * @returns {string | null}
 */
export function findHeld(root) {
  const held = root.querySelector("[data-place]:focus, [data-field]:focus");
  if (!held) return null;
  const name = held.hasAttribute("data-place") ? "data-place" : "data-field";
  return `${held.localName}[${name}="${held.getAttribute(name)}"]`;
}

/** Give the focus back. @param {ParentNode} root @param {string | null} held what finds who had it */
export function hold(root, held) {
  if (held) /** @type {HTMLElement | null} */ (root.querySelector(held))?.focus();
}

/**
 * Say how a digit is marked: by its line, in writing, and to screen readers.
 *
 * @param {ReadDigit} digit
 * @param {boolean} is_corrected
 */
export function toMark(digit, is_corrected) {
  const [label, share] = [toCharacter(digit), percent(digit.confidence)];
  if (is_corrected) return { name: "corrected", written: `${label}\u2713`, spoken: text("overlayCorrected", { label }) };
  if (!isDoubtful(digit)) return { name: "sure", written: label, spoken: text("overlayDigit", { label, share }) };
  const written = digit.label === null ? label : `${label}?`;
  return { name: "doubtful", written, spoken: text("overlayDoubtful", { label, share }) };
}

/** @param {ReadDigit} digit @param {string} label @param {number} least */
function toShapes({ box: [x0, y0, x1, y1] }, label, least) {
  const room = ROOM * (y1 - y0);
  const size = labelSize(y1 - y0, least);
  const place = { x: x0 - room, y: y0 - room, width: x1 - x0 + 2 * room, height: y1 - y0 + 2 * room };
  const shapes = [make("rect", { ...place, rx: room, class: "box", "vector-effect": "non-scaling-stroke" })];
  if (label) {
    const at = { x: (x0 + x1) / 2, y: y0 - room - size * 0.2, "font-size": size };
    const words = make("text", { ...at, "text-anchor": "middle", "stroke-width": size * 0.18 });
    words.textContent = label;
    shapes.push(words);
  }
  return shapes;
}

/**
 * Whether the label of a digit would lie on others: then it is shown only while the digit is looked at.
 *
 * @param {ReadDigit} digit
 * @param {number[][]} boxes of all digits
 * @param {number} least
 */
function coversDigits({ box: [x0, y0, x1, y1] }, boxes, least) {
  const bottom = y0 - ROOM * (y1 - y0);
  const top = bottom - labelSize(y1 - y0, least);
  return boxes.some((box) => box[0] < x1 && box[2] > x0 && box[1] < bottom && box[3] > top && box[1] < y0);
}

/** @param {number} digit_px @param {number} least */
function labelSize(digit_px, least) {
  return Math.max(LABEL_SHARE * digit_px, least);
}

/** @param {Reading} reading */
function leastLabel({ width, height }) {
  return LEAST_LABEL_SHARE * Math.max(width, height);
}

/** @param {string} name @param {Record<string, string | number>} attributes @returns {SVGElement} */
function make(name, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
