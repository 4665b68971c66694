"""Test digits made harder, always in the same way: 15 kinds of corruption, and a random affine.

    chance.py    random whole numbers, the same on every machine
    warps.py     shear, scale, rotate, translate, motion blur, glass blur; the affine
    light.py     shot noise, impulse noise, brightness, stripe, fog
    marks.py     spatter, dotted line, zigzag, canny edges

The kinds are those of MNIST-C (Mu and Gilmer 2019, arXiv 1906.02337), written anew from the paper's description with
strengths of our own, chosen by eye: a person still reads the digits. So figures measured here are not comparable with
published MNIST-C ones, digit by digit; the suite is frozen for comparing networks with each other. Everything is
computed in whole numbers, and `DIGESTS` holds every machine to the same bytes.
"""

import hashlib
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from inkdigits.corruptions import light, marks, warps
from inkdigits.corruptions.chance import Bytes, Chance
from inkdigits.records import PATCH_PX

Corruption: TypeAlias = Callable[[Bytes, Chance], Bytes]
"""Patches (N, 28, 28) uint8 and a source of chance -> as many patches."""

AFFINE = "affine"
"""Source C's augmented test set: each digit rotated by up to 30 degrees, shifted by up to a fifth of the side, reduced
to a quarter at the least, and sheared by up to 30 degrees on both axes."""

_CORRUPTIONS: dict[str, Corruption] = {
    AFFINE: warps.affine,
    "shot noise": light.shot_noise,
    "impulse noise": light.impulse_noise,
    "glass blur": warps.glass_blur,
    "motion blur": warps.motion_blur,
    "shear": warps.shear,
    "scale": warps.scale,
    "rotate": warps.rotate,
    "brightness": light.brightness,
    "translate": warps.translate,
    "stripe": light.stripe,
    "fog": light.fog,
    "spatter": marks.spatter,
    "dotted line": marks.dotted_line,
    "zigzag": marks.zigzag,
    "canny edges": marks.canny_edges,
}
"""A kind's place is part of its seed: a new one goes to the end."""

SUITE = tuple(kind for kind in _CORRUPTIONS if kind != AFFINE)
"""The 15 kinds."""

DIGESTS = {
    AFFINE: "f0b10028f90da0bd3eb2e68e45003e73c2132ea999bbbfa708abb8c2a7814530",
    "shot noise": "e7ab5d58de34d821b43273ccfc87ba5efcdc2c800d6f08507bce7f71eff23094",
    "impulse noise": "cfa14bb37dffa7078a30a9836e3881f15fbc955eb63de2d9eeddf72cbcbf4aaf",
    "glass blur": "54ea21a18905106037dbfdca1c18f557f5bf6809819160351188ee20b8308da7",
    "motion blur": "9db26d5a4fb314f25b341f020353221d4f7e48a65d4cc3ad2eb3f9856be872ea",
    "shear": "1f373610ccd1c2c983f35d281331e79ca15e7d0828352ff28063d74f8d8bc719",
    "scale": "d017d72e71d973938d6dc19090a8e9726e42f9fa58582bcfb6c69e03684ef04d",
    "rotate": "954099fe6b3737dbef65e8cd1ab4d5720a4c0e48986c776ec991d72aec6d6aec",
    "brightness": "7540595ed1538c2c4d1e0d266cbead56d7969ccab318900df35c044f5707b993",
    "translate": "59ad79cdbe4ca465df1aa87f258ab87af8600f10cae166365cef2d7d87a7144b",
    "stripe": "8d64220a28be444a4bb0ce8ecafb638b12d9aa61259027e5ace82a79d649f522",
    "fog": "e318287b997a777d609a047cb4bc8c180e1ca3339d383d3b05400dc92e7d573b",
    "spatter": "49dde9d013fd16e9ab1596e883f03e7c9cb438443b0bf67176e0374f6f3950a5",
    "dotted line": "76486a66000be1a0995d5c03dba8c720fedfae9e7fea55705a5a8c9f4f023f71",
    "zigzag": "a4d2b122816de8fec6c5689185cc3b262807aacf8735916eb01032f25df52600",
    "canny edges": "d4fdedc941ce4e72ddc9436313ac7b84be538031c90d34ef7be745b08e8c731e",
}
"""sha256 of the pixels that each kind makes of MNIST's 10,000 test images, `digest(corrupt(images, kind))`."""

_BLOCK = 1000
"""Images changed at a time, for memory; each block has a seed of its own, so this number is frozen too."""


def corrupt(images: Bytes, kind: str) -> Bytes:
    """Change every digit in one way; the same digits in the same order always become the same bytes.

    Args:
        images: (N, 28, 28) uint8, 0 paper, 255 ink.
        kind: one of `SUITE`, or `AFFINE`.

    Returns:
        (N, 28, 28) uint8, 0 paper, 255 ink.

    Raises:
        KeyError: no such kind.
        ValueError: images of another shape or type.
    """
    if images.dtype != np.uint8 or images.shape[1:] != (PATCH_PX, PATCH_PX):
        raise ValueError(f"images must be uint8 (N, {PATCH_PX}, {PATCH_PX}), not {images.dtype} {images.shape}")
    change, number = _CORRUPTIONS[kind], list(_CORRUPTIONS).index(kind)
    changed = np.empty_like(images)
    for block, start in enumerate(range(0, len(images), _BLOCK)):
        at = slice(start, start + _BLOCK)
        changed[at] = change(images[at], Chance(number, block))
    return changed


def digest(images: Bytes) -> str:
    """Take the sha256 of the pixels, in hex."""
    return hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest()
