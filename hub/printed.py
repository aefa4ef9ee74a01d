"""Pages and schemas that are printed from the code, committed, and checked by a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from graphql import build_schema, lexicographic_sort_schema, print_schema

import connectors  # noqa: F401 — their errors are on the page
import hub.app
import hub.store.activation
import hub.sync.withdrawal  # noqa: F401 — and those of runs
from graphql_schema.schema import audience, whole
from hub.access.reasons import AccessReason
from hub.access.rows import Slice
from hub.access.scopes import DEFAULT_SCOPES, FIELDS, RESOURCES, compact, describe
from hub.access.slices import COUNTED, DEMANDED, NUMBERED, ROLE_LABELS, SLICES
from hub.access.tallies import TALLIED
from hub.access.viewer import make_viewer
from hub.access.writable import WRITABLE
from hub.errors import HubError, all_errors
from hub.governance.changelog import plain
from hub.governance.federation import subgraph
from hub.released import changelog
from hub.settings import Settings
from hub.store.roles import OLDER, ROLE_OF, ROLES
from hub.tables import GROUPS, TALLIES, Group, metadata

ROOT: Final = Path(__file__).resolve().parent.parent


def sdl(role: str | None = None) -> str:
    """The schema of a role's default grant, for a purpose that opens everything, or the whole one."""
    if role is None:
        return whole().as_str() + "\n"
    viewer = make_viewer("print", role, frozenset(DEFAULT_SCOPES[role]), opened=frozenset(GROUPS))
    return print_schema(lexicographic_sort_schema(audience(viewer.capability))) + "\n"


def subgraph_sdl(role: str | None) -> str:
    return subgraph(build_schema(sdl(role)))


ACCESS_HEAD: Final = """# Who sees what

Printed from `hub/access/slices.py` and `hub/access/writable.py` by `hub access`. A right is always this
table ∩ the scopes of the token ∩ what the registry grants the client. A table that is not listed for a role
cannot be read by it.

Rows are SQL over `{t}`, the table, and the viewer's values: `{lo}` and `{hi}` bound the division codes
of its tree, `{lo6}` and `{hi6}` the county codes, `{county}` is its county, `{township}` the 9 digits of its
township, `{organisation}` its contractor, `{today}` the day in China. The same rows are shown by the policies
of PostgreSQL's row-level security; of a contractor's visits those of all its live contracts are, since a lock
on the assignment behind each would cost too much (ADR 7).

A person may be found by the whole identity number, `beneficiary(idNumber)`, only by: {numbered}, where
`identity` is granted too.

Where ◐ stands for ●, the group is there only in a request whose purpose opens it
([security.md](security.md#purposes)).

Who holds no `field:minor` reads as `{older}`: nobody under 14, to the day,
and nobody listed as a child whose rights were violated, at any age, is there, nor what is known of them.
`shown_from_on` says from which day a person is; who has no day of birth and is on a list of children is taken
for one. An agency is answered about anybody whose number it knows; its rough numbers leave them out.
Of duties to delete and their certificates, those about somebody who is shown are there, without the columns
that follow from all of their people.

A tally holds how many rows of a table there are of each kind. A role reads it by the slice and the policy
of that table, where these speak only of columns the tally has.
"""


REASONS_HEAD: Final = """## Reasons

What `viewer { access }`, `explainAccess` and `explainList` say of these rows and columns. Codes are stable.

| `AccessReason` | English | 中文 |
|---|---|---|"""


def access_page() -> str:
    return "\n".join(_access()) + "\n"


def _access() -> Iterator[str]:
    yield ACCESS_HEAD.replace("{numbered}", ", ".join(sorted(NUMBERED))).replace(
        "{older}", "`, `".join(OLDER.values())
    )
    for role in SLICES:
        yield from _heading(role)
        yield "| table | 中文 | " + " | ".join(GROUPS[:-1]) + " | rows |"
        yield "|---|---|" + "---|" * len(GROUPS)
        for table, slice_ in _slices(role):
            marks = " | ".join(_mark(ROLE_OF[role], slice_, group) for group in GROUPS[:-1])
            rows = f"`{slice_.rows}`" if slice_.rows else "all"
            if slice_.under:
                rows += f"; only for `{slice_.under}`, which {_use(slice_)}"
            if slice_.left_out:
                rows += f"; without `{'`, `'.join(sorted(slice_.left_out))}`"
            yield f"| {table} | {metadata.tables[table].info['zh']} | {marks} | {rows} |"
        yield ""
        if TALLIED[role]:
            yield f"Tallies: `{'`, `'.join(TALLIES[base].name for base in sorted(TALLIED[role]))}`.\n"
        if WRITABLE.get(role):
            yield from _written(role)
    yield from _scopes()
    yield REASONS_HEAD
    yield from (f"| `{reason.name}` | {reason.en} | {reason.zh} |" for reason in AccessReason)


