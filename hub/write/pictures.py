"""Pictures that are sent with a record: known by their content, whatever they are called."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import Any, Final

from hub.domain.vocabulary import PictureFormat
from hub.errors import BadArgument
from hub.write import checks
from hub.write.work import Work

BEGINNINGS: Final = {
    PictureFormat.JPEG: (b"\xff\xd8\xff", b""),
    PictureFormat.PNG: (b"\x89PNG\r\n\x1a\n", b""),
    PictureFormat.WEBP: (b"RIFF", b"WEBP"),
}
"""What a file of the format begins with, and what stands behind its next four bytes."""


def pictures(work: Work, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of pictures, sealed; BadArgument for too many, too large, or none of the formats."""
    if len(given) > work.limits.visit_photos:
        raise BadArgument(
            f"Expected at most {work.limits.visit_photos} pictures.",
            zh=f"图片最多 {work.limits.visit_photos} 张",
        )
    return [_row(work, each) for each in given]


def _row(work: Work, given: dict[str, Any]) -> dict[str, Any]:
    try:
        content = b64decode(given["content"], validate=True)
    except (binascii.Error, ValueError):
        raise BadArgument("Expected a picture in Base64.", zh="图片应为 Base64 编码") from None
    most = work.limits.visit_photo_bytes
    if len(content) > most:
        raise BadArgument(f"Expected a picture of at most {most} bytes.", zh=f"图片不得超过 {most} 字节")
    taken, caption = given.get("taken_at"), given.get("caption")
    return {
        "kind": format_of(content),
        "byte_count": len(content),
        "content": work.vault.seal(b64encode(content).decode()),
        "digest": work.vault.blind(b64encode(content).decode()),
        "taken_at": None if taken is None else checks.moment(work, "takenAt", taken, "拍摄时间"),
        "caption": checks.text("caption", caption, "图片说明"),
    }


def format_of(content: bytes) -> str:
    """BadArgument for anything but a picture."""
    for kind, (begins, behind) in BEGINNINGS.items():
        if content.startswith(begins) and (not behind or content[8 : 8 + len(behind)] == behind):
            return kind.value
    raise BadArgument("Expected a picture: JPEG, PNG or WebP.", zh="图片应为 JPEG、PNG 或 WebP 格式")
