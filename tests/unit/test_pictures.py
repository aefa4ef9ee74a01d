"""A picture is kept pixel by pixel, and nothing of where, when and by whom it was made."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.pictures import NoPicture, cleaned
from tests.support.pictures import SECRETS, drawn, file_of, opened

FORMS: list[tuple[str, dict[str, Any]]] = [
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("JPEG", {"restart_marker_blocks": 1}),
    ("PNG", {}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
]
IDS = ["jpeg", "progressive", "restarts", "png", "webp", "lossless"]


@pytest.mark.parametrize(("form", "options"), FORMS, ids=IDS)
def test_pixels_stay_and_what_is_told_goes(form: str, options: dict[str, Any]) -> None:
    content = file_of(form, **options)
    assert any(secret in content for secret in SECRETS)
    found = cleaned(content)
    assert (found.kind.value, found.width, found.height) == (form, 24, 16)
    assert not [secret for secret in SECRETS if secret in found.content]
    before, after = opened(content), opened(found.content)
    assert after.tobytes() == before.tobytes()
    assert not dict(after.getexif())
    assert not {"comment", "xmp", "Author", "exif"} & {*after.info}
    assert cleaned(found.content) == found, "nothing is left to take away"


@pytest.mark.parametrize(("form", "options"), FORMS, ids=IDS)
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_how_it_is_turned_stays_and_nothing_else(
    form: str, options: dict[str, Any], orientation: int
) -> None:
    found = cleaned(file_of(form, orientation=orientation, **options))
    assert dict(opened(found.content).getexif()) == {0x0112: orientation}


@pytest.mark.parametrize(("form", "options"), FORMS, ids=IDS)
def test_what_follows_the_end_goes(form: str, options: dict[str, Any]) -> None:
    content = file_of(form, told=False, **options)
    assert cleaned(content + b"PK\x03\x04 another file" * 9).content == cleaned(content).content


@pytest.mark.parametrize(("form", "options"), FORMS, ids=IDS)
def test_a_picture_that_is_cut_off_is_none(form: str, options: dict[str, Any]) -> None:
    content = file_of(form, **options)
    whole = len(content)
    for length in {4, 20, whole // 3, whole // 2, whole - 5, whole - 1}:
        with pytest.raises(NoPicture):
            cleaned(content[:length])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"\xff\xd8\xff\xd9"])
def test_anything_else_is_none(content: bytes) -> None:
    with pytest.raises(NoPicture):
        cleaned(content)


def test_a_file_that_says_it_is_huge_is_none() -> None:
    content = bytearray(file_of("PNG", told=False))
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    with pytest.raises(NoPicture):
        cleaned(bytes(content))


def test_a_chunk_whose_sum_is_wrong_makes_it_none() -> None:
    content = bytearray(file_of("PNG"))
    content[30] ^= 1
    with pytest.raises(NoPicture):
        cleaned(bytes(content))


@given(st.sampled_from(FORMS), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8))
def test_no_file_is_anything_but_a_picture_or_none(
    form: tuple[str, dict[str, Any]], changes: list[tuple[int, int]]
) -> None:
    content = bytearray(file_of(form[0], **form[1]))
    for place, value in changes:
        content[place % len(content)] = value
    try:
        found = cleaned(bytes(content))
    except NoPicture:
        return
    assert len(found.content) <= len(content) + 100
    assert cleaned(found.content).content == found.content


def test_nothing_is_told_within_a_frame_of_several() -> None:
    made = io.BytesIO()
    frames = [drawn(), drawn().rotate(180)]
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    content = made.getvalue()
    at = content.index(b"ANMF")
    (length,) = struct.unpack_from("<I", content, at + 4)
    told = b"XMP " + struct.pack("<I", 6) + b"SECRET"
    end = at + 8 + length
    longer = content[: at + 4] + struct.pack("<I", length + len(told)) + content[at + 8 : end] + told
    longer += content[end:]
    longer = longer[:4] + struct.pack("<I", len(longer) - 8) + longer[8:]
    found = cleaned(longer)
    assert b"SECRET" not in found.content
    assert found.content == cleaned(content).content
    shown = opened(found.content)
    for number, frame in enumerate(frames):
        shown.seek(number)
        assert shown.convert("RGB").tobytes() == frame.convert("RGB").tobytes()


def test_nothing_is_told_behind_how_colours_are_written() -> None:
    adobe = b"Adobe\0\x64\0\0\0\0\x01"
    content = file_of("JPEG", told=False)

    def with_it(body: bytes) -> bytes:
        return content[:2] + struct.pack(">BBH", 0xFF, 0xEE, len(body) + 2) + body + content[2:]

    found = cleaned(with_it(adobe + b"SECRET"))
    assert b"SECRET" not in found.content
    assert found.content == cleaned(with_it(adobe)).content
