/** Runs the networks beside the page, so that the pen never waits for them. */

/** @import { Box, Ink, Inner, Pixels } from "./records.js" */
/** @import { Graphs } from "./reader.js" */

import { Networks } from "./networks.js";
import { takeDigit } from "./parts.js";
import { read, readPhoto } from "./reader.js";

/** @type {Networks} */
let networks;

/** What the page may ask for. */
const calls = {
  /** Open what is needed first. @param {{headers: Record<string, string>, graphs: Graphs}} given */
  async open({ headers, graphs }) {
    networks = new Networks(headers);
    await Promise.all([networks.open(graphs.normaliser), networks.open(graphs.digits)]);
    networks.open(graphs.lines).catch(() => {}); // in good time for the second digit; whoever needs it asks again
  },

  /** Read a pad. @param {{graphs: Graphs, coverage: Uint8Array, width: number}} given */
  read: ({ graphs, coverage, width }) => read(networks, graphs, coverage, width),

  /** Read a photo. @param {{graphs: Graphs, pixels: Pixels, layout: "auto" | "digit" | "number"}} given */
  readPhoto: ({ graphs, pixels, layout }) => readPhoto(networks, graphs, pixels, layout),

  /** Turn glyphs into patches and classify them, many at once. @param {{graphs: Graphs, inks: Ink[]}} given */
  async classify({ graphs, inks }) {
    /** @type {Ink[]} */
    const patches = [];
    for (const ink of inks) patches.push(await networks.normalise(graphs.normaliser, ink));
    const said = await networks.classify(graphs.digits, patches);
    return said.map((each, at) => ({ ...each, patch: patches[at] }));
  },

  /** Look into a network. @param {{graph: Inner, patches: Float32Array, wanted: readonly string[]}} given */
  look: ({ graph, patches, wanted }) => networks.lookInto(graph, patches, wanted),

  /**
   * Make one digit of a number a patch.
   *
   * @param {{graphs: Graphs, coverage: Uint8Array, width: number, boxes: Box[], digit: number}} given
   */
  take: ({ graphs, coverage, width, boxes, digit }) => takeDigit(networks, graphs, coverage, width, boxes, digit),
};

/** The runtime takes one call at a time. @type {Promise<unknown>} */
let last = Promise.resolve();

self.addEventListener("message", ({ data: { id, call, given } }) => {
  const name = /** @type {keyof typeof calls} */ (call);
  last = last.then(async () => {
    try {
      self.postMessage({ id, answer: await calls[name](given) });
    } catch (error) {
      self.postMessage({ id, error: String(error) });
    }
  });
});
