"""Prometheus metrics: counts and times by route, age of every source; nothing about a person."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import asyncpg
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import Unavailable
from hub.store.database import Database
from hub.tables.ledger import OWN

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One process's metrics."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hub_requests_total", "Answered requests", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "hub_request_seconds",
            "Time to answer",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
            registry=self.registry,
        )
        self.cost = Histogram(
            "hub_request_cost",
            "Units a GraphQL request took",
            ["role"],
            buckets=(10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000),
            registry=self.registry,
        )
        self.streams = Gauge(
            "hub_streams", "Event streams and sockets that are open", ["transport"], registry=self.registry
        )
        self.webhooks = Counter(
            "hub_webhook_messages_total",
            "Messages to webhooks, by what became of them",
            ["client", "outcome"],
            registry=self.registry,
        )
        self.webhook_lag = Gauge(
            "hub_webhook_lag_seconds",
            "Time up to which the client's slowest webhook has not been told, where it fails or is stopped",
            ["client"],
            registry=self.registry,
        )
        self.webhook_letters = Gauge(
            "hub_webhook_letters", "Messages to webhooks that were given up and not sent again", ["client"],
            registry=self.registry,
        )  # fmt: skip
        self.source_age = Gauge(
            "hub_source_age_seconds",
            "Time since the last successful run of a source",
            ["source"],
            registry=self.registry,
        )
        self.database_up = Gauge(
            "hub_database_up", "1 when the database answered this reading, else 0", registry=self.registry
        )
        self.quarantined = Gauge(
            "hub_quarantined_rows", "Refused rows not yet resolved", ["source"], registry=self.registry
        )
        self.questions = Gauge(
            "hub_questions_today", "Persons asked about today, and numbers of nobody among them",
            ["client", "of"], registry=self.registry,
        )  # fmt: skip
        self.barred = Gauge(
            "hub_clients_barred", "Clients that may ask about nobody until somebody decides",
            registry=self.registry,
        )  # fmt: skip
        self.emergencies = Gauge(
            "hub_emergency_accesses", "Emergency accesses that are open, and not reviewed", ["state"],
            registry=self.registry,
        )  # fmt: skip

    def observe(self, route: str, status: int, seconds: float | None) -> None:
        """``seconds``: None for what is open as long as its client likes."""
        count, times = self._of(route, status)
        count.inc()
        if seconds is not None:
            times.observe(seconds)

    @lru_cache(256)  # noqa: B019 — as many as there are, and the metrics live as long as the process
    def _of(self, route: str, status: int) -> tuple[Counter, Histogram]:
        """Looked up once, since finding a metric by its labels takes longer than counting."""
        return self.requests.labels(route, str(status)), self.seconds.labels(route)

    def spent(self, role: str, cost: int) -> None:
        self._cost_of(role).observe(cost)

    @lru_cache(16)  # noqa: B019 — as above
    def _cost_of(self, role: str) -> Histogram:
        return self.cost.labels(role)


def metrics_routes(metrics: Metrics, database: Database) -> list[Route]:
    async def endpoint(_: Request) -> Response:
        await _read_sources(metrics, database)
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE})

    return [Route("/metrics", endpoint, methods=["GET"])]


SOURCES = """
select s.code, s.last_success_at,
       (select count(*) from quarantined_row q where q.source_id = s.id and q.resolved_at is null) as refused
  from source s where s.connector <> $1
"""
"""Of those that are read; the hub itself is one that is not."""
EMERGENCIES = """
select count(*) filter (where closed_at is null and ends_at > now()), count(*) filter (where verdict is null)
  from emergency_access
"""
QUESTIONS = """
select client_id, sum(questions)::float8, sum(unknown)::float8 from question_day
 where day = (now() at time zone 'Asia/Shanghai')::date group by 1
"""
BARRED = "select count(*) from oauth_client where questions_barred_at is not null"
WEBHOOKS = """
select w.client_id, max(extract(epoch from now() - p.told_at)) filter (
        where p.failure_count > 0 or p.stopped_at is not null or p.reason is not null) as lag,
    (select count(*) from webhook_letter l join webhook o on o.id = l.webhook_id
        where o.client_id = w.client_id and l.settled_at is null) as letters
  from webhook w join webhook_place p on p.webhook_id = w.id group by 1
"""


async def _read_sources(metrics: Metrics, database: Database) -> None:
    metrics.source_age.clear()
    metrics.quarantined.clear()
    metrics.webhook_lag.clear()
    metrics.webhook_letters.clear()
    metrics.questions.clear()
    try:
        rows = await database.fetch(SOURCES, OWN)
        [(opened, unreviewed)] = await database.fetch(EMERGENCIES)
        webhooks = await database.fetch(WEBHOOKS)
        questions = await database.fetch(QUESTIONS)
        [(barred,)] = await database.fetch(BARRED)
    except (Unavailable, asyncpg.PostgresError):
        metrics.database_up.set(0)
        return
    metrics.database_up.set(1)
    metrics.emergencies.labels("open").set(opened)
    metrics.emergencies.labels("unreviewed").set(unreviewed)
    metrics.barred.set(barred)
    for client, asked, unknown in questions:
        metrics.questions.labels(client, "anybody").set(asked)
        metrics.questions.labels(client, "nobody").set(unknown)
    for client, lag, letters in webhooks:
        metrics.webhook_lag.labels(client).set(lag or 0)
        metrics.webhook_letters.labels(client).set(letters)
    now = dt.datetime.now(dt.UTC)
    for code, at, refused in rows:
        metrics.quarantined.labels(code).set(refused)
        if at is not None:
            metrics.source_age.labels(code).set((now - at).total_seconds())
