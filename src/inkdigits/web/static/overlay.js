/** Boxes and labels over a picture. Doubtful digits are dashed and carry a question mark, corrected ones a tick. */

/** @import { ReadDigit, Reading } from "./records.js" */

import { isDoubtful, toCharacter } from "./records.js";
import { percent, text } from "./texts.js";

/** @typedef {{line: number, digit: number}} Place of a digit in its reading */

const SVG = "http://www.w3.org/2000/svg";

/** Height of a label as a share of its digit's, and its least height as a share of the picture's longer side. */
const LABEL_SHARE = 0.45;
const LEAST_LABEL_SHARE = 0.022;

/** Room around a digit, as a share of its height. */
const ROOM = 0.08;

/**
 * Draw what was read over a picture.
 *
 * @param {Reading} reading
 * @param {object} options
 * @param {number} options.above paper above the picture, in its pixels, where annotated pictures have some
 * @param {boolean} options.is_labelled whether labels are drawn: annotated pictures have their own
 * @param {(place: Place) => boolean} options.isCorrected
 * @param {(place: Place) => void} options.onChoose
 * @returns {SVGElement}
 */
export function drawOverlay(reading, { above, is_labelled, isCorrected, onChoose }) {
  const viewBox = `0 ${-above} ${reading.width} ${reading.height + above}`;
  const drawing = make("svg", { viewBox, class: "overlay", role: "group", "aria-label": text("overlay") });
  const least = LEAST_LABEL_SHARE * Math.max(reading.width, reading.height);
  reading.lines.forEach(({ digits }, line) =>
    digits.forEach((each, digit) => {
      const is_corrected = isCorrected({ line, digit });
      const mark = toMark(each, is_corrected);
      const group = make("g", { class: `digit ${mark.name}`, role: "button", tabindex: "0", "aria-label": mark.spoken });
      group.dataset.place = `${line}.${digit}`;
      group.append(...toShapes(each, is_labelled || is_corrected ? mark.written : "", least));
      group.addEventListener("click", () => onChoose({ line, digit }));
      group.addEventListener("focus", () => onChoose({ line, digit }));
      drawing.append(group);
    }),
  );
  return drawing;
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
  const size = Math.max(LABEL_SHARE * (y1 - y0), least);
  const place = { x: x0 - room, y: y0 - room, width: x1 - x0 + 2 * room, height: y1 - y0 + 2 * room };
  const shapes = [make("rect", { ...place, rx: room, class: "box", "vector-effect": "non-scaling-stroke" })];
  if (label) {
    const is_high = y0 - room - size < 0; // no room above it
    const at = { x: (x0 + x1) / 2, y: is_high ? y1 + room + size : y0 - room - size * 0.18, "font-size": size };
    const words = make("text", { ...at, "text-anchor": "middle", "stroke-width": size * 0.18 });
    words.textContent = label;
    shapes.push(words);
  }
  return shapes;
}

/** @param {string} name @param {Record<string, string | number>} attributes @returns {SVGElement} */
function make(name, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
