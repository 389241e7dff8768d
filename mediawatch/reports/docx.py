"""A paper as DOCX, on the page of GB/T 9704: margins 37/35/28/26 mm, 三号仿宋 by name, 22 lines of 28 characters.

Fonts are named, never shipped: the reader's machine has them or takes another. Rows of tables are written as XML at
once, for python-docx needs ten milliseconds for each row of its own. It must not decide what a document says.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt

from mediawatch.reports.chart_png import drawn
from mediawatch.reports.paper import Annex, Block, Cell, Chart, Heading, Link, Paper, Picture, Table, Text, annex_number
from mediawatch.reports.paper import chart_table as table_of

FANG_SONG, HEI_TI, KAI_TI, TITLE, SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
_LATIN = "Times New Roman"
_BODY, _SMALL, _TINY = Pt(16), Pt(12), Pt(7.5)  # 三号, 小四, 六号
_LINE = Pt(28.95)  # 225 mm in 22 lines
_WIDE_COLUMNS = 10  # a table of more columns is set small


def render(paper: Paper) -> bytes:
    """The document as the bytes of a .docx file."""
    document: Any = Document()
    document.settings.odd_and_even_pages_header_footer = True
    _defaults(document, paper.language)
    section = document.sections[0]
    _page(section, wide=False)
    _head_and_foot(section, paper.mark)
    if paper.mark:
        _paragraph(document, paper.mark, HEI_TI, Pt(14), WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(document, paper.title, TITLE, Pt(22), WD_ALIGN_PARAGRAPH.CENTER, style="Title")
    if paper.to:
        _paragraph(document, f"{paper.to}：" if paper.language == "zh_CN" else f"{paper.to}:")
    _blocks(document, paper.blocks, paper.language)
    _annexes_told(document, paper)
    _signed(document, paper.signed, paper.day_told)
    for number, annex in enumerate(paper.annexes, start=1):
        _annex(document, annex, annex_number(number, len(paper.annexes), paper.language), paper.language)
    last = document.paragraphs[-1]
    if not last._p.xpath(".//w:t | .//w:drawing"):
        _end_flat(last)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _annex(document: Any, annex: Annex, named: str, language: str) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _end_flat(document.paragraphs[-1])
    _page(section, wide=annex.wide)
    _paragraph(document, named, HEI_TI)
    _paragraph(document, annex.title, TITLE, Pt(18), WD_ALIGN_PARAGRAPH.CENTER).paragraph_format.space_after = Pt(6)
    _blocks(document, annex.blocks, language)


def _annexes_told(document: Any, paper: Paper) -> None:
    """附件说明: two letters from the edge; what follows stands below the first title."""
    head = _BODY.pt * 5  # two letters, and 附件：
    for number, line in enumerate(paper.annexes_told):
        if number == 0:
            _apart(document)
        paragraph = _paragraph(document, line, keep=number + 1 < len(paper.annexes_told))
        shape = paragraph.paragraph_format
        shape.left_indent, shape.first_line_indent = Pt(head), Pt(0 if number else -_BODY.pt * 3)


def _signed(document: Any, who: str, day: str) -> None:
    """署名 and 成文日期: the day four letters from the right edge, the office centred above it."""
    if who or day:
        _apart(document)
    for line in filter(None, (who, day)):
        beside = (_breadth(day) - _breadth(line)) / 2 if day else 0.0
        paragraph = _paragraph(document, line, align=WD_ALIGN_PARAGRAPH.RIGHT, keep=line is not day)
        paragraph.paragraph_format.right_indent = Pt(max(0.0, _BODY.pt * 4 + beside))


def _apart(document: Any) -> None:
    """An empty line below the text, of which some always stands on the same page as what follows."""
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    _paragraph(document, "", keep=True)


def _breadth(text: str) -> float:
    """How many points a line of the text takes, about: a Latin letter is half as broad as another."""
    return float(sum(_BODY.pt / 2 if letter.isascii() else _BODY.pt for letter in text))


def _blocks(document: Any, blocks: Iterable[Block], language: str) -> None:
    for block in blocks:
        if isinstance(block, Heading):
            style = f"Heading {block.level}"
            _paragraph(document, block.text, HEI_TI if block.level == 1 else KAI_TI, indent=True, style=style)
        elif isinstance(block, Text):
            _paragraph(document, block.text, HEI_TI if block.strong else FANG_SONG, indent=True)
        elif isinstance(block, Table):
            _table(document, block)
        elif isinstance(block, Chart):
            picture = drawn(block)
            if picture is None:
                _table(document, table_of(block))
            else:
                _picture(document, block.caption, picture)
        elif isinstance(block, Picture):
            _picture(document, block.caption, block.png)


def _picture(document: Any, caption: str, png: bytes) -> None:
    width = min(Mm(150), _width(document.sections[-1]))
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(io.BytesIO(png), width=width)
    _paragraph(document, caption, KAI_TI, _SMALL, WD_ALIGN_PARAGRAPH.CENTER, exact=False)


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(document: Any, table: Table) -> None:
    if table.caption:
        above = _paragraph(document, table.caption, KAI_TI, _SMALL, WD_ALIGN_PARAGRAPH.CENTER, exact=False, keep=True)
        above.paragraph_format.space_before = Pt(6)
    widths = _widths(table, _width(document.sections[-1]))
    wide = len(table.head) > _WIDE_COLUMNS
    size = _TINY if wide else _SMALL if table.by_hand else Pt(10.5)
    side = 30 if wide else 57
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = f'<w:tblCellMar><w:left w:w="{side}" w:type="dxa"/><w:right w:w="{side}" w:type="dxa"/></w:tblCellMar>'
    high = '<w:trHeight w:val="850" w:hRule="atLeast"/>' if table.by_hand else ""  # 15 mm
    rows = [_row(table.head, widths, size, head=True)]
    rows += [_row([_shown(cell) for cell in row], widths, size, head=False, high=high) for row in table.rows]
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>{margins}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml))  # the last child holds the section
    _paragraph(document, "", size=Pt(6), exact=False)


def _row(cells: Sequence[str], widths: Sequence[int], size: Length, *, head: bool, high: str = "") -> str:
    half = round(size.pt * 2)
    font = HEI_TI if head else FANG_SONG
    run = (
        f'<w:rPr><w:rFonts w:ascii="{_LATIN}" w:hAnsi="{_LATIN}" w:eastAsia="{font}" w:cs="{_LATIN}"/>'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    )
    # A row is never torn apart between pages; the head row comes again on each.
    kind = f"<w:trPr><w:cantSplit/>{high}{'<w:tblHeader/>' if head else ''}</w:trPr>"
    centred = '<w:jc w:val="center"/>' if head else ""
    shown = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>{centred}</w:pPr>'
        f'<w:r>{run}<w:t xml:space="preserve">{escape(cell)}</w:t></w:r></w:p></w:tc>'
        for cell, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr>{kind}{shown}</w:tr>"


def _widths(table: Table, width: Length) -> list[int]:
    shares = table.widths or (1,) * len(table.head)
    twips = int(width.pt * 20)
    return [twips * share // sum(shares) for share in shares]


def _shown(cell: Cell) -> str:
    return cell.text if isinstance(cell, Link) else str(cell)


# --- pages and paragraphs ---------------------------------------------------------------------------------------------


def _end_flat(ending: Any) -> None:
    """The paragraph that ends a section, with the space below a table: of no height, or a full page is followed by an
    empty one."""
    before = ending._p.getprevious()
    if before is not None and before.tag == ending._p.tag and not before.xpath(".//w:t | .//w:drawing"):
        before.getparent().remove(before)
    shape = ending.paragraph_format
    shape.line_spacing, shape.space_before, shape.space_after = Pt(1), Pt(0), Pt(0)


def _page(section: Any, *, wide: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    sides = (Mm(210), Mm(297))
    section.page_width, section.page_height = reversed(sides) if wide else sides
    top, bottom, left, right = Mm(37), Mm(35), Mm(28), Mm(26)
    if wide:  # turned by a quarter, so that the binding stays at the top
        top, bottom, left, right = Mm(28), Mm(26), Mm(35), Mm(37)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = top, bottom, left, right
    section.header_distance, section.footer_distance = Mm(18), Mm(20)


def _width(section: Any) -> Length:
    return Length(section.page_width - section.left_margin - section.right_margin)


def _head_and_foot(section: Any, mark: str) -> None:
    """The mark on top of every page; below, the number: of odd pages on the right, of even ones on the left, one letter
    from the edge."""
    for part in (section.header, section.even_page_header) if mark else ():
        head = part.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _font(head.add_run(mark), HEI_TI, Pt(10.5))
    for part, odd in ((section.footer, True), (section.even_page_footer, False)):
        foot = part.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT if odd else WD_ALIGN_PARAGRAPH.LEFT
        shape = foot.paragraph_format
        shape.left_indent = shape.right_indent = Pt(14)
        _font(foot.add_run("— "), SONG, Pt(14))
        number = OxmlElement("w:fldSimple")
        number.set(qn("w:instr"), "PAGE")
        shown = OxmlElement("w:r")
        shown.append(OxmlElement("w:rPr"))
        size = OxmlElement("w:sz")
        size.set(qn("w:val"), "28")
        shown[0].append(size)
        text = OxmlElement("w:t")
        text.text = "1"
        shown.append(text)
        number.append(shown)
        foot._p.append(number)
        _font(foot.add_run(" —"), SONG, Pt(14))


def _defaults(document: Any, language: str) -> None:
    for name in ("Title", "Heading 1", "Heading 2"):  # python-docx's own template draws a line under a title
        shape = document.styles[name].element.pPr
        for border in shape.findall(qn("w:pBdr")):
            shape.remove(border)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, _BODY
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANG_SONG)
    document.core_properties.author = "mediawatch"
    document.core_properties.language = "zh-CN" if language == "zh_CN" else "en"


def _paragraph(
    document: Any,
    text: str,
    font: str = FANG_SONG,
    size: Length = _BODY,
    align: Any = None,
    *,
    indent: bool = False,
    exact: bool = True,
    keep: bool = False,
    style: str | None = None,
) -> Any:
    paragraph = document.add_paragraph(style=style)
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.keep_with_next = keep or style is not None
    if exact:
        shape.line_spacing = _LINE if size <= _BODY else Pt(size.pt * 1.5)
    if indent:
        shape.first_line_indent = Pt(size.pt * 2)
    paragraph.alignment = align
    _font(paragraph.add_run(text), font, size)
    return paragraph


def _font(run: Any, name: str, size: Length) -> None:
    run.font.name, run.font.size = _LATIN, size
    run.font.bold, run.font.italic = False, False
    fonts = run._element.rPr.rFonts
    fonts.set(qn("w:eastAsia"), name)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    colour = OxmlElement("w:color")
    colour.set(qn("w:val"), "000000")
    run._element.rPr.append(colour)
