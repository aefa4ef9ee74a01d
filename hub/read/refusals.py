"""What refuses a request as a whole: as an answer, and for what is watched in the access log before that.

A mutation that is refused while it is done writes its own entry (``hub.write.refused``). Here is what comes
before: a text that is no valid request, a right, a purpose or a budget that it has not. Nobody's data is in
such an entry, whatever the text held: who asked, what for, and the code of the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from hub.access.viewer import Viewer
from hub.audit.shape import shape
from hub.errors import BadArgument, BadUserInput, HubError, Language, Unavailable
from hub.read.answers import Answer, refused
from hub.read.audit import Audit
from hub.read.operation import Invalid, Operation
from hub.read.plan import Key, key_of
from hub.read.selector import Selector

E = TypeVar("E", bound=Exception)

REFUSALS: Final = (Invalid, HubError, GraphQLError)
"""The last is Strawberry's own check of one-of inputs."""

_WATCHED: Final[dict[str, str]] = {}


def watch(mutation: str, table: str) -> None:
    """Every attempt of it is written down; ``table`` is what it is about. Said by whoever makes the mutation,
    and not by a schema: who tries one may have no right to it."""
    _WATCHED[mutation] = table


def watched() -> Mapping[str, str]:
    """All of them, which are known before anything is asked."""
    if not _WATCHED:
        raise RuntimeError("No mutation is watched: what makes them was not loaded.")
    return _WATCHED


def refusal(error: Exception, language: Language) -> Answer:
    """One of ``REFUSALS`` as an answer."""
    if isinstance(error, Invalid):
        return refused(error.errors, language, error.kind)
    return refused([error], language, None if isinstance(error, HubError) else BadUserInput)


async def attempted(audit: Audit, viewer: Viewer, digest: bytes, text: str, error: E) -> E | Unavailable:
    """What is told of a refusal: ``error``, when it is written down, or that it cannot be.

    ``digest``: of the document. ``text``: that, or as much of it as is refused. It may be none that can be
    read, so an attempt is what has the name of a watched mutation in it.
    """
    if isinstance(error, Unavailable):
        return error  # nothing was decided
    try:
        for name, table in watched().items():
            if name in text:
                made = shape("", None, (), (f"Mutation.{name}",), refused=_code(error))
                await audit.written(viewer, digest, made, (table,), "")
    except Unavailable as failed:
        return failed
    return error


async def write_faults(
    audit: Audit,
    viewer: Viewer,
    operation: Operation,
    variables: VariableValues,
    faults: Mapping[Key, Exception],
) -> None:
    """Attempts whose arguments are wrong, which is told as an error of the field; Unavailable."""
    selector = Selector(operation.fragments, variables, operation.schema)
    for nodes in selector.collect([operation.node.selection_set], operation.root).values():
        fault = faults.get(key_of(nodes))
        if fault is not None:
            error = fault if isinstance(fault, HubError) else BadArgument()
            told = await attempted(audit, viewer, operation.digest, nodes[0].name.value, error)
            if told is not error:
                raise told


def _code(error: Exception) -> str:
    if isinstance(error, Invalid):
        return error.kind.code
    return error.code if isinstance(error, HubError) else BadUserInput.code
