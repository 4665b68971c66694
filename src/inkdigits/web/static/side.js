/** Beside a picture: what was read, how sure each digit is, and how to correct it. */

/** @import { Correction } from "./corrections.js" */
/** @import { Line, Reading } from "./records.js" */
/** @import { Place } from "./overlay.js" */

import { Bars } from "./bars.js";
import { toSigns } from "./corrections.js";
import { button, element } from "./elements.js";
import { toMark } from "./overlay.js";
import { toCharacter } from "./records.js";
import { percent, text } from "./texts.js";

/**
 * List what was read: each digit is a button.
 *
 * @param {{isCorrected: (place: Place) => boolean}} sheet
 * @param {Reading} reading
 * @param {(place: Place) => void} onChoose
 */
export function listLines(sheet, reading, onChoose) {
  const list = element("ol", "lines");
  list.setAttribute("aria-label", text("lines"));
  reading.lines.forEach((line, at) => {
    const signs = toSigns(line).map(({ digit, sign }) => {
      if (digit === null) return element("span", "mark-sign", sign);
      const read = line.digits[digit];
      if (!read || toCharacter(read) !== sign) return element("span", "sign corrected", sign); // from a text put in
      const mark = toMark(read, sheet.isCorrected({ line: at, digit }));
      const made = button(`sign ${mark.name}`, mark.written, () => onChoose({ line: at, digit }));
      made.dataset.place = `${at}.${digit}`;
      made.setAttribute("aria-label", mark.spoken);
      return made;
    });
    list.append(element("li", "", element("span", "signs", ...signs), element("span", "faint", percent(line.confidence))));
  });
  return reading.lines.length > 0 ? list : element("p", "state", text("nothing"));
}

/**
 * Let a digit that is typed correct the one that has the focus.
 *
 * @param {Element} root holds digits with their places
 * @param {(correction: Correction) => void} onCorrect
 */
export function correctByTyping(root, onCorrect) {
  root.addEventListener("keydown", (event) => {
    const { key, target } = /** @type {KeyboardEvent} */ (event);
    const place = target instanceof Element && target.getAttribute("data-place");
    if (!place || !/^[0-9]$/.test(key)) return;
    const [line, digit] = place.split(".").map(Number);
    onCorrect({ line, digit, label: Number(key) });
  });
}

/**
 * Show the digit that is chosen, and fields to correct what was read.
 *
 * @param {Reading} reading
 * @param {Place | null} place of the digit; null: none is chosen
 * @param {(correction: Correction) => void} onCorrect
 */
export function describe(reading, place, onCorrect) {
  if (place) return describeDigit(reading.lines[place.line], place, onCorrect);
  if (reading.lines.length > 0) return element("p", "faint", text("chooseDigit"));
  return toTextForm(text("correctAll"), "", (words) => onCorrect({ line: null, digit: null, label: null, text: words }));
}

/**
 * Show a digit: ten bars, fields to correct it and its line, and other ways to read that.
 *
 * @param {Line} line
 * @param {Place} place of the digit
 * @param {(correction: Correction) => void} onCorrect
 */
function describeDigit(line, place, onCorrect) {
  const digit = line.digits[place.digit];
  const home = element("section", "detail");
  const bars = element("div", "");
  new Bars(bars).show(digit.probabilities);
  home.append(
    element("h2", "", text("digitOf", { n: place.digit + 1, text: line.text })),
    bars,
    element("p", "faint", text("score", { share: percent(digit.digit_score) })),
    toDigitForm((label) => onCorrect({ ...place, label })),
    toTextForm(text("correctLine"), line.formatted, (words) =>
      onCorrect({ line: place.line, digit: null, label: null, text: words }),
    ),
  );
  if (line.alternatives.length > 1 && line.digits.length > 1) home.append(listOthers(line));
  return home;
}

/** @param {Line} line */
function listOthers(line) {
  const list = element("ol", "others");
  for (const { text: other, probability } of line.alternatives) {
    list.append(element("li", "", element("b", "", other), element("span", "faint", percent(probability))));
  }
  return element("div", "", element("h3", "faint", text("others")), list);
}

/** @param {(label: number) => void} onCorrect */
function toDigitForm(onCorrect) {
  const field = { name: "digit", pattern: "[0-9]", maxLength: 1, placeholder: "0-9", inputMode: "numeric" };
  return toForm(text("correct"), field, (label) => onCorrect(Number(label)));
}

/**
 * Ask for the text of a line: a digit may have been missed, or two taken for one.
 *
 * @param {string} label
 * @param {string} value what was read
 * @param {(words: string) => void} onCorrect
 */
function toTextForm(label, value, onCorrect) {
  const field = { name: "line", pattern: "[0-9?.,]+", maxLength: 200, value, title: text("lineHint") };
  const form = toForm(label, field, onCorrect);
  form.classList.add("long");
  return form;
}

/** @param {string} label @param {Partial<HTMLInputElement>} field @param {(value: string) => void} onCorrect */
function toForm(label, field, onCorrect) {
  const form = element("form", "correct");
  const input = element("input", "");
  const save = element("button", "quiet", text("save"));
  Object.assign(input, { required: true, autocomplete: "off", ...field });
  [input.dataset.field, save.dataset.field] = [input.name, input.name]; // by which they are found when made anew
  form.append(element("label", "", element("span", "", label), input), save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onCorrect(input.value);
  });
  return form;
}
