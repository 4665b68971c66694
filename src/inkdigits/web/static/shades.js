/** Colours of numbers: one hue above zero, another below, as inside.css has them for light and dark. */

/** Shades on each side of zero. */
const N = 255;

/** Small numbers shall be seen beside large ones: shades go with this power of them. */
const POWER = 0.6;

const styles = getComputedStyle(document.documentElement);
const dark = matchMedia("(prefers-color-scheme: dark)");
let table = toTable();
dark.addEventListener("change", () => (table = toTable()));

/** Call when the colours have changed. @param {() => void} act */
export function onNewShades(act) {
  dark.addEventListener("change", act);
}

/**
 * Return numbers as pixels.
 *
 * @param {Float32Array} values
 * @param {number} width
 * @param {number} most the largest absolute value, which gets the deepest colour
 */
export function toPixels(values, width, most) {
  const image = new ImageData(width, values.length / width);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = most > 0 ? N / most : 0;
  for (let at = 0; at < values.length; at++) {
    pixels[at] = table[N + Math.max(-N, Math.min(N, Math.round(values[at] * scale)))];
  }
  return image;
}

/** Return the largest absolute value. @param {Float32Array} values */
export function findMost(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Return the colour of each shade, from the lowest to the highest, as pixels have them. */
function toTable() {
  const colours = new Uint8ClampedArray(4 * (2 * N + 1));
  for (let shade = -N; shade <= N; shade++) {
    colours.set([...toColour(shade / N), 255], 4 * (N + shade));
  }
  return new Uint32Array(colours.buffer);
}

/** @param {number} share from -1 to 1 */
function toColour(share) {
  const sign = share < 0 ? "minus" : "plus";
  const [low, middle, high] = ["zero", `${sign}-half`, `${sign}-most`].map(toChannels);
  const place = 2 * Math.abs(share) ** POWER;
  const [from, to, part] = place < 1 ? [low, middle, place] : [middle, high, place - 1];
  return from.map((channel, at) => channel + part * (to[at] - channel));
}

/** @param {string} name of a colour of the style sheet, six hexadecimal digits */
function toChannels(name) {
  const colour = parseInt(styles.getPropertyValue(`--map-${name}`).trim().slice(1), 16);
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}
