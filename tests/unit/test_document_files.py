"""Documents in files: folders of GraphQL, and the manifests of build tools."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hub.documents.files import APOLLO, Offered, read_files
from hub.errors import BadArgument

ONE, TWO = "query One { a }", "query Two { b }\nfragment F on T { c }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def named(found: list[Offered]) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.source, one.alias) for one in found]


def test_a_file_is_named_after_itself_and_a_folder_is_all_below_it(tmp_path: Path) -> None:
    text = "\ufeffquery {\r\n a }\n"
    write(tmp_path / "b/list-two.gql", TWO.encode())
    write(tmp_path / "a/list-one.graphql", text.encode())
    write(tmp_path / "a/notes.txt", b"no document")
    assert named(read_files([tmp_path])) == [("list-one", text, None), ("list-two", TWO, None)]
    assert named(read_files([tmp_path / "b/list-two.gql"])) == [("list-two", TWO, None)]
    assert read_files([tmp_path / "a"])[0].sha256 == sha256(text)


def test_manifests_of_three_tools_are_read(tmp_path: Path) -> None:
    codegen = write(tmp_path / "persisted-documents.json", {sha256(ONE): ONE, f"sha256:{sha256(TWO)}": TWO})
    assert named(read_files([codegen])) == [("One", ONE, None), ("Two", TWO, None)]
    relay = write(tmp_path / "queryMap.json", {"0cc175b9c0f1b6a831c399e269772661": ONE})
    assert named(read_files([relay])) == [("One", ONE, "0cc175b9c0f1b6a831c399e269772661")]
    operations = [{"id": sha256(ONE), "name": "One", "type": "query", "body": ONE}]
    apollo = write(tmp_path / "manifest.json", {"format": APOLLO, "version": 1, "operations": operations})
    assert named(read_files([apollo])) == [("One", ONE, None)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"query { a }", "ends with .graphql, .gql, .json"),
        ("a.graphql", b"\xff\xfe", "UTF-8"),
        ("a.json", b"{", "expected JSON"),
        ("a.json", [ONE], "expected an object"),
        ("a.json", "x", "expected an object"),
        ("a.json", {"a": 1}, "entry 1: expected a text"),
        ("a.json", {"a": None}, "entry 1: expected a text"),
        ("a.json", {sha256(TWO): ONE}, "neither the SHA-256 of its text"),
        ("a.json", {"a b": ONE}, "neither the SHA-256"),
        ("a.json", {"": ONE}, "neither the SHA-256"),
        ("a.json", {"a": "query {"}, "expected a GraphQL document"),
        ("a.json", {"a": "query A {" + " a" * 100_000}, "expected a GraphQL document"),
        ("a.json", {"a": "{ a }"}, "one operation, with a name"),
        ("a.json", {"a": f"{ONE} {TWO}"}, "one operation, with a name"),
        ("a.json", {"a": "fragment F on T { c }"}, "one operation, with a name"),
        ("a.json", {"format": APOLLO}, "a manifest of Apollo"),
        ("a.json", {"format": APOLLO, "operations": [1]}, "a manifest of Apollo"),
        ("a.json", {"format": APOLLO, "operations": [{"id": "x"}]}, "expected a text"),
        ("folder/readme.md", b"x", "expected files that end with"),
    ],
)
def test_what_holds_no_documents_is_told_with_its_name(
    tmp_path: Path, name: str, content: Any, expected: str
) -> None:
    file = write(tmp_path / name, content)
    with pytest.raises(BadArgument, match=expected) as caught:
        read_files([file if file.parent == tmp_path else file.parent])
    assert str(tmp_path) in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match="FileNotFoundError"):
        read_files([tmp_path / "none.graphql"])
