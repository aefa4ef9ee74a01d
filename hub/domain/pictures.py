"""Pictures as files: what shows them is kept, and all that tells of their making goes.

A camera writes into the file where it stood, when, and its own number, and often a small picture of what was
cut away; programs add what they please. The parts of the file that decode and colour the picture are kept by
name, whatever else goes, and so does what follows its end. Pixels are not touched. How the picture is to be
turned is said again, alone.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from hub.domain.vocabulary import PictureFormat

MOST_PIXELS: Final = 200_000_000
"""Of the largest cameras. A bound of the hub's own: a small file may say that it is a huge picture."""

EXIF: Final = b"Exif\0\0"
ORIENTATION: Final = 0x0112
UPRIGHT: Final = 1
PNG_BEGINS: Final = b"\x89PNG\r\n\x1a\n"


class NoPicture(ValueError):
    """None of the formats, cut off, or larger than any picture."""


class Picture(NamedTuple):
    """``content``: the file without what tells of its making."""

    kind: PictureFormat
    width: int
    height: int
    content: bytes


def cleaned(content: bytes) -> Picture:
    """NoPicture."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            found = _jpeg(content)
        elif content.startswith(PNG_BEGINS):
            found = _png(content)
        elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            found = _webp(content)
        else:
            raise NoPicture
    except (IndexError, struct.error):
        raise NoPicture from None
    if not 0 < found.width * found.height <= MOST_PIXELS:
        raise NoPicture
    return found


# --- JPEG: segments behind markers, and entropy-coded data behind each SOS -------------------------

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_DECODES: Final = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}
_JFIF_BYTES: Final = 12
"""Of APP0 before its small picture: its name, version, density."""
_ADOBE_BYTES: Final = 12
"""Of APP14: its name, version, flags, and how colours are written."""


def _jpeg(content: bytes) -> Picture:
    kept, size, turned = [b"\xff\xd8"], (0, 0), UPRIGHT
    seen_scan = False
    for marker, body, scan in _segments(content):
        if marker == _EOI:
            break
        if marker == 0xE1 and body.startswith(EXIF):
            turned = _orientation(body[len(EXIF) :])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", body[1:5])
            size = width, height
        seen_scan = seen_scan or marker == _SOS
        if (left := _left_of(marker, body)) is not None:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(left) + 2) + left + scan)
    else:
        raise NoPicture  # it has no end
    if not seen_scan:
        raise NoPicture
    if turned != UPRIGHT:
        said = EXIF + _said(turned)
        kept.insert(1, struct.pack(">BBH", 0xFF, 0xE1, len(said) + 2) + said)
    return Picture(PictureFormat.JPEG, *size, b"".join([*kept, b"\xff\xd9"]))


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, body, and the entropy-coded data behind it; IndexError where the file ends within one."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise NoPicture
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker == _EOI:
            yield marker, b"", b""
            return
        (length,) = struct.unpack_from(">H", content, at)
        end = at + length
        if length < 2 or end > len(content):
            raise NoPicture
        body, at = content[at + 2 : end], end
        if marker == _SOS:
            at = _behind_scan(content, at)
        yield marker, body, content[end:at]


def _behind_scan(content: bytes, at: int) -> int:
    """Where the next marker stands that is none of the data: no stuffed byte, no restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise NoPicture
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _left_of(marker: int, body: bytes) -> bytes | None:
    if marker in _DECODES or marker == _SOS:
        return body
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return body[:_JFIF_BYTES] + b"\0\0"
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return body
    if marker == 0xEE and body.startswith(b"Adobe"):
        return body[:_ADOBE_BYTES]
    return None


# --- PNG: chunks, each with its sum ----------------------------------------------------------------

_SHOWS: Final = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"bKGD", b"pHYs",
}  # fmt: skip


def _png(content: bytes) -> Picture:
    kept, turned = [PNG_BEGINS], UPRIGHT
    names: list[bytes] = []
    at = len(PNG_BEGINS)
    while not names or names[-1] != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (told,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(name + body) != told:
            raise NoPicture
        at += 12 + length
        names.append(name)
        if name == b"eXIf":
            turned = _orientation(body)
        if name in _SHOWS:
            kept.append(_chunk(name, body))
    if names[0] != b"IHDR" or b"IDAT" not in names:
        raise NoPicture
    if turned != UPRIGHT:
        kept.insert(2, _chunk(b"eXIf", _said(turned)))
    width, height = struct.unpack_from(">II", content, 16)
    return Picture(PictureFormat.PNG, width, height, b"".join(kept))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# --- WebP: chunks of a RIFF, each of an even length ------------------------------------------------

_SHOWN: Final = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_FRAME_BYTES: Final = 16
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _webp(content: bytes) -> Picture:
    (size,) = struct.unpack_from("<I", content, 4)
    end = 8 + size
    if end > len(content):
        raise NoPicture
    parts: dict[bytes, bytes] = {}
    kept: list[tuple[bytes, bytes]] = []
    for name, body in _chunks(content[:end], 12):
        parts.setdefault(name, body)
        if name in _SHOWN:
            kept.append((name, _frame(body) if name == b"ANMF" else body))
    turned = _orientation(parts[b"EXIF"].removeprefix(EXIF)) if b"EXIF" in parts else UPRIGHT
    if b"VP8X" in parts:
        kept[0] = b"VP8X", _flags(parts[b"VP8X"], turned)
        if turned != UPRIGHT:
            kept.append((b"EXIF", _said(turned)))
    whole = b"WEBP" + b"".join(_riff(name, body) for name, body in kept)
    made = b"RIFF" + struct.pack("<I", len(whole)) + whole
    return Picture(PictureFormat.WEBP, *_canvas(parts), made)


def _chunks(content: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at < len(content):
        name, (length,) = content[at : at + 4], struct.unpack_from("<I", content, at + 4)
        body = content[at + 8 : at + 8 + length]
        if len(body) < length:
            raise NoPicture
        at += 8 + length + length % 2
        yield name, body


def _frame(body: bytes) -> bytes:
    """One picture of several: its place and time, and what shows it."""
    shown = [(name, part) for name, part in _chunks(body, _FRAME_BYTES) if name in _SHOWN]
    return body[:_FRAME_BYTES] + b"".join(_riff(name, part) for name, part in shown)


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _flags(body: bytes, turned: int) -> bytes:
    told = body[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if turned != UPRIGHT else 0)
    return bytes([told]) + body[1:]


def _canvas(parts: dict[bytes, bytes]) -> tuple[int, int]:
    if body := parts.get(b"VP8X"):
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if body := parts.get(b"VP8L"):
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if body := parts.get(b"VP8 "):
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise NoPicture


# --- how it is to be turned ------------------------------------------------------------------------


def _orientation(tiff: bytes) -> int:
    """From 1 to 8; upright where the file does not say, or nothing that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return UPRIGHT
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for n in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * n)
            if tag == ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return UPRIGHT


def _said(turned: int) -> bytes:
    """A TIFF with one entry."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, turned, 0, 0)
