"""Sets a contract on pages: A4, an embedded typeface, page numbers, the fingerprint of the text in
every footer. The same text and signatures make the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from connect_portal.facts import fonts
from connect_portal.institutions.pdf.reading import Block, blocks
from connect_portal.institutions.pdf.script import as_drawn

LAYOUT: Final = 1
"""Counts the ways in which contracts were set; whoever changes the look of a page raises it."""

_SIDE, _TOP, _FOOT = 22 * mm, 20 * mm, 24 * mm
_PADDING: Final = 6  # of the frame that reportlab lays on a page
_WIDTH = A4[0] - 2 * _SIDE
_INK, _SOFT, _LINE, _SHADE = map(HexColor, ("#16191f", "#5a6372", "#c9cfd8", "#f1f3f6"))
_TEXT, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_NARROW: Final = 4
"""Columns of a table up to this many share the width by what stands in them."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands on the last page for one side; ``facts`` are label and value."""

    side: str
    facts: tuple[tuple[str, str], ...]


def typeset(text: str, *, sha256: str, subject: str, signatures: Sequence[Signature] = ()) -> bytes:
    """The contract as a PDF, with a page of signatures where there are any.

    ``sha256`` is the fingerprint of ``text``, which stands on every page; ``subject`` goes into
    the document's properties.
    """
    _fonts()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_SIDE - _PADDING,
        rightMargin=_SIDE - _PADDING,
        topMargin=_TOP,
        bottomMargin=_FOOT,
        invariant=1,
        lang="en",
        displayDocTitle=1,
        title=blocks(text)[0].text.capitalize(),
        author="Connect Portal",
        subject=subject,
        keywords=f"sha256:{sha256}",
        creator=f"Connect Portal, layout {LAYOUT}",
    )
    story = [flowable for block in blocks(text) for flowable in _set(block)]
    if signatures:
        story += [PageBreak(), *_signature_page(signatures)]
    document.build(story, canvasmaker=_numbered(sha256))
    return file.getvalue()


def _set(block: Block) -> list[Flowable]:
    match block.kind:
        case "facts":
            return [_grid(block.rows, bold_first=True), Spacer(0, 3 * mm)]
        case "table":
            return [_grid(block.rows, has_head=True), Spacer(0, 3 * mm)]
        case _:
            return [_paragraph(block.text, block.kind)]


def _signature_page(signatures: Sequence[Signature]) -> list[Flowable]:
    story: list[Flowable] = [_paragraph("Signatures", "title")]
    for signature in signatures:
        head = _paragraph(signature.side, "heading")
        facts = _grid(signature.facts, bold_first=True)
        story.append(KeepTogether([head, facts, Spacer(0, 4 * mm)]))
    return story


def _grid(
    rows: Sequence[Sequence[str]], *, has_head: bool = False, bold_first: bool = False
) -> Table:
    """A table with a line below each row; a head is repeated on the next page."""
    width = len(rows[0])
    cells = [
        [
            _paragraph(cell, _cell_style(place == 0 and has_head, column, bold_first))
            for column, cell in enumerate(row)
        ]
        for place, row in enumerate(rows)
    ]
    first = _WIDTH * 30 / 100 if width <= 2 else _WIDTH / width
    rest = (_WIDTH - first) / (width - 1) if width > 1 else 0
    columns = [first, *[rest] * (width - 1)] if width > 1 else [_WIDTH]
    table = Table(cells, colWidths=columns, repeatRows=int(has_head), hAlign="LEFT")
    table.setStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 1 / 2, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            *([("BACKGROUND", (0, 0), (-1, 0), _SHADE)] if has_head else []),
        ]
    )
    return table


def _cell_style(is_head: bool, column: int, bold_first: bool) -> str:
    if is_head:
        return "head"
    return "label" if bold_first and column == 0 else "cell"


def _paragraph(text: str, style: str) -> Paragraph:
    return Paragraph(escape(as_drawn(_drawable(text))), _styles()[style])


def _drawable(text: str) -> str:
    """``text`` with what the typeface cannot draw said by number, so that nothing is left out."""
    known = pdfmetrics.getFont(_TEXT).face.charToGlyph
    return "".join(char if ord(char) in known else f"[U+{ord(char):04X}]" for char in text)


def _numbered(sha256: str) -> Callable[..., Canvas]:
    """A canvas that knows at the end how many pages there are, and writes every footer then."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page in self._pages:
                self.__dict__.update(page)
                _footer(self, sha256, of=len(self._pages))
                super().showPage()
            super().save()

    return Numbered


def _footer(canvas: Canvas, sha256: str, *, of: int) -> None:
    canvas.setStrokeColor(_LINE)
    canvas.line(_SIDE, _FOOT - 6 * mm, A4[0] - _SIDE, _FOOT - 6 * mm)
    canvas.setFillColor(_SOFT)
    canvas.setFont(_TEXT, 6)
    canvas.drawString(_SIDE, _FOOT - 10 * mm, f"SHA-256 of the text: {sha256}")
    canvas.drawRightString(A4[0] - _SIDE, _FOOT - 10 * mm, f"Page {canvas.getPageNumber()} of {of}")


@cache
def _fonts() -> None:
    """Read the typeface once; every document embeds the glyphs it uses."""
    for name in (_TEXT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, fonts() / f"{name}.ttf"))


@cache
def _styles() -> dict[str, ParagraphStyle]:
    def style(name: str, size: int, **more: Any) -> ParagraphStyle:
        given = {"fontName": _TEXT, "leading": size * 145 / 100, "textColor": _INK} | more
        return ParagraphStyle(name, fontSize=size, splitLongWords=1, **given)

    return {
        "title": style("title", 17, fontName=_BOLD, spaceAfter=4 * mm),
        "heading": style("heading", 10, fontName=_BOLD, spaceBefore=4 * mm, keepWithNext=1),
        "paragraph": style("paragraph", 9, spaceBefore=1 * mm, spaceAfter=2 * mm),
        "head": style("head", 8, fontName=_BOLD),
        "label": style("label", 8, textColor=_SOFT),
        "cell": style("cell", 8),
    }
