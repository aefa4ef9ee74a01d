"""Apollo Client and urql, unmodified, ask by hashes. Needs Node and npm."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.npm import run
from tests.support.process import hub_serve

QUERY = "query Who { viewer { role __typename } }"

Requests = dict[str, list[list[list[object]]]]


async def requests(clients: Path, **settings: str) -> Requests:
    """Of each client, for the first time it asks and the second: method, was the text sent, status."""
    async with hub_serve(**settings) as hub:
        given = {"GRAPHQL_URL": hub.url, "ACCESS_TOKEN": hub.token, "QUERY": QUERY}
        printed = await run(clients, "node", "persisted.mjs", **given)
    said = [json.loads(line) for line in printed.splitlines()]
    assert all(line["data"] == {"viewer": {"__typename": "Viewer", "role": "bureau"}} for line in said)
    return {
        name: [line["requests"] for line in said if line["client"] == name] for name in ("apollo", "urql")
    }


async def test_a_text_is_sent_once_where_the_hub_remembers_it(clients: Path) -> None:
    """The second client finds what the first one sent: they are one client of the hub."""
    found = await requests(clients, HUB_AUTOMATIC_DOCUMENTS="true")
    assert found["apollo"] == [[["GET", False, 422], ["POST", True, 200]], [["GET", False, 200]]]
    assert found["urql"] == [[["GET", False, 200]], [["GET", False, 200]]]


async def test_hashes_are_given_up_where_it_does_not(clients: Path) -> None:
    found = await requests(clients)
    for asked in found.values():
        assert asked[0][0] == ["GET", False, 422]
        assert asked[0][1][1:] == [True, 200]
        assert [one[1:] for one in asked[1]] == [[True, 200]]
