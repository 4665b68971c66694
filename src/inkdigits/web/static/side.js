/** Beside a picture: what was read, how sure each digit is, and how to correct it. */

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
 * @param {(place: Place, label: number) => void} onCorrect
 */
export function correctByTyping(root, onCorrect) {
  root.addEventListener("keydown", (event) => {
    const { key, target } = /** @type {KeyboardEvent} */ (event);
    const place = target instanceof Element && target.getAttribute("data-place");
    if (!place || !/^[0-9]$/.test(key)) return;
    const [line, digit] = place.split(".").map(Number);
    onCorrect({ line, digit }, Number(key));
  });
}

/**
 * Show a digit: ten bars, other ways to read its line, and a field to correct it.
 *
 * @param {Line} line
 * @param {number} n of the digit in its line, counted from 0
 * @param {(label: number) => void} onCorrect
 */
export function describeDigit(line, n, onCorrect) {
  const digit = line.digits[n];
  const home = element("section", "detail");
  const bars = element("div", "");
  new Bars(bars).show(digit.probabilities);
  const score = element("p", "faint", text("score", { share: percent(digit.digit_score) }));
  home.append(element("h2", "", text("digitOf", { n: n + 1, text: line.text })), bars, score, toForm(onCorrect));
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
function toForm(onCorrect) {
  const form = element("form", "correct");
  const input = element("input", "");
  Object.assign(input, { inputMode: "numeric", pattern: "[0-9]", maxLength: 1, placeholder: "0-9" });
  Object.assign(input, { required: true, autocomplete: "off" });
  const save = element("button", "quiet", text("save"));
  form.append(element("label", "", element("span", "", text("correct")), input), save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onCorrect(Number(input.value));
  });
  return form;
}
