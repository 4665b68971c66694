/** The camera of this machine: on, off, another one; and in plain words why not. */

/** @import { Key } from "./texts.js" */

/** Asked for: more is only reduced again. On a phone the camera at its back. */
const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 } };
const BACK = { facingMode: { ideal: "environment" } };

/** What to say of the names that browsers give to what went wrong. @type {Record<string, Key>} */
const REASONS = {
  NotAllowedError: "cameraRefused",
  SecurityError: "cameraRefused",
  NotFoundError: "cameraNone",
  OverconstrainedError: "cameraNone",
  NotReadableError: "cameraBusy",
  AbortError: "cameraBusy",
};

export class Device {
  /** @type {MediaStream | null} */
  #stream = null;
  /** Ids of all cameras, once one is on. @type {string[]} */
  #all = [];
  /** Which of them is asked for; none: the one at the back. @type {string | null} */
  #asked = null;
  /** Raised whenever it is turned on or off: what an older call still brings is not wanted. */
  #n_turns = 0;

  /** @param {HTMLVideoElement} video shows what it sees @param {() => void} onLost it was taken away */
  constructor(video, onLost) {
    this.video = video;
    this.onLost = onLost;
  }

  get is_on() {
    return this.#stream !== null;
  }

  /** Whether there is another camera. */
  get has_other() {
    return this.#all.length > 1;
  }

  /** Turn it on. @returns {Promise<boolean>} whether it is: it may have been turned off meanwhile */
  async start() {
    this.stop();
    const turn = this.#n_turns;
    const which = this.#asked ? { deviceId: { exact: this.#asked } } : BACK;
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which } });
    if (turn !== this.#n_turns) {
      end(stream);
      return false;
    }
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => turn === this.#n_turns && this.onLost());
    this.video.srcObject = stream;
    await this.video.play();
    const devices = await navigator.mediaDevices.enumerateDevices();
    this.#all = devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId }) => deviceId);
    return turn === this.#n_turns;
  }

  /** Turn the next camera on instead. */
  async change() {
    const now = this.#asked ?? this.#stream?.getVideoTracks()[0].getSettings().deviceId ?? "";
    this.#asked = this.#all[(this.#all.indexOf(now) + 1) % this.#all.length];
    return this.start();
  }

  stop() {
    this.#n_turns++;
    if (this.#stream) end(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** Wait for the next picture. @returns {Promise<unknown>} */
  nextFrame() {
    const { video } = this;
    if (!video.requestVideoFrameCallback) return new Promise((resolve) => requestAnimationFrame(resolve));
    return new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }
}

/** @param {MediaStream} stream */
function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** Say why a camera cannot be used. @param {unknown} error @returns {Key} */
export function findReason(error) {
  if (!navigator.mediaDevices) return "cameraInsecure"; // which browsers give to secure pages only
  return (error instanceof DOMException && REASONS[error.name]) || "cameraFailed";
}
