/** A patch as pixels: ink bright, as the networks get it. */

/** Side of a patch, and the pixels in it. */
export const PATCH_PX = 28;
export const PATCH_SIZE = PATCH_PX ** 2;

/** @param {HTMLCanvasElement} canvas @param {Float32Array} patch */
export function drawPatch(canvas, patch) {
  canvas.width = canvas.height = PATCH_PX;
  const sheet = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = sheet.createImageData(PATCH_PX, PATCH_PX);
  patch.forEach((value, at) => {
    pixels.data.fill(Math.round(255 * value), 4 * at, 4 * at + 3);
    pixels.data[4 * at + 3] = 255;
  });
  sheet.putImageData(pixels, 0, 0);
}

/** The 784 values of a patch as a table: what the network gets is numbers. */
export class Numbers {
  #cells;

  /** @param {HTMLTableElement} table */
  constructor(table) {
    const body = table.createTBody();
    const rows = Array.from({ length: PATCH_PX }, () => body.insertRow());
    this.#cells = rows.flatMap((row) => Array.from({ length: PATCH_PX }, () => row.insertCell()));
  }

  /** @param {Float32Array} patch */
  show(patch) {
    patch.forEach((value, at) => {
      const level = Math.round(255 * value);
      const cell = this.#cells[at];
      if (cell.textContent === String(level)) return;
      cell.textContent = String(level);
      cell.style.backgroundColor = `rgb(${level} ${level} ${level})`;
      cell.className = level > 117 ? "ink" : level > 0 ? "edge" : "";
    });
  }
}
