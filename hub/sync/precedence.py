"""Which of two statements of one source under one record key stands.

Which source wins for a field is told by ``hub.store.winners``.
"""

from __future__ import annotations


def supersedes(new: str, held: str, differs: str, whole: bool) -> str:
    """Whether the statement ``new`` takes the place of ``held``, which has the same record key.

    Of a ``whole`` source only what it says in this run is compared (``restated`` holds the rows skipped
    in this run, and rows that were not are compared before): lists that name their day before others,
    the newer date, the greater row hash; any rule will do in the end that is none of chance. What the
    source no longer says yields, whatever its date: an older file that is put back is the truth again.

    Of a source that sends only news the newer date wins; under the same date a correction wins over
    what is not said again. ``differs`` is for the same row read again: a reference of it may have been
    found since.
    """
    if whole:
        return (
            f"(({new}.row_hash, {new}.observed_at) is distinct from ({held}.content_hash, {held}.observed_at)"
            f" or {differs}) and not exists (select from restated x where x.row_hash = {held}.content_hash"
            f" and (x.dated, x.observed_at, x.row_hash) >= ({new}.dated, {new}.observed_at, {new}.row_hash))"
        )
    return (
        f"({new}.observed_at > {held}.observed_at or {new}.observed_at = {held}.observed_at and ("
        f"{new}.row_hash > {held}.content_hash"
        f" or {new}.row_hash = {held}.content_hash and {differs}"
        f" or {new}.row_hash < {held}.content_hash"
        f" and not exists (select from restated x where x.row_hash = {held}.content_hash)))"
    )
