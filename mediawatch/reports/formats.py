"""Which formats a paper can be put in; what writes them is loaded when it is asked for."""

from __future__ import annotations

from typing import Literal, get_args

from mediawatch.reports.paper import Paper

Format = Literal["docx", "html", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)


def rendered(paper: Paper, form: Format) -> bytes:
    """The document as the bytes of a file."""
    if form == "docx":
        from mediawatch.reports import docx

        return docx.render(paper)
    if form == "html":
        from mediawatch.reports import html

        return html.render(paper)
    from mediawatch.reports import xlsx

    return xlsx.render(paper)
