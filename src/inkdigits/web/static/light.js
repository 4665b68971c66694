/** The pixels of a picture -> light in which ink is dark; as `ink_dark` in ink/photo.py. */

/** @import { Ink, Pixels } from "./records.js" */

import { mean } from "./filters.js";
import { reduceTo } from "./resize.js";

/** Longer side on which it is found out whether ink is darker or lighter than its ground; and what lies around a pixel. */
const POLARITY_PX = 128;
const AROUND_PX = 10;

/** Light ink differs from its ground so many times as much: in doubt ink is dark. */
const MUCH_LIGHTER = 2;

/** How much of each channel makes the grey that people see. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

/** Return the channel in which a coloured pen shows most, turned if need be. @param {Pixels} pixels @returns {Ink} */
export function toLight({ data, width, height }) {
  const is_dark = isDarkOnLight({ values: toGrey(data), width, height });
  const values = new Float32Array(width * height);
  for (let at = 0; at < values.length; at++) {
    const place = 4 * at;
    const [red, green, blue] = [data[place], data[place + 1], data[place + 2]];
    values[at] = is_dark ? Math.min(red, green, blue) / 255 : 1 - Math.max(red, green, blue) / 255;
  }
  return { values, width, height };
}

/** @param {Uint8ClampedArray} data */
function toGrey(data) {
  const grey = new Float32Array(data.length / 4);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = (RED * data[4 * at] + GREEN * data[4 * at + 1] + BLUE * data[4 * at + 2]) / 255;
  }
  return grey;
}

/** Whether narrow things are darker than what lies around them. @param {Ink} grey */
function isDarkOnLight(grey) {
  const small = reduceTo(grey, POLARITY_PX);
  const around = mean(small, AROUND_PX).values;
  let [dark, light] = [0, 0];
  small.values.forEach((value, at) => {
    const difference = value - around[at];
    if (difference < 0) dark += difference ** 2;
    else light += difference ** 2;
  });
  return light <= MUCH_LIGHTER * dark;
}
