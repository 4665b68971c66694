/** What is said of layers: names, sentences, and the table, all made from their kinds and sizes. */

/** @import { Description, Inner, LayerFacts, Model } from "./records.js" */

import { element } from "./elements.js";
import { PATCH_PX } from "./patch.js";
import { count, text } from "./texts.js";
import { hasWorking } from "./working.js";

/**
 * Load what is known of a network's layers.
 *
 * @param {Model} model
 * @param {Record<string, string>} headers
 * @returns {Promise<Description>}
 */
export async function loadLayers(model, headers) {
  if (!model.layers_url) throw new Error(text("insideUnknown", { name: model.name }));
  const answer = await fetch(new URL(model.layers_url, document.baseURI), { headers });
  if (!answer.ok) throw new Error(`${model.layers_url}: ${answer.status}`);
  const description = /** @type {Description} */ (await answer.json());
  if (description.digest !== model.digest) throw new Error(text("insideUnknown", { name: model.name }));
  return description;
}

/** Return a network that tells what is inside. @param {Model} model @param {Description} description @returns {Inner} */
export function toInner({ url }, { layers }) {
  const named = layers.flatMap((layer) => {
    const learned = hasWorking(layer) ? [layer.weights, layer.bias] : [];
    return [layer.before_relu, layer.output, ...learned].filter((name) => name !== null);
  });
  return { url, inner: named };
}

/** Name a layer. @param {LayerFacts} layer */
export function toName({ kind, kernel_px: k, after: [n], before_relu }) {
  const names = {
    standardise: () => text("layerStandardise"),
    convolution: () => text("layerConvolution", { k }),
    pool: () => text("layerPool", { k }),
    dense: () => text("layerDense", { n }),
  };
  return before_relu ? text("layerRelu", { layer: names[kind]() }) : names[kind]();
}

/** Return a shape such as "32 × 24 × 24". @param {readonly number[]} shape */
export function toShape(shape) {
  return shape.join(" × ");
}

/** Say what a layer does, in a sentence or two. @param {LayerFacts} layer @param {boolean} is_last */
export function toSentence(layer, is_last) {
  const { kind, kernel_px: k, before, after } = layer;
  const [n, n_before] = [after[0], before[0]];
  const says = {
    standardise: () => text("saysStandardise"),
    convolution: () => (n_before === 1 ? text("saysFirst", { n, k }) : text("saysConvolution", { n, k, n_before })),
    pool: () => text("saysPool", { k, from: toShape(before.slice(1)), to: toShape(after.slice(1)) }),
    dense: () => (is_last ? text("saysLast") : text("saysDense", { n, n_before: count(before.reduce((all, side) => all * side, 1)) })),
  };
  const parts = [says[kind](), toSight(layer)];
  if (is_last && n > 10) parts.push(text("saysEleventh"));
  return parts.filter((part) => part !== "").join(" ");
}

/** Say how much of the digit a cell has seen. @param {LayerFacts} layer */
function toSight({ kind, field }) {
  if (!field || kind === "standardise") return "";
  return field.side_px < PATCH_PX ? text("saysSight", { side: field.side_px }) : text("saysAllSeen");
}

/** Fill in the size formula of a layer. @param {LayerFacts} layer */
function toFormula({ kind, kernel_px: k, pad_px: p, stride_px: s, before, after }) {
  const [n, side] = [before[1], after[1]];
  if (kind === "convolution" || kind === "pool") return `(${n} + 2·${p} − ${k})/${s} + 1 = ${side}`;
  return kind === "dense" && n > 1 ? `${before.join("·")} = ${count(before[0] * n * before[2])}` : "";
}

/**
 * Make the table of all layers.
 *
 * @param {Description} description
 * @param {number | null} n_learned parameters that the network had while it learned
 */
export function toTable({ layers }, n_learned) {
  const sum = (/** @type {"n_parameters" | "n_macs"} */ key) => layers.reduce((all, layer) => all + layer[key], 0);
  const n_more = (n_learned ?? 0) - sum("n_parameters");
  const words = [text("tableCaption"), n_more > 0 ? text("tableFolded", { n: count(n_more) }) : ""].join(" ").trim();
  const table = element("table", "layer-table", element("caption", "faint", words));
  const names = [text("tableLayer"), text("tableSize"), text("tableAfter"), text("tableParameters"), text("tableMacs")];
  const head = table.createTHead().insertRow();
  for (const name of names) head.append(toHead("col", name));
  const body = table.createTBody();
  const patch = { name: text("tablePatch"), formula: "", after: toShape([1, PATCH_PX, PATCH_PX]), n_parameters: 0, n_macs: 0 };
  const rows = layers.map((layer) => ({ ...layer, name: toName(layer), formula: toFormula(layer), after: toShape(layer.after) }));
  for (const row of [patch, ...rows]) addRow(body, row);
  addRow(table.createTFoot(), { name: text("tableSum"), formula: "", after: "", n_parameters: sum("n_parameters"), n_macs: sum("n_macs") });
  return table;
}

/**
 * @param {HTMLTableSectionElement} section
 * @param {{name: string, formula: string, after: string, n_parameters: number, n_macs: number}} row
 */
function addRow(section, { name, formula, after, n_parameters, n_macs }) {
  const cells = [formula, after, ...[n_parameters, n_macs].map((n) => (n > 0 ? count(n) : "–"))];
  section.insertRow().append(toHead("row", name), ...cells.map((cell) => element("td", "", cell)));
}

/** @param {"row" | "col"} scope @param {string} name */
function toHead(scope, name) {
  const head = element("th", "", name);
  head.scope = scope;
  return head;
}
