"""Builds normalize.onnx: the one definition of how a glyph becomes a patch.

The rule is MNIST's own (LeCun et al. 1998, section III-A): the bounding box of the ink is scaled, aspect
kept, until its longer side is 20 px, and the centre of mass lands on the centre of a 28x28 field. One
thing is added: the faint lines that are left of a thin pen after scaling are brought back to full ink.

It is a graph, not Python, so that training, reading and the browser run the very same arithmetic. After a change
`python -m inkdigits.train.normalizer` writes it anew; one that gives other patches needs another version, too.
"""

from pathlib import Path

import onnx

from inkdigits.graphs import NORMALISATION_KEY, NORMALISATION_VERSION, NORMALIZER
from inkdigits.records import GLYPH_PX, PATCH_PX

BOX_THRESHOLD = 0.05
"""Ink above this counts for the bounding box. MNIST's own boxes are those of any ink at all; 13/255 keeps them
(see tests/train/test_normalizer.py) and forgives the noise of a cleaned photo."""

GAIN_TARGET = 0.9
"""The mean of the darkest pixels is lifted to this, never lowered. MNIST digits lie above it and stay as they are."""

N_DARKEST = 12
"""How many pixels count as the darkest: a bar of 1x12 px, the least that a stroke of a 20 px glyph leaves."""

MAX_GAIN = 20.0
"""A stroke of 1/20 px after scaling, a hair line of 1 px in a glyph of 400 px; below is noise."""

CENTRE = 14.0
"""Index of the pixel on which the centre of mass lands. MNIST puts it within half a pixel of index 14 on both axes."""

_GRAPH = f"""
<ir_version: 10, opset_import: ["" : 20]>
normalize (float[height, width] ink) => (float[1, 1, {PATCH_PX}, {PATCH_PX}] patch)
<float box_threshold = {{{BOX_THRESHOLD}}}, float gain_target = {{{GAIN_TARGET}}}, float max_gain = {{{MAX_GAIN}}},
 float centre = {{{CENTRE}}}, float one = {{1.0}}, float zero = {{0.0}}, float tiny = {{1e-6}},
 float glyph_px = {{{GLYPH_PX}.0}}, int64[1] patch_px = {{{PATCH_PX}}}, int64[1] n_darkest = {{{N_DARKEST}}},
 int64[1] unit = {{1}}, int64[2] batch = {{1, 1}}, int64[1] axis0 = {{0}}, int64[1] axis1 = {{1}},
 int64[2] axes = {{0, 1}}, int64[1] all = {{-1}}, int64[2] none = {{0, 0}}, int64 first = {{0}}, int64 step = {{1}}>
{{
  # The bounding box of the ink.
  inked = Greater (ink, box_threshold)
  mask = Cast <to = 1> (inked)
  rows = ReduceMax <keepdims = 0> (mask, axis1)
  cols = ReduceMax <keepdims = 0> (mask, axis0)
  top = ArgMax <axis = 0, keepdims = 1> (rows)
  left = ArgMax <axis = 0, keepdims = 1> (cols)
  last_row = ArgMax <axis = 0, keepdims = 1, select_last_index = 1> (rows)
  last_col = ArgMax <axis = 0, keepdims = 1, select_last_index = 1> (cols)
  bottom = Add (last_row, unit)
  right = Add (last_col, unit)
  from = Concat <axis = 0> (top, left)
  to = Concat <axis = 0> (bottom, right)
  crop = Slice (ink, from, to, axes)

  # The longer side becomes 20 px, aspect kept, no side below 1 px.
  extent = Sub (to, from)
  extent_f = Cast <to = 1> (extent)
  longer = ReduceMax <keepdims = 0> (extent_f, axis0)
  scale = Div (glyph_px, longer)
  size_exact = Mul (extent_f, scale)
  size_round = Round (size_exact)
  size_f = Max (size_round, one)
  size = Cast <to = 7> (size_f)
  sizes = Concat <axis = 0> (batch, size)
  crop4 = Unsqueeze (crop, axes)
  scaled4 = Resize <mode = "linear", antialias = 1, coordinate_transformation_mode = "half_pixel"> (crop4, , , sizes)
  scaled = Squeeze (scaled4, axes)

  # Thin pens leave faint lines: lift the darkest pixels to full ink, but paper without ink to nothing.
  flat = Reshape (scaled, all)
  n_pixels = Size (flat)
  n_pixels1 = Reshape (n_pixels, unit)
  k = Min (n_darkest, n_pixels1)
  darkest, darkest_at = TopK (flat, k)
  level = ReduceMean <keepdims = 0> (darkest, axis0)
  level_safe = Max (level, tiny)
  gain_raw = Div (gain_target, level_safe)
  gain_inked = Clip (gain_raw, one, max_gain)
  is_inked = ReduceMax <keepdims = 0> (mask, axes)
  gain = Mul (gain_inked, is_inked)
  lifted = Mul (scaled, gain)
  glyph = Clip (lifted, zero, one)

  # The centre of mass lands on the centre of the field; the glyph never leaves it.
  mass = ReduceSum <keepdims = 0> (glyph, axes)
  mass_safe = Max (mass, tiny)
  row_mass = ReduceSum <keepdims = 0> (glyph, axis1)
  col_mass = ReduceSum <keepdims = 0> (glyph, axis0)
  n_rows = Gather (size, first)
  n_cols = Gather (size, step)
  row_at = Range (first, n_rows, step)
  col_at = Range (first, n_cols, step)
  row_at_f = Cast <to = 1> (row_at)
  col_at_f = Cast <to = 1> (col_at)
  row_moment = Mul (row_mass, row_at_f)
  col_moment = Mul (col_mass, col_at_f)
  row_sum = ReduceSum <keepdims = 1> (row_moment, axis0)
  col_sum = ReduceSum <keepdims = 1> (col_moment, axis0)
  moments = Concat <axis = 0> (row_sum, col_sum)
  means = Div (moments, mass_safe)
  shift_exact = Sub (centre, means)
  shift_round = Round (shift_exact)
  shift = Cast <to = 7> (shift_round)
  room = Sub (patch_px, size)
  shift_low = Max (shift, none)
  before = Min (shift_low, room)
  after = Sub (room, before)
  pads = Concat <axis = 0> (before, after)
  field = Pad (glyph, pads)
  patch = Unsqueeze (field, axes)
}}
"""


def build_normalizer() -> onnx.ModelProto:
    """Return the checked graph: ink (H, W) float32 in [0, 1] -> patch (1, 1, 28, 28) float32 in [0, 1]."""
    model = onnx.parser.parse_model(_GRAPH)
    model.producer_name = "inkdigits"
    onnx.helper.set_model_props(model, {NORMALISATION_KEY: str(NORMALISATION_VERSION)})
    onnx.checker.check_model(model, full_check=True)
    return model


def save_normalizer(path: Path) -> None:
    """Write the graph to `path`."""
    path.write_bytes(build_normalizer().SerializeToString(deterministic=True))


if __name__ == "__main__":
    save_normalizer(NORMALIZER)
