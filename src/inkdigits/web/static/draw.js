/** The view with the pad: what is written is read while the pen moves. */

/** @import { Answer, Model, Models, Reading } from "./records.js" */
/** @import { Api } from "./api.js" */

import { AnswerView } from "./answer.js";
import { find } from "./elements.js";
import { Engine } from "./engine.js";
import { KeyPen, listen } from "./keyboard.js";
import { HAS_SERVER } from "./local.js";
import { lasting } from "./memory.js";
import { PAD, Pad } from "./pad.js";
import { Pen } from "./pen.js";
import { EMPTY } from "./records.js";
import { Strokes } from "./strokes.js";
import { text } from "./texts.js";

/** Until the networks are loaded the server answers, so long after the last change. */
const SERVER_DELAY_MS = 200;

/** Where the colour of the canvas is kept. */
const PAPER = "inkdigits.paper";

export class Draw {
  #api;
  #canvas = find("pad", HTMLCanvasElement);
  #view = new AnswerView();
  #width = find("width", HTMLInputElement);
  #is_eraser = false;
  #frame = 0;
  #timer = 0;
  #request = new AbortController();
  /** @type {Model | null} */
  #model = null;
  /** Raised by every change of what stands on the pad, and of what reads it. */
  #version = 0;
  /** Whether this browser cannot run the networks. */
  #is_remote = false;

