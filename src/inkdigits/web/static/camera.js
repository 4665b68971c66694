/** The view for the camera: what stands in its frame is read live, in the page. */

/** @import { Api } from "./api.js" */
/** @import { Engine } from "./engine.js" */
/** @import { Local } from "./local.js" */
/** @import { Key } from "./texts.js" */
/** @import { Box, PhotoAnswer, Reading } from "./records.js" */

import { toWords } from "./answer.js";
import { element, find } from "./elements.js";
import { Device, findReason } from "./device.js";
import { toPixels, toReading } from "./local.js";
import { Lock } from "./lock.js";
import { explain } from "./messages.js";
import { sketch } from "./overlay.js";
import { EMPTY } from "./records.js";
import { Seen } from "./seen.js";
import { text } from "./texts.js";

/** The frame that is read: shares of the picture's width and height; and it is at most so high for its width. */
const GUIDE = { width: 0.8, height: 0.5, steepness: 0.6 };

/** Longer side of what is read, in pixels: a digit of a tenth of it is still well read. */
const FRAME_PX = 640;

/** @typedef {"off" | "starting" | "live" | "frozen"} State */

export class Camera {
  #api;
  #engine;
  #local;
  #home = find("finder", HTMLElement);
  #still = find("camera-still", HTMLCanvasElement);
  #says = find("camera-says", HTMLElement);
  #live = find("camera-live", HTMLElement);
  #seen = new Seen(find("camera-seen", HTMLElement));
  #device = new Device(find("camera-video", HTMLVideoElement), () => this.#stop("cameraGone"));
  #lock = new Lock();
  /** @type {State} */
  #state = "off";
  /** What is shown. @type {PhotoAnswer} */
  #answer = { ...EMPTY, boxes: [] };
  /** Frames that are read: settles when the last of them is. @type {Promise<void>} */
  #watching = Promise.resolve();
  /** Raised whenever the camera is turned on or off: what was read before then is not shown. */
  #n_turns = 0;
  #can_keep = false;
  /** Whether a frame is being read. */
  is_busy = false;
  /** How many frames were read. */
  n_read = 0;

