/** What the last layer says: a sum for each label, and one for "is it a digit at all?", as bars up and down from zero. */

import { element } from "./elements.js";
import { findMost } from "./shades.js";
import { number, text } from "./texts.js";

const N_LABELS = 10;

export class Sums {
  root = element("ol", "sums");

  /** @param {Float32Array} values */
  show(values) {
    const most = findMost(values) || 1;
    const best = values.indexOf(values.slice(0, N_LABELS).reduce((largest, value) => Math.max(largest, value)));
    const items = [...values].map((value, at) => {
      const bar = element("span", value < 0 ? "sum below" : "sum");
      bar.style.height = `${(50 * Math.abs(value)) / most}%`;
      const name = at < N_LABELS ? String(at) : text("sumDigit");
      return element("li", at === best ? "best" : "", element("span", "well", bar), element("b", name.length > 1 ? "long" : "", name), element("span", "", number(value, 1)));
    });
    this.root.replaceChildren(...items);
  }
}
