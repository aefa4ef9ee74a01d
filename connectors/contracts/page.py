"""Pages of a procurement portal: the list of notices, and a notice's labels with what stands behind them.

A page is read by libxml2's parser for HTML, which mends what is broken, follows nothing, and gives up where
elements are nested too deep. Of a notice only known labels count, and each ends what stands behind another.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connectors.contracts.fields import SYNONYMS, WORDS
from hub.domain.dates import parse_date
from hub.domain.refusal import Refused
from hub.domain.text import header_key
from hub.errors import SourceError

MOST_BYTES: Final = 2 << 20
LONGEST: Final = 2_000
"""Characters of a text in which labels are looked for."""

_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_CHINESE: Final = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80"})
_NO_TEXT: Final = ("script", "style", "template", "noscript")
_BLOCKS: Final = frozenset({"p", "div", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "section", "article"})
_TITLE: Final = re.compile("合同(?:变更|终止|续签)?公告")
_DAY: Final = re.compile(r"20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?")
_NEXT: Final = re.compile(r"\s*下一?页\s*[>»]*\s*")


def _label(word: str) -> str:
    """As a pattern: brackets of either width, blanks between characters."""
    return r"\s*".join("[（(]" if c == "(" else "[)）]" if c == ")" else re.escape(c) for c in word)


_KNOWN: Final = sorted({*WORDS.fields, *SYNONYMS, *WORDS.dropped}, key=len, reverse=True)
_LABELLED: Final = re.compile(rf"({'|'.join(map(_label, _KNOWN))})\s*[:：]")


@dataclass(frozen=True, slots=True)
class Link:
    """A notice in a list."""

    path: str
    published_on: dt.date


def read_page(content: bytes) -> Any:
    """The root element. SourceError where it is no page, or larger than any."""
    if len(content) > MOST_BYTES:
        raise SourceError("The page is larger than any of a procurement portal.", zh="网页过大")
    found = _CHARSET.search(content[:4096])
    charset = found[1].decode().lower() if found else "utf-8"
    text = content.decode("gb18030" if charset in _CHINESE else "utf-8", "replace").replace("\x00", "")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.LxmlError:
        root = None
    if root is None:
        raise SourceError("The procurement portal answered with no page.", zh="采购网站未返回网页")
    return root


# --- the list ----------------------------------------------------------------------------------


def links(root: Any, address: str) -> Iterator[Link]:
    """Notices that a list at ``address`` links to; on the same server, beside or below the list."""
    below = posixpath.dirname(urlsplit(address).path)
    for anchor in root.iter("a"):
        path = _path(anchor, address)
        day = _day_beside(anchor)
        if path and day and path.startswith(below) and not _NEXT.fullmatch(_text(anchor)):
            yield Link(path, day)


def next_page(root: Any, address: str) -> str | None:
    found = (_path(anchor, address) for anchor in root.iter("a") if _NEXT.fullmatch(_text(anchor)))
    return next(found, None)


def _path(anchor: Any, address: str) -> str | None:
    """Path and query of where it leads, on the same server only."""
    try:
        to, here = urlsplit(urljoin(address, anchor.get("href", ""))), urlsplit(address)
    except ValueError:
        return None
    if (to.scheme, to.netloc) != (here.scheme, here.netloc) or not anchor.get("href"):
        return None
    path = posixpath.normpath(to.path) + (f"?{to.query}" if to.query else "")
    return path if len(path) <= 500 else None


def _day_beside(anchor: Any) -> dt.date | None:
    """The day that stands in the link's own line of the list."""
    line = next((each for each in anchor.iterancestors() if each.tag in ("li", "tr")), anchor)
    found = _DAY.findall(_text(line))
    try:
        return parse_date(found[-1]) if found else None
    except Refused:
        return None


# --- a notice ----------------------------------------------------------------------------------


def cells(root: Any) -> Mapping[str, str]:
    """What stands behind each known label. Refused where one label has two different things behind it."""
    etree.strip_elements(root, *_NO_TEXT, with_tail=False)
    found: dict[str, str] = {}
    for label, value in (*_in_tables(root), *_in_lines(root)):
        if value and found.setdefault(label, value) != value:
            raise Refused("CONTRADICTION")
    if kind := _kind(root):
        found.setdefault("公告类型", kind)
    return {label: value for label, value in found.items() if label in WORDS.fields}


def _in_tables(root: Any) -> Iterator[tuple[str, str]]:
    for row in root.iter("tr"):
        texts = [_text(cell) for cell in row if cell.tag in ("td", "th")]
        for label, value in pairwise(texts):
            if (word := _word(label)) and not _word(value):
                yield word, value


def _in_lines(root: Any) -> Iterator[tuple[str, str]]:
    """``合同编号：…`` in a paragraph, several in one, too."""
    for block in root.iter(*_BLOCKS):
        if any(child.tag in _BLOCKS or child.tag in ("table", "ul", "ol") for child in block):
            continue
        text = _text(block)[:LONGEST]
        heads = list(_LABELLED.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        for head, end in zip(heads, ends, strict=False):
            value = text[head.end() : end].strip(" ;；,，。")
            if word := _word(head[1]):
                yield word, value


def _word(label: str) -> str | None:
    """The wording's own name of a label, None where it is none."""
    if not label or len(label) > 40:
        return None
    key = header_key(label).upper()
    word = SYNONYMS.get(key, key)
    return word if word in WORDS.fields or word in WORDS.dropped else None


def _kind(root: Any) -> str | None:
    """By the first heading that says so."""
    for heading in root.iter("h1", "h2", "title"):
        if found := _TITLE.search(_text(heading)):
            return found[0]
    return None


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
