"""Pictures as cameras make them: with the place, the camera's number, a small copy, and words of programs."""

from __future__ import annotations

import io
from typing import Any, Final

from PIL import Image, PngImagePlugin

WHERE: Final = (25.0, 16.0, 30.11)
SECRETS: Final = (b"SN-4599990001", "作者甲".encode(), b"GPSLatitude", b"xpacket")


def drawn(width: int = 24, height: int = 16) -> Image.Image:
    image = Image.new("RGB", (width, height))
    image.putdata(
        [(x * 9 % 256, y * 13 % 256, (x + y) * 5 % 256) for y in range(height) for x in range(width)]
    )
    return image


def exif(orientation: int = 1) -> Image.Exif:
    said = Image.Exif()
    said[0x0112], said[0x010F], said[0x013B] = orientation, "厂商", "作者甲"
    said[0xA431] = "SN-4599990001"
    said.get_ifd(0x8825).update({1: "N", 2: WHERE, 3: "E", 4: (110.0, 20.0, 3.0)})
    return said


def file_of(form: str, *, orientation: int = 1, told: bool = True, **options: Any) -> bytes:
    """``told``: with all that a camera and programs write into it."""
    made = io.BytesIO()
    image = drawn()
    if told:
        options["exif"] = exif(orientation)
        if form == "PNG":
            words = PngImagePlugin.PngInfo()
            words.add_text("Author", "作者甲")
            words.add_itxt("XML:com.adobe.xmp", "<x:xpacket GPSLatitude='25'/>")
            options["pnginfo"] = words
        else:
            options["xmp"] = b"<x:xpacket GPSLatitude='25'/>"
        if form == "JPEG":
            options["comment"] = "作者甲".encode()
    image.save(made, form, **options)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
