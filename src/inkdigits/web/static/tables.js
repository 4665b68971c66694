/** Readings as files that are made in the page, with what was corrected here: JSON and CSV, as the server writes them. */

/** @import { Reading } from "./records.js" */

const COLUMNS = [
  ...["source", "page", "text", "formatted", "confidence"],
  ...["width", "height", "model", "model_digest", "version", "error"],
];

/** A cell that begins so is run as a formula by spreadsheets. */
const FORMULA_START = /^[=+\-@\t\r]/;

/** One object, or an array of several. @param {Reading[]} readings */
export function toJson(readings) {
  return `${JSON.stringify(readings.length === 1 ? readings[0] : readings, null, 2)}\n`;
}

/** A header, then one row a page; text in quotes, so that 007 stays 007. @param {Reading[]} readings */
export function toCsv(readings) {
  const rows = readings.map((reading) => {
    const formatted = reading.lines.map((line) => line.formatted).join("\n");
    /** @type {Record<string, unknown>} */
    const fields = { ...reading, formatted, error: null };
    return COLUMNS.map((name) => toCell(fields[name]));
  });
  return [COLUMNS.map(toCell), ...rows].map((row) => `${row.join(",")}\n`).join("");
}

/** @param {unknown} value */
function toCell(value) {
  if (typeof value === "number") return String(value);
  const text = String(value ?? "");
  return `"${(FORMULA_START.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
