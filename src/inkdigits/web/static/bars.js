/** Ten bars, one a digit, as a table: the most probable one is marked by more than colour. */

import { percent, text } from "./texts.js";

export class Bars {
  /** @type {{row: HTMLTableRowElement, bar: HTMLElement, share: HTMLElement, best: HTMLElement}[]} */
  #rows = [];

  /** @param {HTMLElement} home */
  constructor(home) {
    const table = document.createElement("table");
    table.className = "bars";
    table.innerHTML = "<caption></caption><thead><tr><th scope=col></th><th scope=col></th></tr></thead><tbody></tbody>";
    const [caption, digit, probability] = table.querySelectorAll("caption, th");
    caption.textContent = text("bars");
    digit.textContent = text("digit");
    probability.textContent = text("probability");
    this.#rows = Array.from({ length: 10 }, (_, label) => toRow(table.tBodies[0].insertRow(), label));
    home.replaceChildren(table);
    this.show(null);
  }

  /** @param {number[] | null} probabilities ten; null where there is no digit */
  show(probabilities) {
    const most = probabilities ? Math.max(...probabilities) : Infinity;
    this.#rows.forEach(({ row, bar, share, best }, label) => {
      const probability = probabilities ? probabilities[label] : 0;
      const is_best = probability === most;
      row.classList.toggle("best", is_best);
      bar.style.scale = `${probability} 1`;
      share.textContent = probabilities ? percent(probability) : "";
      best.textContent = is_best ? ` ${text("best")}` : "";
    });
  }
}

/** @param {HTMLTableRowElement} row @param {number} label */
function toRow(row, label) {
  row.innerHTML = `<th scope=row></th>
    <td><span class=track><span class=bar></span></span><span class=share></span><span class=hidden></span></td>`;
  row.cells[0].textContent = String(label);
  const [, bar, share, best] = /** @type {NodeListOf<HTMLElement>} */ (row.cells[1].querySelectorAll("span"));
  return { row, bar, share, best };
}
