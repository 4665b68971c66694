/** The view for pictures: files come in, what was read is shown over them, and taken away. */

/** @import { Correction } from "./corrections.js" */
/** @import { Place } from "./overlay.js" */
/** @import { Keeping } from "./keeping.js" */
/** @import { Model, Reading } from "./records.js" */
/** @import { Source } from "./sheet.js" */

import { button, element, find, save } from "./elements.js";
import { Messages } from "./messages.js";
import { findHeld, frame, hold, markChosen } from "./overlay.js";
import { Sheet } from "./sheet.js";
import { correctByTyping, describe, listLines } from "./side.js";
import { toCsv, toJson } from "./tables.js";
import { text } from "./texts.js";

export class Picture {
  #source;
  #keeping;
  #options = find("options", HTMLFormElement);
  #stage = find("stage", HTMLElement);
  #side = find("side", HTMLElement);
  #live = find("picture-live", HTMLElement);
  #messages = new Messages(find("messages", HTMLElement));
  /** @type {Model | null} */
  #model = null;
  /** @type {Sheet[]} */
  #sheets = [];
  /** @type {Sheet | null} */
  #sheet = null;
  /** @type {Place | null} */
  #chosen = null;
  /** What was given last, until one of it is shown. @type {Set<Sheet>} */
  #given = new Set();
  /** What is read, one after the other. @type {Promise<unknown>} */
  #queue;
  #n_waiting = 0;
  /** What may be dropped. @type {"drop" | "dropHere"} */
  #lead = "drop";

