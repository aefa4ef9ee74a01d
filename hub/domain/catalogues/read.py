"""Reads the catalogues from their files, once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Final

from hub.domain.catalogues.model import Catalogue, Item
from hub.domain.norms import DOCUMENTS, RULES
from hub.domain.vocabulary import ServiceField

_HERE: Final = resources.files("hub.domain.catalogues") / "data"


def counterparts(of: Catalogue, item: Item) -> Sequence[tuple[Catalogue, Item]]:
    """Domains of all other catalogues that are like an item."""
    return [
        (catalogue, domain)
        for catalogue in CATALOGUES
        if catalogue is not of
        for domain in catalogue.items
        if item.is_like(domain)
    ]


def _catalogues() -> Iterator[Catalogue]:
    for document in DOCUMENTS:
        told = tomllib.loads((_HERE / f"{document}.toml").read_text("utf-8"))
        yield from (_catalogue(each) for each in told["catalogue"])


def _catalogue(told: Mapping[str, Any]) -> Catalogue:
    prefix = told.get("prefix", f"{told['code']}-")
    document = DOCUMENTS[told["document"]]
    return Catalogue(
        code=told["code"],
        version=told["version"],
        rule=next(r for r in RULES if (r.key, r.document.code) == (told["rule"], document.code)),
        title=told["title"],
        title_en=told["title_en"],
        items=_items(told["items"], prefix, ()),
        effective_from=told.get("effective_from", document.effective_from),
        effective_to=told.get("effective_to", document.effective_to),
        follows=told.get("follows"),
    )


def _items(told: Sequence[Mapping[str, Any]], prefix: str, above: Sequence[str]) -> tuple[Item, ...]:
    """Numbered from 1 if not by the file; without fields an item has its domain's, a domain its items'."""
    return tuple(_item(each, each.get("number", f"{prefix}{n}"), above) for n, each in enumerate(told, 1))


def _item(told: Mapping[str, Any], number: str, above: Sequence[str]) -> Item:
    own = told.get("fields", above)
    items = _items(told.get("items", ()), f"{number}.", own)
    below = dict.fromkeys(field for item in items for field in item.fields)
    fields = tuple(map(ServiceField, own)) or tuple(below)
    return Item(
        number=number,
        name=told["name"],
        name_en=told["en"],
        is_other=told.get("other", False),
        fields=fields,
        covered=frozenset(fields).union(*(item.covered for item in items)),
        items=items,
    )


CATALOGUES: Final[Sequence[Catalogue]] = tuple(_catalogues())
