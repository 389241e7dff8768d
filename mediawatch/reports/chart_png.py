"""A chart as PNG, for formats that can hold nothing finer; `None` where matplotlib, or a font for Chinese, is missing.

It must never print tofu: without a font that has the labels' letters there is no picture, and the caller shows numbers.
"""

from __future__ import annotations

import functools
import importlib.util
import io
from typing import Any

from mediawatch.reports.paper import Chart

_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "SimHei", "Microsoft YaHei", "PingFang SC")


def drawn(chart: Chart) -> bytes | None:
    """The picture, 15 cm wide."""
    if importlib.util.find_spec("matplotlib") is None:
        return None
    font = _font()
    if font is None and not "".join((chart.caption, *chart.labels)).isascii():
        return None
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(6, 2.6), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    known = [value or 0.0 for value in chart.values]
    places = range(len(known))
    if chart.kind == "bars":
        axes.bar(places, known, width=0.6, color="#3b6ea5")
    else:
        axes.plot(places, [value if value is not None else float("nan") for value in chart.values], marker="o")
    for place, value in zip(places, chart.values, strict=True):
        if value is not None:
            axes.annotate(f"{value:g}", (place, value), textcoords="offset points", xytext=(0, 3), ha="center", size=8)
    axes.set_ylim(0, 112)
    family = {"family": font} if font else {}
    axes.set_xticks(list(places), list(chart.labels), size=8, **family)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


@functools.cache
def _font() -> str | None:
    """The first of the fonts that this machine has."""
    from matplotlib import font_manager

    known = {one.name for one in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in known), None)
