"""The whole exercise, in the order its rows are written."""

from __future__ import annotations

from functools import cache

from hub.domain.division import STATION_KINDS, is_township, kind_of, names_above_villages
from hub.exercise import guangxi, jinjiang, ningxia, people, qixing, xiamen
from hub.exercise.scene import Scene


@cache
def script() -> Scene:
    scene = Scene()
    guangxi.write(scene)
    qixing.write(scene)
    people.write(scene)
    jinjiang.write(scene)
    xiamen.write(scene, townships("350205"))
    ningxia.write(scene, townships("640105"))
    return scene


def townships(county: str) -> dict[str, str]:
    """Names of those that are to have a station."""
    return {
        code: name
        for code, name in names_above_villages().items()
        if code.startswith(county) and is_township(code) and kind_of(code, name) in STATION_KINDS
    }