  /** @param {Source} source @param {Keeping} keeping @param {Promise<unknown>} told once it is known what may be kept */
  constructor(source, keeping, told) {
    this.#source = source;
    this.#keeping = keeping;
    this.#queue = told.catch(() => {}); // reading says why the server does not answer
    const input = find("file", HTMLInputElement);
    find("choose", HTMLButtonElement).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.add([...(input.files ?? [])]);
      input.value = "";
    });
    this.#options.addEventListener("change", (event) => {
      const is_asked = event.target instanceof Element && event.target.closest("[name=layout], [name=expect_digits]");
      if (is_asked && this.#options.reportValidity()) this.#readAgain();
    });
    this.#options.addEventListener("submit", (event) => event.preventDefault());
    if (!source.readInto) this.#saySo();
  }

  /** Offer only what the page can do by itself, and say so. */
  #saySo() {
    find("here", HTMLElement).hidden = false;
    this.#lead = "dropHere";
    find("drop-lead", HTMLElement).textContent = text(this.#lead);
    find("formats", HTMLElement).textContent = text("formatsHere");
    find("file", HTMLInputElement).accept = "image/*";
    this.#options.querySelector("option[value=page]")?.remove();
    /** @type {HTMLElement} */ (this.#options.querySelector(".narrow")).hidden = true;
  }

  /** Whether nothing waits to be read. */
  get is_settled() {
    return this.#n_waiting === 0;
  }

  /** Use another network. @param {Model} model */
  use(model) {
    this.#model = model;
    this.#readAgain();
  }

  /** Take files in. @param {File[]} files */
  add(files) {
    if (files.length === 0) return;
    this.#messages.clear();
    this.#given = new Set(files.map((file) => new Sheet(this.#source, file, 1)));
    for (const sheet of this.#given) this.#read(sheet);
  }

  #readAgain() {
    for (const sheet of this.#sheets) this.#read(sheet);
  }

  /** Read a sheet when its turn comes. @param {Sheet} sheet */
  #read(sheet) {
    this.#n_waiting++;
    this.#live.textContent = text("reading");
    this.#render();
    this.#queue = this.#queue.then(async () => {
      try {
        if (!sheet.is_removed) await sheet.read(this.#asked());
        if (!sheet.is_removed) this.#keepSheet(sheet);
      } catch (error) {
        this.#messages.show(sheet.file.name, /** @type {Error} */ (error), () => this.#read(sheet));
      }
      this.#n_waiting--;
      this.#render();
    });
  }

  /** Put a sheet that was read among the others, and read the other pages of its file. @param {Sheet} sheet */
  #keepSheet(sheet) {
    const is_known = this.#sheets.includes(sheet);
    if (!is_known) this.#sheets.push(sheet);
    if (!is_known && sheet.page === 1) {
      for (let page = 2; page <= sheet.n_pages; page++) this.#read(new Sheet(this.#source, sheet.file, page));
    }
    if (this.#sheet === sheet || this.#sheet === null || this.#given.has(sheet)) {
      this.#given.clear();
      this.#choose(sheet);
    }
    this.#live.textContent = `${sheet.file.name}: ${sheet.reading?.text || text("nothing")}`;
  }

  /** What is asked of the server, as the form has it. */
  #asked() {
    const form = new FormData(this.#options);
    const is_kept = this.#keeping.is_on || null;
    const layout = /** @type {string} */ (form.get("layout"));
    const expects = layout !== "digit" && this.#options.checkValidity();
    const expect_digits = expects ? /** @type {string} */ (form.get("expect_digits")) : null;
    return { layout, expect_digits, model: this.#model?.name ?? null, keep: is_kept, keep_picture: is_kept };
  }

  /** Show a sheet. @param {Sheet} sheet */
  #choose(sheet) {
    const is_other = sheet !== this.#sheet;
    this.#sheet = sheet;
    this.#chosen = this.#findLeastSure();
    this.#renderSheet();
    this.#render();
    if (is_other) this.#button?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The button of the sheet that is shown, where there are several. */
  get #button() {
    return /** @type {HTMLElement | null} */ (find("sheets", HTMLElement).querySelector("[aria-current]"));
  }

  /** Return the digit that is least sure: that is what people look for. @returns {Place | null} */
  #findLeastSure() {
    const lines = this.#sheet?.reading?.lines ?? [];
    const digits = lines.flatMap((each, line) =>
      each.digits.map(({ label, confidence }, digit) => ({ line, digit, sure: label === null ? 0 : confidence })),
    );
    return digits.toSorted((one, other) => one.sure - other.sure)[0] ?? null;
  }

  #remove() {
    this.#sheet?.remove();
    this.#sheets = this.#sheets.filter((each) => each !== this.#sheet);
    this.#sheet = null;
    if (this.#sheets.length > 0) this.#choose(this.#sheets[0]);
    this.#render();
    (this.#sheets.length > 1 ? this.#button : find("choose", HTMLButtonElement))?.focus();
  }

  /** Show which files there are, and whether something is being read. */
  #render() {
    find("work", HTMLElement).hidden = this.#sheets.length === 0;
    find("drop", HTMLElement).classList.toggle("small", this.#sheets.length > 0);
    find("drop", HTMLElement).classList.toggle("busy", this.#n_waiting > 0);
    find("drop-lead", HTMLElement).textContent = text(this.#n_waiting > 0 ? "reading" : this.#lead);
    const list = find("sheets", HTMLElement);
    const is_focused = list.contains(document.activeElement);
    list.hidden = this.#sheets.length < 2;
    list.replaceChildren(
      ...this.#sheets.map((sheet) => {
        const made = button("sheet", "", () => this.#choose(sheet));
        if (sheet === this.#sheet) made.setAttribute("aria-current", "true");
        made.append(element("span", "", toName(sheet)), element("b", "", sheet.reading?.text.split("\n")[0] || "\u2013"));
        return element("li", "", made);
      }),
    );
    if (is_focused) this.#button?.focus();
  }

  async #renderSheet() {
    const sheet = /** @type {Sheet} */ (this.#sheet);
    const reading = /** @type {Reading} */ (sheet.reading);
    this.#renderSide();
    try {
      const { url, above, is_annotated } = await sheet.show();
      if (sheet !== this.#sheet) return;
      const framed = frame(url, reading, {
        above,
        is_annotated,
        isCorrected: (place) => sheet.isCorrected(place),
        onChoose: (place) => this.#chooseDigit(sheet, place),
      });
      correctByTyping(framed, (correction) => this.#correct(sheet, correction));
      const held = findHeld(this.#stage);
      this.#stage.replaceChildren(framed);
      markChosen(framed, this.#chosen);
      hold(framed, held);
    } catch (error) {
      this.#messages.show(sheet.file.name, /** @type {Error} */ (error));
    }
  }

  /** Choose a digit, unless its sheet is shown no more. @param {Sheet} sheet @param {Place} place */
  #chooseDigit(sheet, place) {
    if (sheet !== this.#sheet || !sheet.has(place)) return;
    if (this.#chosen?.line === place.line && this.#chosen.digit === place.digit) return;
    this.#chosen = place;
    markChosen(this.#stage, place);
    this.#renderSide();
  }

  /** @param {Sheet} sheet @param {Correction} correction */
  async #correct(sheet, correction) {
    try {
      await sheet.correct(correction);
    } catch (error) {
      this.#messages.show(sheet.file.name, /** @type {Error} */ (error));
      return;
    }
    this.#live.textContent = text(sheet.result ? "savedKept" : "savedHere");
    if (sheet === this.#sheet) await this.#renderSheet();
    this.#render();
  }

  /** Show what was read, the chosen digit, and what can be taken away. */
  #renderSide() {
    const sheet = /** @type {Sheet} */ (this.#sheet);
    const reading = /** @type {Reading} */ (sheet.reading);
    const held = findHeld(this.#side);
    const onCorrect = (/** @type {Correction} */ correction) => this.#correct(sheet, correction);
    const lines = listLines(sheet, reading, (place) => this.#chooseDigit(sheet, place));
    correctByTyping(lines, onCorrect);
    const detail = describe(reading, this.#chosen, onCorrect);
    this.#side.replaceChildren(element("h2", "file-name", toName(sheet)), lines, detail, this.#offer(sheet));
    markChosen(this.#side, this.#chosen);
    hold(this.#side, held);
  }

  /** Offer what can be done with a sheet. @param {Sheet} sheet */
  #offer(sheet) {
    const readings = () => this.#sheets.map((each) => /** @type {Reading} */ (each.reading));
    const stem = sheet.file.name.replace(/\.[^.]+$/, "");
    /** @param {string} name @param {() => Blob | Promise<Blob>} make */
    const file = (name, make) => this.#guard(sheet, async () => save(await make(), name));
    const row = element(
      "div", "exports",
      button("quiet", "JSON", file("readings.json", () => new Blob([toJson(readings())], { type: "application/json" }))),
      button("quiet", "CSV", file("readings.csv", () => new Blob([toCsv(readings())], { type: "text/csv" }))),
    );
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", text("download"));
    const more = element("div", "exports");
    if (this.#source.readInto) {
      row.append(
        button("quiet", "XLSX", file(`${stem}.xlsx`, () => sheet.readInto("xlsx"))),
        button("quiet", text("annotated"), file(`${stem}-read.png`, () => sheet.readInto("annotated"))),
      );
      more.append(button("quiet", text("stages"), this.#guard(sheet, () => this.#showStages(sheet))));
    }
    more.append(button("quiet", text("remove"), () => this.#remove()));
    const is_said = this.#source.readInto && sheet.corrections.length > 0;
    const note = element("p", "faint", is_said ? text("noCorrections") : "");
    return element("div", "offer", element("h3", "faint", text("download")), row, note, more);
  }

  /**
   * Return what does something, once at a time, and says so when it fails.
   *
   * @param {Sheet} sheet
   * @param {() => Promise<void>} act
   */
  #guard(sheet, act) {
    let is_busy = false;
    return async () => {
      if (is_busy) return;
      is_busy = true;
      await act().catch((error) => this.#messages.show(sheet.file.name, error));
      is_busy = false;
    };
  }

  /** @param {Sheet} sheet */
  async #showStages(sheet) {
    const made = await sheet.readInto("stages");
    if (sheet !== this.#sheet || this.#stage.offsetParent === null) return; // by now something else is looked at
    const picture = find("stages-picture", HTMLImageElement);
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(made);
    picture.alt = text("stagesTitle");
    find("stages-dialog", HTMLDialogElement).showModal();
  }
}

/** @param {Sheet} sheet */
function toName({ file, page, n_pages }) {
  return page === 1 && n_pages === 1 ? file.name : text("page", { name: file.name, page, n: n_pages });
}
