"""Every person of a caseload, page by page, with types for what goes out and what comes back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from portal import Client
from portal.exceptions import GraphQLClientGraphQLMultiError
from portal.fragments import Case


def caseload(client: Client, size: int = 20, after: str | None = None) -> Iterator[Case]:
    while True:
        page = client.caseload(first=size, after=after).beneficiaries
        yield from (edge.node for edge in page.edges)
        if not page.page_info.has_next_page:
            return
        after = page.page_info.end_cursor


def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['ACCESS_TOKEN']}"}
    with Client(url=os.environ["GRAPHQL_URL"], headers=headers) as client:
        print(json.dumps({"people": len({person.id for person in caseload(client)})}))
        try:
            next(caseload(client, after="no cursor"))
        except GraphQLClientGraphQLMultiError as error:
            print(json.dumps({"refused": (error.errors[0].extensions or {})["code"]}))


if __name__ == "__main__":
    main()
