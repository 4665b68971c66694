/**
 * The nouns, as the modules of the page hand them to each other.
 *
 * @typedef {object} Ink
 * @property {Float32Array} values in [0, 1], 0 paper, 1 ink, row by row
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Pixels of a picture, as `ImageData` has them
 * @property {Uint8ClampedArray} data red, green, blue and alpha of each, row by row; nothing is transparent
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Box half-open: [x0, x1) x [y0, y1)
 * @property {number} x0
 * @property {number} y0
 * @property {number} x1
 * @property {number} y1
 *
 * @typedef {object} Digit
 * @property {number | null} label 0-9, or null when rejected
 * @property {number} confidence calibrated probability of its label
 * @property {number} digit_score how much it is a digit at all, in [0, 1]
 * @property {number[]} probabilities ten, which sum to 1
 *
 * @typedef {object} Alternative
 * @property {string} text
 * @property {number} probability
 *
 * @typedef {object} Answer what stands on the pad
 * @property {"blank" | "digit" | "number"} kind
 * @property {string} text characters 0-9, "?" for a rejected digit
 * @property {string} formatted the same with points and commas
 * @property {number} confidence that all of it is right
 * @property {Digit[]} digits
 * @property {Alternative[]} alternatives up to five, most probable first
 * @property {Ink | null} seen what the network got: a patch, or the strip of a line; null where the server answered
 * @property {Box[]} [boxes] of the digits of a number, on the pad
 *
 * @typedef {Answer & {boxes: Box[]}} PhotoAnswer what a photo shows, and where in it each digit stands
 *
 * @typedef {object} Model one of the networks that the server offers
 * @property {string} name
 * @property {number | null} n_parameters null where its card does not say
 * @property {number} size_bytes
 * @property {string} digest
 * @property {string} url
 * @property {string} card_url
 * @property {string} [layers_url] where it is said what its layers are
 * @property {number} digit_score_threshold below it a glyph is no digit
 * @property {boolean} has_digit_score
 * @property {boolean} is_bundled
 *
 * @typedef {object} Inner a network that tells what is inside
 * @property {string} url
 * @property {readonly string[]} inner names of the values that it gives besides its answer
 *
 * @typedef {object} Values
 * @property {Float32Array} values
 * @property {readonly number[]} shape
 *
 * @typedef {object} Field the square of the patch that a cell of a map sees
 * @property {number} side_px
 * @property {number} step_px how much further that of the next cell lies
 * @property {number} first_px where that of the first cell begins
 *
 * @typedef {object} LayerFacts a layer, with the ReLU behind it, as train/layers.py describes it
 * @property {"standardise" | "convolution" | "pool" | "dense"} kind
 * @property {string} output name of the value that goes on to the next layer
 * @property {string | null} before_relu name of the same value before its ReLU, if there is one
 * @property {number[]} before shape: channels, height, width; or a length
 * @property {number[]} after
 * @property {number} kernel_px
 * @property {number} pad_px
 * @property {number} stride_px
 * @property {number} n_parameters
 * @property {number} n_macs
 * @property {Field | null} field null: each number sees the whole patch
 * @property {string | null} weights
 * @property {string | null} bias
 *
 * @typedef {object} Description
 * @property {string} digest of the graph that it describes
 * @property {string} features name of the value that the last layer gets
 * @property {LayerFacts[]} layers from the patch to the logits
 *
 * @typedef {[number, number][]} CalibrationCurve how sure digits seem, ascending, and how often they are right then; straight
 *   lines lie between, and they are as sure as they seem where there is none
 *
 * @typedef {object} Models
 * @property {string} default
 * @property {{digest: string, url: string, calibration: CalibrationCurve}} line_model
 * @property {{digest: string, url: string}} normaliser
 * @property {Model[]} models
 * @property {{name: string, error: string}[]} unusable networks of the user's, and what is wrong with them
 * @property {boolean} keeps_results whether the server keeps results at all
 *
 * @typedef {object} ReadDigit a digit of a reading: like `Digit`, with its place in the picture
 * @property {number | null} label
 * @property {number} confidence
 * @property {number} digit_score
 * @property {number[]} box [x0, y0, x1, y1]
 * @property {number[]} probabilities
 *
 * @typedef {object} Line
 * @property {string} text
 * @property {string} formatted
 * @property {number} confidence
 * @property {number[]} box
 * @property {Alternative[]} alternatives
 * @property {ReadDigit[]} digits
 *
 * @typedef {object} Reading what the server says of one page of a picture
 * @property {string} source
 * @property {number} page
 * @property {string} text
 * @property {number | null} confidence
 * @property {number} width
 * @property {number} height
 * @property {string} model
 * @property {string} model_digest
 * @property {string} version
 * @property {Line[]} lines
 */

/** What a rejected digit prints as. */
export const REJECTED = "?";

/** Nothing stands on the pad. @type {Answer} */
export const EMPTY = { kind: "blank", text: "", formatted: "", confidence: 1, digits: [], alternatives: [], seen: null };

/** A digit with a lower confidence is doubtful, as in spreadsheets and annotated pictures. */
export const DOUBTFUL = 0.95;

/** @param {Digit | ReadDigit} digit */
export function isDoubtful(digit) {
  return digit.label === null || digit.confidence < DOUBTFUL;
}

/** Return the label as a character. @param {Digit | ReadDigit} digit */
export function toCharacter(digit) {
  return digit.label === null ? REJECTED : String(digit.label);
}