  /** What stands on the pad, as it was read last. */
  answer = EMPTY;
  /** Called with each answer that is shown. @type {(answer: Answer) => void} */
  onShow = () => {};

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    this.strokes = new Strokes(() => this.#change());
    this.pad = new Pad(this.#canvas);
    this.pad.onResize = () => this.#schedule(); // at the next frame, as all drawing
    this.engine = new Engine(
      (answer, version) => this.#show(answer, version),
      (error, version) => this.#failRead(error, version),
    );
    const on = {
      begin: () => ({ width: Number(this.#width.value), is_eraser: this.#is_eraser }),
      place: (/** @type {number} */ x, /** @type {number} */ y) => this.pad.place(x, y),
      move: () => this.#change(),
      end: (/** @type {import("./strokes.js").Stroke} */ stroke) => this.strokes.add(stroke),
    };
    this.pen = new Pen(this.#canvas, on);
    this.key_pen = new KeyPen(on);
    this.#bind();
    this.#view.hint(text("loading"));
    this.#view.show(EMPTY, 0);
    this.#change();
  }

  /** What is asked for is drawn, and the newest of it is read. @returns {boolean} */
  get is_settled() {
    return this.#frame === 0 && this.#view.version === this.#version;
  }

  /** @param {Models} models @param {Model} model */
  async start(models, model) {
    this.#model = model;
    try {
      await this.engine.start(models, model, this.#api.headers);
    } catch {
      this.#is_remote = true; // the server goes on answering, and the page says so
    }
    this.#request.abort();
    clearTimeout(this.#timer);
    this.#view.hint(text("drawHere"));
    this.#change();
  }

  /** Whether drawings may be kept. */
  set can_keep(/** @type {boolean} */ can_keep) {
    find("keep-drawing", HTMLButtonElement).hidden = !can_keep;
  }

  /** Say what went wrong. @param {Error} error */
  fail(error) {
    this.#view.fail(error);
  }

  /** Say that nothing will be read, and why. @param {Error} error */
  giveUp(error) {
    this.#view.hint("");
    this.#view.fail(error, this.#version);
  }

  /** Use another network. @param {Model} model */
  use(model) {
    this.#model = model;
    this.engine.use(model);
    this.#change();
  }

  #bind() {
    const paper = lasting.get(PAPER) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "black" : "white");
    this.#setPaper(paper === "black");
    const tools = {
      undo: () => this.strokes.undo(),
      redo: () => this.strokes.redo(),
      clear: () => this.#clear(),
      eraser: () => this.#setEraser(!this.#is_eraser),
      paper: () => this.#setPaper(this.pad.paper === "white"),
      help: () => find("keys-dialog", HTMLDialogElement).showModal(),
      thinner: () => this.#width.stepDown(2),
      wider: () => this.#width.stepUp(2),
    };
    for (const name of /** @type {const} */ (["undo", "redo", "clear", "eraser", "paper"])) {
      find(name, HTMLButtonElement).addEventListener("click", tools[name]);
    }
    find("keys", HTMLButtonElement).addEventListener("click", tools.help);
    find("keep-drawing", HTMLButtonElement).addEventListener("click", () => this.#keep());
    listen(this.#canvas, this.key_pen, tools);
    this.#canvas.addEventListener("blur", () => this.key_pen.lift());
  }

  #clear() {
    this.key_pen.open = null;
    this.strokes.clear();
    this.#setEraser(false);
  }

  /** @param {boolean} is_eraser */
  #setEraser(is_eraser) {
    this.#is_eraser = is_eraser;
    find("eraser", HTMLButtonElement).setAttribute("aria-pressed", String(is_eraser));
    this.#canvas.classList.toggle("erasing", is_eraser);
  }

  /** @param {boolean} is_black */
  #setPaper(is_black) {
    this.pad.paper = is_black ? "black" : "white";
    lasting.set(PAPER, this.pad.paper);
    find("pad-frame", HTMLElement).dataset.paper = this.pad.paper;
    find("paper", HTMLButtonElement).setAttribute("aria-pressed", String(is_black));
    this.#schedule();
  }

  /** Strokes that are being written. */
  get #open() {
    return [...this.pen.open, ...(this.key_pen.open ? [this.key_pen.open] : [])];
  }

  get #is_empty() {
    return this.strokes.now.length === 0 && this.#open.length === 0;
  }

  #change() {
    this.#version++;
    this.#schedule();
  }

  /** Draw and read at the next frame; where nothing changes, nothing is computed. */
  #schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
      if (this.#view.version < this.#version) this.#ask();
    });
  }

  #render() {
    const open = this.#open;
    this.pad.draw(this.strokes.now, open);
    find("undo", HTMLButtonElement).disabled = !this.strokes.can_undo;
    find("redo", HTMLButtonElement).disabled = !this.strokes.can_redo;
    find("pad-frame", HTMLElement).classList.toggle("empty", this.#is_empty);
    this.#view.is_writing = open.length > 0;
    const cursor = find("cursor", HTMLElement);
    const [x, y] = this.key_pen.at;
    cursor.style.left = `${(100 * x) / PAD.width}%`;
    cursor.style.top = `${(100 * y) / PAD.height}%`;
    cursor.classList.toggle("down", this.key_pen.open !== null);
  }

  #ask() {
    clearTimeout(this.#timer);
    if (this.#is_empty) {
      this.#request.abort();
      this.#show(EMPTY, this.#version);
    } else if (this.engine.is_ready) {
      this.engine.read({ coverage: this.pad.coverage(), width: PAD.width, version: this.#version });
    } else if (this.#is_remote && !HAS_SERVER) {
      this.#view.fail(new Error(text("errorEngine")), this.#version);
    } else if (this.#model && HAS_SERVER) {
      this.#timer = setTimeout(() => this.#askServer(), SERVER_DELAY_MS);
    }
  }

  /** @param {Answer} answer @param {number} version */
  #show(answer, version) {
    this.#view.show(answer, version);
    if (version !== this.#version) return;
    this.answer = answer;
    this.onShow(answer);
  }

  /**
   * Say that the page could not read the pad, or, where it never will again, let the server read it from now on.
   *
   * @param {Error} error
   * @param {number} version
   */
  #failRead(error, version) {
    this.#is_remote = !this.engine.is_ready;
    if (this.#is_remote) this.#ask();
    else this.#view.fail(error, version);
  }

  async #askServer() {
    this.#request.abort(); // what it would say is out of date
    this.#request = new AbortController();
    const { signal } = this.#request;
    const [version, model] = [this.#version, this.#model?.name ?? null];
    try {
      const { reading } = await this.#api.read(await this.pad.picture(), { layout: "auto", model }, signal);
      this.#view.show(toAnswer(reading), version, text(this.#is_remote ? "onServer" : "byServer"));
    } catch (error) {
      if (!signal.aborted) this.#view.fail(/** @type {Error} */ (error), version);
    }
  }

  /** Let the server read the pad once more, and keep what it says. */
  async #keep() {
    const button = find("keep-drawing", HTMLButtonElement);
    button.disabled = true;
    try {
      const options = { layout: "auto", model: this.#model?.name ?? null, keep: true, keep_picture: true };
      await this.#api.read(await this.pad.picture(), options);
      this.#view.tell(text("kept"));
    } catch (error) {
      this.#view.fail(/** @type {Error} */ (error));
    }
    button.disabled = this.#is_empty;
  }
}

/** Turn what the server says into what the pad shows: its first line. @param {Reading} reading @returns {Answer} */
function toAnswer({ lines }) {
  const line = lines[0];
  return line ? { ...line, kind: line.digits.length > 1 ? "number" : "digit", seen: null } : EMPTY;
}
