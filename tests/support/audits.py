"""The audits of the npm package ``graphql-http`` that ask for what the newest draft does not.

The package audits an older draft. The clauses are of "Status Codes" in the draft of 6 August 2026,
https://github.com/graphql/graphql-over-http, and printed in ``docs/graphql-over-http.md``.
"""

from __future__ import annotations

from typing import Final

MALFORMED: Final = (
    "If the request is not a well-formed GraphQL-over-HTTP request, status code 422 SHOULD be used."
)
UNREADABLE: Final = "If the GraphQL document in the request cannot be parsed, status code 400 SHOULD be used."
UNFIT: Final = (
    "If the variable values cannot be coerced to match the operation's variable definitions, "
    "status code 422 SHOULD be used."
)

CONTRADICTED: Final[dict[str, str]] = {
    "423L": MALFORMED,
    **{f"LKJ{i}": MALFORMED for i in range(4)},
    **{f"6C0{i}": MALFORMED for i in range(4)},
    **{f"476{i}": MALFORMED for i in range(4)},
    **{f"58B{i}": MALFORMED for i in range(4)},
    "3E3A": MALFORMED,
    "572B": UNREADABLE,
    "FDE2": UNREADABLE,  # meant to fail validation, but its field begins with a digit
    "7B9B": UNFIT,
    "86EE": UNFIT,
}
"""Audit → the clause that forbids what it asks for."""
