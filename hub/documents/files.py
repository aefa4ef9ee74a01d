"""Documents as developers have them: files of GraphQL, and the manifests their build tools write.

==================== ======================================================= ===========================
file                 holds                                                   name of a document
==================== ======================================================= ===========================
``*.graphql, *.gql`` one operation and its fragments                         the file's, without its end
``*.json``           ``{id: text}``: graphql-codegen, Relay                  the operation's
``*.json``           ``{"format": "apollo-persisted-query-manifest", …}``    the operation's
==================== ======================================================= ===========================
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from graphql import GraphQLError, OperationDefinitionNode, parse

from hub.access.documents import ALIAS, HASH, SHA256
from hub.errors import BadArgument
from hub.read.operation import MAX_SOURCE, MAX_TOKENS

ENDS: Final = (".graphql", ".gql")
APOLLO: Final = "apollo-persisted-query-manifest"


@dataclass(frozen=True, slots=True)
class Offered:
    """``where``: file, for messages. ``alias``: an id that is not the text's SHA-256."""

    where: str
    name: str
    source: str
    alias: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()


def read_files(paths: Iterable[Path]) -> list[Offered]:
    """All of them, folders with what is below them; BadArgument for what holds no documents."""
    return [offered for path in paths for file in _files(path) for offered in _read(file)]


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.rglob("*") if file.suffix in ENDS and file.is_file())
    if not found:
        raise BadArgument(f"{path}: expected files that end with {' or '.join(ENDS)}.")
    yield from found


def _read(file: Path) -> Iterator[Offered]:
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadArgument(f"{file}: expected a file of UTF-8 text ({type(error).__name__}).") from None
    if file.suffix == ".json":
        yield from _manifest(file, text)
    elif file.suffix in ENDS:
        yield Offered(str(file), file.stem, text)
    else:
        raise BadArgument(f"{file}: expected a name that ends with {', '.join((*ENDS, '.json'))}.")


def _manifest(file: Path, text: str) -> Iterator[Offered]:
    for number, (id_, source) in enumerate(_entries(file, text), 1):
        where = f"{file}, entry {number}"
        if not isinstance(id_, str) or not isinstance(source, str):
            raise BadArgument(f"{where}: expected a text under a text.")
        offered = Offered(where, _operation_name(where, source), source)
        if id_.removeprefix(SHA256) == offered.sha256:
            yield offered
        elif not ALIAS.fullmatch(id_) or HASH.fullmatch(id_):
            raise BadArgument(f"{where}: its id is neither the SHA-256 of its text nor one of another kind.")
        else:
            yield Offered(where, offered.name, source, id_)


def _entries(file: Path, text: str) -> list[tuple[Any, Any]]:
    """Ids and texts."""
    try:
        held = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadArgument(f"{file}: expected JSON.") from None
    if isinstance(held, dict) and held.get("format") == APOLLO:
        operations = held.get("operations")
        if isinstance(operations, list) and all(isinstance(one, dict) for one in operations):
            return [(one.get("id"), one.get("body")) for one in operations]
    elif isinstance(held, dict):
        return list(held.items())
    raise BadArgument(f"{file}: expected an object of texts by their ids, or a manifest of Apollo.")


def _operation_name(where: str, source: str) -> str:
    try:
        document = parse(source[: MAX_SOURCE + 1], max_tokens=MAX_TOKENS)
    except GraphQLError:
        raise BadArgument(f"{where}: expected a GraphQL document within the hub's limits.") from None
    names = [d.name for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(names) != 1 or names[0] is None:
        raise BadArgument(f"{where}: expected one operation, with a name.")
    return names[0].value
