"""``hub client webhook``, ``hub doctor`` and the metrics, over a real database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import main
from hub.doctor import _webhooks
from hub.errors import HubError
from tests.delivery.test_webhooks import people
from tests.support.delivery import DOCUMENTS, Endpoint
from tests.support.postgres import FIELD_KEY, server
from tests.support.serving import Served
from tests.support.streaming import commit

URL = "https://portal.example/hub"


async def command(hub: Served, *words: str) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(hub.world.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_DATA_DIR": str((await server()).directory / "commands"),
    }
    runner, given = CliRunner(), ["client", "webhook", *words]
    return await asyncio.to_thread(runner.invoke, main, given, env=environment)


async def said(hub: Served, *words: str) -> str:
    found = await command(hub, *words)
    assert found.exit_code == 0, found.output
    return found.stdout  # what is logged meanwhile is none of it


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "changes.graphql"
    file.write_text(DOCUMENTS["thin"])
    return file


async def test_the_life_of_a_webhook(hub: Served, endpoint: Endpoint, document: Path) -> None:
    given = ["--url", URL, "--document", str(document)]
    secret = (await said(hub, "add", "bureau", "one", *given)).split()[-1]
    assert secret.startswith("whsec_")
    [sealed] = await endpoint.database.owner.fetch("select secret, document, variables from webhook")
    assert all(b"whsec" not in value and b"beneficiary" not in value for value in sealed.values())
    noted = await endpoint.database.owner.fetch("select * from access_entry order by 1 desc limit 5")
    assert secret not in str([dict(row) for row in noted])
    line = await said(hub, "list", "bureau")
    assert ("bureau  one  ACTIVE" in line, "thin" in line, URL in line) == (True, True, True)
    assert (await said(hub, "rotate", "bureau", "one")).strip() != secret
    await said(hub, "pause", "bureau", "one")
    assert "STOPPED (PAUSED)" in await said(hub, "list")
    await said(hub, "resume", "bureau", "one")
    await said(hub, "remove", "bureau", "one")
    assert await said(hub, "list") == ""
    assert await endpoint.database.owner.fetchval("select count(*) from webhook_place") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "http://portal.example/hub"}, "https"),
        ({"url": "https://10.0.0.1/"}, "HUB_WEBHOOK_NETWORKS"),
        ({"text": DOCUMENTS["full"]}, "--full"),
        (
            {"text": "subscription { ...F } fragment F on Subscription { beneficiaryChanges { id } }"},
            "--full",
        ),
        ({"text": "{ viewer { role } }"}, "one subscription"),
        ({"text": "subscription { nothing { id } }"}, "may not subscribe"),
        ({"text": "subscription {"}, "not GraphQL"),
        ({"variables": "[]"}, "JSON object"),
        ({"max": "1000"}, "200 events"),
        ({"client": "nobody"}, "no client of this id"),
    ],
)
async def test_what_is_not_taken(
    hub: Served, endpoint: Endpoint, document: Path, change: dict[str, Any], reason: str
) -> None:
    await asyncio.to_thread(document.write_text, change.get("text", DOCUMENTS["thin"]))
    found = await command(
        hub, "add", change.get("client", "bureau"), "one", "--url", change.get("url", URL),
        "--document", str(document), "--variables", change.get("variables", "{}"),
        "--max-events", change.get("max", "100"),
    )  # fmt: skip
    assert (found.exit_code, reason in found.output + str(found.exception)) == (1, True), found.output
    assert await endpoint.database.owner.fetchval("select count(*) from webhook") == 0


@pytest.mark.parametrize("words", [("pause",), ("resume",), ("remove",), ("rotate",), ("replay",)])
async def test_there_is_none_of_this_name(hub: Served, words: tuple[str, ...]) -> None:
    assert (await command(hub, *words, "bureau", "none")).exit_code == 1


async def test_what_fails_is_told_to_who_runs_the_hub(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add(url="http://127.0.0.1:9/")
    assert await _webhooks(endpoint.database) == "1, all told"
    await commit(endpoint.database, beneficiary=await people(hub, count=1))
    await endpoint.place(reason="NO_ANSWER", lease=None)
    with pytest.raises(HubError, match=r"bureau one \(NO_ANSWER\)"):
        await _webhooks(endpoint.database)
    told = (await hub.http.get("/metrics", headers=hub.bearer("operator"))).text
    assert 'hub_webhook_messages_total{client="bureau",outcome="NO_ANSWER"} 1.0' in told
    [lag] = [line for line in told.splitlines() if line.startswith("hub_webhook_lag_seconds{")]
    assert float(lag.split()[-1]) > 0
    assert 'hub_webhook_letters{client="bureau"} 0.0' in told