  /** @param {Api} api @param {Local} local @param {Engine} engine */
  constructor(api, local, engine) {
    this.#api = api;
    this.#local = local;
    this.#engine = engine;
    const buttons = {
      "camera-on": () => this.start(),
      "camera-off": () => this.#stop(),
      "camera-other": () => this.start(true),
      "camera-freeze": () => (this.#state === "frozen" ? this.#goOn() : this.#freeze()),
      "camera-copy": () => this.#copy(),
      "camera-keep": () => this.#keep(),
    };
    for (const [id, act] of Object.entries(buttons)) find(id, HTMLButtonElement).addEventListener("click", act);
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    this.#render();
  }

  /** Whether what was read may be kept. */
  set can_keep(/** @type {boolean} */ can_keep) {
    this.#can_keep = can_keep;
    this.#render();
  }

  /** Turn the camera on, or another one instead. */
  async start(is_other = false) {
    const turn = this.#begin("starting");
    try {
      await this.#local.started;
      if (turn !== this.#n_turns) return; // the view was left meanwhile
      if (!this.#engine.is_ready) return this.#stop("errorEngine");
      if (!(await (is_other ? this.#device.change() : this.#device.start()))) return;
    } catch (error) {
      if (turn === this.#n_turns) this.#stop(findReason(error));
      return;
    }
    this.#fit();
    this.#enter("live");
    find("camera-freeze", HTMLButtonElement).focus();
    this.#watching = this.#watch(turn);
  }

  /** Turn the camera off, as the page is left or hidden; what was frozen stays. */
  leave() {
    if (this.#state === "frozen") this.#device.stop();
    else if (this.#state !== "off") this.#stop("", false);
  }

  /** @param {Key | ""} [reason] why, if nobody asked for it @param {boolean} [is_here] whether somebody looks at it */
  #stop(reason = "", is_here = true) {
    this.#begin("off");
    find("camera-why", HTMLElement).textContent = reason && text(reason);
    if (is_here) find("camera-on", HTMLButtonElement).focus();
  }

  /** Forget what was seen. @param {State} state @returns {number} the turn that begins */
  #begin(state) {
    this.#n_turns++;
    if (state === "off") this.#device.stop();
    this.#lock = new Lock();
    this.#answer = { ...EMPTY, boxes: [] };
    find("camera-why", HTMLElement).textContent = "";
    this.#say("");
    this.#enter(state);
    return this.#n_turns;
  }

  /** @param {State} state */
  #enter(state) {
    this.#state = state;
    this.#render();
  }

  /** Read the newest frame, one after the other, until something else is wanted. @param {number} turn */
  async #watch(turn) {
    while (this.#state === "live") {
      await this.#device.nextFrame();
      if (this.#state !== "live" || turn !== this.#n_turns) return;
      this.is_busy = true;
      try {
        const answer = await this.#read();
        if (turn !== this.#n_turns) return;
        this.#show(answer);
      } catch (error) {
        if (turn !== this.#n_turns) return;
        this.#stop("cameraFailed");
        find("camera-why", HTMLElement).append(` ${explain(/** @type {Error} */ (error))}`);
      } finally {
        this.is_busy = false;
      }
    }
  }

  /** Take a frame, and read what stands in the guide. */
  async #read() {
    this.#fit();
    this.#still.getContext("2d")?.drawImage(this.#device.video, 0, 0);
    const answer = await this.#engine.readPhoto(toPixels(this.#still, this.#guide, FRAME_PX), "auto");
    this.n_read++;
    return answer;
  }

  /** Make the finder as wide and high as the picture; a phone that is turned changes it. */
  #fit() {
    const { videoWidth: width, videoHeight: height } = this.#device.video;
    if (this.#still.width === width && this.#still.height === height) return;
    Object.assign(this.#still, { width, height });
    this.#home.style.setProperty("--ratio", String(width / height));
    const { x0, y0, x1, y1 } = this.#guide;
    const share = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part) / whole}%`;
    const [left, top] = [share(x0, width), share(y0, height)];
    const size = { width: share(x1 - x0, width), height: share(y1 - y0, height) };
    Object.assign(find("guide", HTMLElement).style, { left, top, ...size });
  }

  /** Where the guide lies in the picture. @returns {Box} */
  get #guide() {
    const { width, height } = this.#still;
    const across = Math.round(GUIDE.width * width);
    const down = Math.round(Math.min(GUIDE.height * height, GUIDE.steepness * across));
    const [x0, y0] = [Math.round((width - across) / 2), Math.round((height - down) / 2)];
    return { x0, y0, x1: x0 + across, y1: y0 + down };
  }

  /** @param {PhotoAnswer} answer */
  #show(answer) {
    const before = this.#lock.held;
    this.#lock.see(answer);
    this.#answer = this.#lock.held ?? answer;
    this.#seen.show(answer.seen);
    find("camera-marks", HTMLElement).replaceChildren(sketch(this.#place(answer)));
    if (this.#lock.held && !before) this.#say(text("lockedOn", { text: this.#lock.held.formatted }));
    this.#render();
  }

  /** Put what was read in the guide into the whole picture. @param {PhotoAnswer} answer @returns {Reading} */
  #place(answer) {
    const { x0, y0, x1, y1 } = this.#guide;
    const scale = Math.max(1, Math.max(x1 - x0, y1 - y0) / FRAME_PX);
    const boxes = answer.boxes.map((box) => ({
      x0: box.x0 + x0 / scale, y0: box.y0 + y0 / scale, x1: box.x1 + x0 / scale, y1: box.y1 + y0 / scale,
    }));
    const { width, height } = this.#still;
    return { ...toReading({ ...answer, boxes }, scale, this.#local.model), width, height };
  }

  async #freeze() {
    this.#enter("frozen");
    this.#say(text("cameraFrozen"));
    await this.#watching; // the frame that stands still is being read
  }

  async #goOn() {
    if (!this.#device.is_on) return this.start();
    await this.#watching; // or two frames would be read at once
    if (this.#state !== "frozen") return;
    this.#enter("live");
    this.#say(text("cameraLooking"));
    this.#watching = this.#watch(this.#n_turns);
  }

  async #copy() {
    const { formatted } = this.#answer;
    try {
      await navigator.clipboard.writeText(formatted);
      this.#say(text("copied", { text: formatted }), true);
    } catch {
      this.#say(text("copyFailed"), true);
    }
  }

  /** Let the server keep the picture in the guide, with what was read here. */
  async #keep() {
    if (this.#state === "live") await this.#freeze();
    const { text: plain, formatted } = this.#answer;
    const options = { layout: "auto", model: this.#local.model?.name ?? null, keep: true, keep_picture: true };
    try {
      const { reading, result } = await this.#api.read(await this.#toFile(), options);
      if (result && reading.text !== plain) {
        await this.#api.correct({ result, line: null, digit: null, label: null, text: formatted });
      }
      this.#say(text("kept"), true);
    } catch (error) {
      this.#say(explain(/** @type {Error} */ (error)), true);
    }
  }

  /** The picture in the guide, as it stands still. */
  async #toFile() {
    const { x0, y0, x1, y1 } = this.#guide;
    const sheet = new OffscreenCanvas(x1 - x0, y1 - y0);
    sheet.getContext("2d")?.drawImage(this.#still, -x0, -y0);
    return new File([await sheet.convertToBlob({ type: "image/png" })], "camera.png");
  }

  /** Tell a screen reader, and where it matters everybody. @param {string} what @param {boolean} [is_shown] */
  #say(what, is_shown = false) {
    this.#live.textContent = what;
    find("camera-note", HTMLElement).textContent = is_shown ? what : "";
  }

  #render() {
    const is_on = this.#state === "live" || this.#state === "frozen";
    const is_read = this.#answer.digits.some(({ label }) => label !== null);
    this.#home.dataset.state = this.#state;
    this.#home.classList.toggle("locked", is_on && this.#lock.held !== null);
    find("camera-start", HTMLElement).hidden = is_on;
    find("camera-on", HTMLButtonElement).disabled = this.#state === "starting";
    find("camera-lead", HTMLElement).textContent = text(this.#state === "starting" ? "cameraStarting" : "cameraLead");
    this.#still.hidden = this.#state !== "frozen";
    this.#renderTools(is_on, is_read);
    if (!is_on) {
      find("camera-marks", HTMLElement).replaceChildren();
      this.#seen.show(null);
    }
    find("camera-mood", HTMLElement).textContent = is_on ? text(this.#mood) : "";
    this.#says.replaceChildren(...(is_read ? toWords(this.#answer) : [element("span", "state", text("cameraNothing"))]));
    this.#says.dataset.kind = is_read ? this.#answer.kind : "none";
  }

  /** @returns {Key} */
  get #mood() {
    if (this.#state === "frozen") return "cameraFrozen";
    if (this.#lock.held) return "cameraLocked";
    return this.#answer.digits.length > 0 ? "cameraSteady" : "cameraLooking";
  }

  /** @param {boolean} is_on @param {boolean} is_read */
  #renderTools(is_on, is_read) {
    const button = (/** @type {string} */ id) => find(id, HTMLButtonElement);
    button("camera-freeze").disabled = !is_on;
    button("camera-freeze").textContent = text(this.#state === "frozen" ? "goOn" : "freeze");
    button("camera-off").disabled = this.#state === "off";
    button("camera-other").hidden = !is_on || !this.#device.has_other;
    button("camera-copy").disabled = !is_read;
    button("camera-keep").disabled = !is_read;
    button("camera-keep").hidden = !this.#can_keep;
  }
}
