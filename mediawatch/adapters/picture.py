"""Is a screenshot blank? Pure, and run in a worker: a picture from a device is hostile until it was decoded."""

from __future__ import annotations

import io
from typing import Literal

MOST_PIXELS = 40_000_000
_FLAT = 3.0  # standard deviation of the grey values; an empty page has about 0, a page with words some dozens
_BLACK = 8  # mean grey value of 255


def look_of(png: bytes) -> Literal["content", "blank", "black", "unreadable"]:
    """`blank` for a nearly one-colour screen between the bars, `black` for a dark one.

    A black screen decides nothing: windows that forbid screenshots look like that. Without Pillow: `unreadable`.
    """
    try:
        from PIL import Image, ImageStat
    except ImportError:
        return "unreadable"
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS or min(width, height) < 64:
                return "unreadable"
            # without the bars at the top and bottom, and small: noise and single dots do not count
            screen = picture.convert("RGB").crop((0, height // 12, width, height - height // 12)).reduce(8)
            bands = ImageStat.Stat(screen)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "unreadable"
    if max(bands.stddev) >= _FLAT:
        return "content"
    return "black" if max(bands.mean) < _BLACK else "blank"