def _heading(reader: str) -> Iterator[str]:
    zh, en = ROLE_LABELS[ROLE_OF[reader]]
    yield f"## {reader}: {zh}\n\n{en}.\n"
    if reader in OLDER.values():
        yield f"Without `field:minor`: as {ROLE_OF[reader]}, but for these, and without tallies.\n"


def _slices(reader: str) -> Iterator[tuple[str, Slice]]:
    """Its tables; of another of a role only those in which it differs."""
    for table in (SLICES, COUNTED):
        usual = {} if reader not in OLDER.values() else table.get(ROLE_OF[reader], {})
        yield from (item for item in table.get(reader, {}).items() if item not in usual.items())


def _written(role: str) -> Iterator[str]:
    yield "Written, by a mutation ([writing.md](writing.md)):\n"
    yield "| table | a row that is added | a row that is changed | then | columns |\n|---|---|---|---|---|"
    for table, own in WRITABLE[role].items():
        old = ("", "", "") if own.old is None else (f"`{own.old}`", f"`{own.then}`", ", ".join(own.columns))
        yield f"| {table} | {f'`{own.new}`' if own.new else ''} | {' | '.join(old)} |"
    yield ""


SCOPES_HEAD: Final = """## Scopes

A scope is a resource, a dot and letters in the order `c r u d s x`: make, read, change, take back, search,
decide. A resource is read only with both `r` and `s`, where it has both; `c`, `u`, `d` and `x` each give the
mutations that name them. A group of columns is `field:` and its name. Consent pages show these sentences.
"""


def _scopes() -> Iterator[str]:
    yield SCOPES_HEAD
    yield "| scope | English | 中文 |\n|---|---|---|"
    single = (f"{name}.{letter}" for name, (offered, _, _) in RESOURCES.items() for letter in offered)
    for scope in (*single, *(f"field:{group}" for group in FIELDS)):
        zh, en = describe(scope)
        yield f"| `{scope}` | {en} | {zh} |"
    yield "\nFor example, what a client of each role is granted unless its registration says otherwise:\n"
    for role, scopes in DEFAULT_SCOPES.items():
        yield f"- **{role}**: `{compact(scopes)}`"


def _mark(role: str, slice_: Slice, group: Group) -> str:
    if group not in slice_.groups:
        return ""
    return "◐" if group in DEMANDED.get(role, ()) else "●"


def _use(slice_: Slice) -> str:
    verb = "counts rows by" if slice_.under == "statistics" else "compares"
    return f"{verb} `{'`, `'.join(sorted(slice_.tested))}`"


ERRORS_HEAD: Final = """# Errors

Printed from `hub/errors.py` by `hub errors`. `extensions.code` is stable; sentences may change.

`message` is Chinese where `Accept-Language` likes `zh` better than `en`, by its weights, and English
otherwise; `extensions.messageZh` is always Chinese. Where graphql-core words an error (a document that does
not parse or fit, a variable of a wrong type) the Chinese sentence is that of the code, and
`extensions.detail` keeps the English one. No sentence repeats a value. `extensions.classification` is
`BAD_USER_INPUT` where the caller can mend the request, whatever the code.

HTTP is the status of a request that is refused. An error of a field has a `path`, and the answer the status
294, or 200 ([graphql-over-http.md](graphql-over-http.md)).
"""


def errors_page() -> str:
    lines = [
        ERRORS_HEAD,
        "| code | HTTP | English | 中文 |",
        "|---|---|---|---|",
    ]
    seen: dict[str, type[HubError]] = {}
    for error in all_errors():
        seen.setdefault(error.code, error)
    for code, error in seen.items():
        sentence = (error.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{code}` | {error.status} | {sentence} | {error.zh} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    lines = [
        "# Settings\n",
        "Printed from `hub/settings.py` by `hub settings`. All are environment variables.\n",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "–" if field.default in (None, ()) else f"`{field.default}`"
        lines.append(f"| `HUB_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def changes_page() -> str:
    return json.dumps(plain(changelog(sdl)), ensure_ascii=False, indent=1) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "graphql_schema/schema.graphql": sdl,
    **{f"graphql_schema/audience/{role}.graphql": (lambda role=role: sdl(role)) for role in ROLES},  # type: ignore[misc]
    "graphql_schema/changes.json": changes_page,
    "docs/access.md": access_page,
    "docs/errors.md": errors_page,
    "docs/settings.md": settings_page,
}


def write_all(root: Path = ROOT) -> list[str]:
    """Write every page that differs; their names."""
    changed = []
    for name, page in PAGES.items():
        path, text = root / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed
