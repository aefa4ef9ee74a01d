"""Pictures that are sent with a record: known by their content, kept without what tells of their making."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import Any

from hub.domain.pictures import NoPicture, cleaned
from hub.errors import BadArgument
from hub.write import checks
from hub.write.work import Work


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
    try:
        picture = cleaned(content)
    except NoPicture:
        raise BadArgument(
            "Expected a whole picture: JPEG, PNG or WebP.", zh="图片应为完整的 JPEG、PNG 或 WebP 文件"
        ) from None
    taken, caption = given.get("taken_at"), given.get("caption")
    told = b64encode(picture.content).decode()
    return {
        "kind": picture.kind.value,
        "byte_count": len(picture.content),
        "content": work.vault.seal(told),
        "digest": work.vault.blind(told),
        "taken_at": None if taken is None else checks.moment(work, "takenAt", taken, "拍摄时间"),
        "caption": checks.text("caption", caption, "图片说明"),
    }
