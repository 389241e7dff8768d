"""A paper as one HTML page that loads nothing: everything escaped, no script, styles by their hash, charts as SVG.

It must not take a template from anybody, and make no link but to http and https.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from mediawatch.reports.paper import Chart, Paper, annex_number

STYLE = """
body{font:16px/1.75 "FangSong","仿宋",serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h1{font:24px/1.5 "SimSun","宋体",serif;text-align:center}h2{font:18px "SimHei","黑体",sans-serif}
h3{font:17px "KaiTi","楷体",serif}p{text-indent:2em;margin:.4em 0}p.plain{text-indent:0}p.strong{font-weight:bold}
p.next{margin-left:5em;text-indent:0}
.mark{text-indent:0;text-align:center;border:2px solid #b00;color:#b00;padding:.3em;font-weight:bold}
.signed{text-align:right}table{border-collapse:collapse;width:100%;font-size:13px;margin:.5em 0}
caption{font-weight:bold;padding:.3em}th,td{border:1px solid #888;padding:.25em .4em;vertical-align:top;text-align:left;
overflow-wrap:anywhere}
tr.by-hand td{height:3.5em;vertical-align:middle}th{background:#eef2f6}td.n{text-align:right}.wide{overflow-x:auto}
figure{margin:1em 0;text-align:center}
figure img{max-width:100%;border:1px solid #ccc}
@media print{thead{display:table-header-group}tr{break-inside:avoid}.annex{break-before:page}}
"""

_PAGE = """<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>{{ paper.title }}</title>
<style>{{ style|safe }}</style></head>
<body>
{%- macro cell(one) -%}
{%- if one is number %}<td class="n">{{ one }}</td>
{%- elif one is string %}<td>{{ one }}</td>
{%- elif one.safe %}<td><a href="{{ one.url }}" rel="noopener noreferrer nofollow">{{ one.text }}</a></td>
{%- else %}<td>{{ one.text }}</td>{% endif -%}
{%- endmacro -%}
{%- macro shown(blocks) -%}
{%- for block in blocks %}
{%- set kind = block.__class__.__name__ %}
{%- if kind == "Heading" %}
<h{{ block.level + 1 }}>{{ block.text }}</h{{ block.level + 1 }}>
{%- elif kind == "Text" %}
<p{% if block.strong %} class="strong"{% endif %}>{{ block.text }}</p>
{%- elif kind == "Table" %}
<div class="wide"><table>{% if block.caption %}<caption>{{ block.caption }}</caption>{% endif %}
<thead><tr>{% for one in block.head %}<th scope="col">{{ one }}</th>{% endfor %}</tr></thead>
<tbody>
{%- for row in block.rows %}
<tr{% if block.by_hand %} class="by-hand"{% endif %}>{% for one in row %}{{ cell(one) }}{% endfor %}</tr>
{%- endfor %}
</tbody></table></div>
{%- elif kind == "Chart" %}
<figure><svg viewBox="0 0 {{ width }} 200" role="img" aria-label="{{ block.caption }}" width="{{ width }}" height="200">
{%- for x, y, label, value in points(block) %}
{%- if value is not none %}
{%- if block.kind == "bars" %}<rect x="{{ x - 14 }}" y="{{ y }}" width="28" height="{{ 160 - y }}" fill="#3b6ea5"/>
{%- else %}<circle cx="{{ x }}" cy="{{ y }}" r="4" fill="#3b6ea5"/>{% endif %}
<text x="{{ x }}" y="{{ y - 6 }}" font-size="11" text-anchor="middle">{{ value }}</text>{% endif %}
<text x="{{ x }}" y="178" font-size="11" text-anchor="middle">{{ label }}</text>
{%- endfor %}
{%- if block.kind == "line" %}
<polyline fill="none" stroke="#3b6ea5" stroke-width="2" points="{{ path(block) }}"/>{% endif %}
<line x1="10" y1="160" x2="{{ width - 10 }}" y2="160" stroke="#444"/></svg>
<figcaption>{{ block.caption }}</figcaption></figure>
{%- else %}
<figure><img alt="{{ block.caption }}" src="data:image/png;base64,{{ encoded(block.png) }}">
<figcaption>{{ block.caption }}</figcaption></figure>
{%- endif %}
{%- endfor %}
{%- endmacro %}
{% if paper.mark %}<p class="mark">{{ paper.mark }}</p>{% endif %}
<h1>{{ paper.title }}</h1>
{% if paper.to %}<p class="plain">{{ paper.to }}{{ colon }}</p>{% endif %}
{{ shown(paper.blocks) }}
{% for line in paper.annexes_told %}<p{% if not loop.first %} class="next"{% endif %}>{{ line }}</p>
{% endfor %}
{% if paper.signed %}<p class="signed">{{ paper.signed }}</p>{% endif %}
{% if paper.day %}<p class="signed">{{ paper.day_told }}</p>{% endif %}
{% for annex in paper.annexes %}<section class="annex"><h2>{{ numbered(loop.index) }} {{ annex.title }}</h2>
{{ shown(annex.blocks) }}</section>{% endfor %}
</body></html>
"""
WIDTH = 720


def render(paper: Paper) -> bytes:
    """The page in UTF-8."""
    hashed = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    page = _template().render(
        paper=paper,
        lang="zh-CN" if paper.language == "zh_CN" else "en",
        colon="：" if paper.language == "zh_CN" else ":",
        style=STYLE,
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'",
        width=WIDTH,
        numbered=lambda number: annex_number(number, len(paper.annexes), paper.language),
        points=_points,
        path=lambda chart: " ".join(f"{x},{y}" for x, y, _, value in _points(chart) if value is not None),
        encoded=lambda png: base64.b64encode(png).decode(),
    )
    return page.encode()


@cache
def _template() -> Template:
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)


def _points(chart: Chart) -> list[tuple[float, float, str, float | None]]:
    """Where each value stands: 0 percent at the line, 100 percent 140 above it."""
    step = (WIDTH - 40) / max(1, len(chart.labels))
    return [
        (round(20 + step * (place + 0.5), 1), round(160 - (value or 0.0) * 1.4, 1), label[:12], value)
        for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True))
    ]
