"""``publiccode.yml`` is what version 0.7 of the standard asks for, and at one with the project."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

MANDATORY: Final = (
    "publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description",
    "legal", "maintenance", "localisation",
)  # fmt: skip
OPTIONAL: Final = (
    "applicationSuite", "landingURL", "isBasedOn", "softwareVersion", "releaseDate", "logo", "categories",
    "usedBy", "fundedBy", "roadmap", "organisation", "intendedAudience", "dependsOn", "supports",
)  # fmt: skip
STATUSES: Final = ("concept", "development", "beta", "stable", "obsolete")
TYPES: Final = (
    "standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
    "standalone/other", "addon", "library", "configurationFiles",
)  # fmt: skip


def test_it_has_the_keys_of_the_standard_and_no_others() -> None:
    assert set(MANDATORY) <= FILE.keys()
    assert FILE.keys() <= {*MANDATORY, *OPTIONAL}
    assert FILE["publiccodeYmlVersion"] == "0.7"


def test_coded_values_are_those_of_the_standard() -> None:
    assert FILE["developmentStatus"] in STATUSES
    assert FILE["softwareType"] in TYPES
    assert {"web", "linux"} == set(FILE["platforms"])
    assert FILE["maintenance"]["type"] in ("internal", "contract", "community", "none")
    assert all(contact["name"] for contact in FILE["maintenance"]["contacts"])
    assert urlsplit(FILE["url"]).scheme == "https"
    assert urlsplit(FILE["organisation"]["uri"]).scheme
    assert FILE["localisation"] == {"localisationReady": True, "availableLanguages": ["zh", "en"]}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_description_is_as_long_as_it_may_be(language: str) -> None:
    text = FILE["description"][language]
    assert len(text["shortDescription"]) <= 150
    assert 150 <= len(text["longDescription"]) <= 10_000
    assert 5 <= len(text["features"]) <= 20
    for picture in text["screenshots"]:
        assert Path(picture).suffix in (".png", ".jpg")
        assert not Path(picture).is_absolute()


def test_it_says_what_the_project_says() -> None:
    assert FILE["softwareVersion"] == PROJECT["version"]
    assert FILE["legal"]["license"] == PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    needed = {part["name"]: part for part in FILE["dependsOn"]["open"]}
    assert PROJECT["requires-python"] == f">={needed['Python']['versionMin']}"
