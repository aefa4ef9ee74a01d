"""The hub as an ASGI application: opens what it needs, wires the rooms together, closes again."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields

import structlog
from aiocache.base import BaseCache
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from graphql_schema.schema import EXECUTOR, audience
from hub import log
from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.dci.service import Service
from hub.delivery.service import Service as Webhooks
from hub.domain.dates import china_now
from hub.errors import Unauthenticated, Unavailable
from hub.jobs.asking import Reception
from hub.jobs.links import Links
from hub.jobs.making import Maker
from hub.jobs.parts import Parts
from hub.jobs.routes import Desk as JobDesk
from hub.jobs.routes import job_routes
from hub.jobs.store import Jobs
from hub.jobs.working import Work
from hub.oauth.bearer import Bearer
from hub.oauth.dpop import Given
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.nonces import Nonces
from hub.oauth.provider_sign_in import ProviderSignIn
from hub.oauth.sessions import Sessions
from hub.oauth.signing_in import SigningIn
from hub.oauth.token_endpoint import TokenEndpoint
from hub.offline.routes import Packages, package_routes
from hub.personas import explorer
from hub.read.run import Engine
from hub.read.stream import Streams
from hub.read.turns import Turns
from hub.sealing import sealer
from hub.settings import Settings
from hub.store.cache import open_cache
from hub.store.database import Database
from hub.store.keys import load_signing_keys, load_vault, watch_signing_keys
from hub.store.listener import Listener
from hub.store.migrate import revisions
from hub.store.rounds import Beside, lasting
from hub.sync.hooks import Hooks
from hub.watching.keeper import Keeper
from hub.web.direct import Direct
from hub.web.documents import documents_routes
from hub.web.graphql import GRAPHQL_PATH, graphql_routes
from hub.web.heads import ASKING, EMERGENCY, PURPOSE, VIEWER, heads
from hub.web.health import health_routes
from hub.web.hooks import hook_routes
from hub.web.limits import Budget, Rate
from hub.web.metrics import Metrics, metrics_routes
from hub.web.middleware import Observed
from hub.web.oauth import oauth_routes
from hub.web.papers import paper_routes
from hub.web.questions import Questions
from hub.web.receipts import Receipts, receipt_routes
from hub.web.streams import Desk
from hub.web.trusted import Automatic, Sources
from hub.web.users import user_routes
from hub.web.websocket import socket_routes


def create(
    settings: Settings | None = None,
    opened: Database | None = None,
    clock: Callable[[], dt.datetime] = china_now,
) -> Starlette:
    """The application of one process; it opens its database when the server starts it, or uses ``opened``.

    ``clock`` tells the day that rules go by.
    """
    settings = settings or Settings()
    metrics = Metrics()
    direct: dict[str, Route] = {}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        log.configure(settings)
        database = opened or await Database.open(settings)
        cache, listener = open_cache(settings), Listener(database)
        stop, behind = asyncio.Event(), list[asyncio.Task[None]]()
        try:
            await check(database)
            made, beside = routes(settings, database, cache, metrics, listener, clock)
            work = sealer(settings, database), *beside
            behind += [asyncio.create_task(lasting(each, stop, structlog.get_logger("hub"))) for each in work]
            app.router.routes.extend(made)
            direct.update((r.path, r) for r in made if isinstance(r, Route) and r.path == GRAPHQL_PATH)
            yield
        finally:
            stop.set()
            await asyncio.gather(*behind)
            await listener.stop()
            await cache.close()
            if opened is None:
                await database.close()

    app = Starlette(lifespan=lifespan)
    # Without Starlette's own layer around all: what it does for errors, ``Observed`` does.
    routed = ExceptionMiddleware(app.router)
    app.middleware_stack = Observed(Direct(routed, direct), metrics, log.request)
    # A redirect would send clients to whatever their Host header says.
    app.router.redirect_slashes = False
    return app


def limits_of(settings: Settings) -> Limits:
    return Limits(**{limit.name: getattr(settings, limit.name) for limit in fields(Limits)})


async def check(database: Database) -> None:
    """Unavailable when the database is not migrated to what this code expects."""
    current, newest = await revisions(database)
    if current != newest:
        raise Unavailable(
            f"The database is at revision {current}, expected {newest}: run `hub migrate`.",
            zh="数据库版本不符，请先运行 hub migrate",
        )


def routes(
    settings: Settings,
    database: Database,
    cache: BaseCache,
    metrics: Metrics,
    listener: Listener,
    clock: Callable[[], dt.datetime],
) -> tuple[list[BaseRoute], tuple[Beside, ...]]:
    """All addresses, and what goes on beside them."""
    issuer = Issuer.of(settings.base_url)
    again = watch_signing_keys(settings)  # before the first look, so that no change falls in between
    keys = SigningKeys(load_signing_keys(settings), again)
    vault, sessions = load_vault(settings), Sessions(database)
    nonces = Nonces(vault.derive("dpop nonce"))
    bearer = Bearer(database, issuer, keys, nonces)
    limits = limits_of(settings)
    rate = Rate(cache, limits.requests_per_minute, limits.questions_per_minute)
    questions = Questions(database, rate, limits, settings.questions_alike, clock)
    engine = Engine(
        database,
        vault,
        audience,
        EXECUTOR,
        settings.smallest_count,
        clock,
        count_questions=questions.count,
        turns=Turns(max(1, settings.pool_size // 2)),
        limits=limits,
        counter=Budget(cache),
        change_days=settings.change_days,
    )

    streams = Streams(engine, listener, settings.change_days)
    desk = Desk(streams, bearer, rate, metrics, settings.streams, settings.streams_per_client)

    async def authenticate(request: Request) -> Viewer:
        given = heads(request.scope)
        authorization = given.get("authorization")
        try:
            if "dpop" in given:
                request.scope.setdefault("state", {})["dpop_nonce"] = nonces.now()
                shown = Given(given["dpop"], request.method, request.scope["path"])
                viewer = await bearer.proven(authorization, shown)
            else:
                viewer = await bearer.viewer(authorization)
        except Unauthenticated as error:
            error.challenge = bearer.challenge(error, authorization)
            raise
        request.scope.setdefault("state", {}).update(client_id=viewer.client_id, role=viewer.role)
        await rate.count(viewer.client_id, viewer.allowance.requests_per_minute)
        request.scope[VIEWER] = viewer
        viewer = viewer.asking_for(given.get(PURPOSE.lower()))
        viewer = await streams.emergencies.entered(viewer, given.get(EMERGENCY.lower()))
        request.scope[ASKING] = viewer
        return viewer

    sources = Sources(engine.trusted, Automatic(cache) if settings.automatic_documents else None)

    receipts = Receipts(database, engine.asker.audit, keys, issuer.url, settings.max_body_bytes)
    packages = Packages(engine, keys, issuer.url, settings.package_hours)
    work = work_of(settings, engine, rate, receipts)
    upload = settings.job_rows, settings.job_bytes, settings.max_body_bytes
    reception = Reception(work, sources, settings.jobs_per_client, *upload)
    dci = Service(engine, issuer, keys, settings.change_days, clock)

    async def home(_: Request) -> Response:
        return RedirectResponse("/explorer")

    made = [
        Route("/", home),
        *graphql_routes(
            engine, authenticate, settings.max_body_bytes, settings.cors_origins, sources, desk, receipts
        ),
        *socket_routes(engine, desk, sources, (issuer.url, *settings.cors_origins)),
        *documents_routes(
            engine, authenticate, issuer, settings.max_body_bytes, settings.cors_origins, receipts
        ),
        *paper_routes(engine, authenticate, settings.cors_origins, receipts),
        *receipt_routes(receipts),
        *oauth_routes(database, issuer, keys, settings.cors_origins, sessions=sessions, nonces=nonces),
        *user_routes(
            issuer,
            SigningIn(database, vault, sessions),
            ProviderSignIn(database, vault, issuer, keys),
        ),
        *explorer(settings, TokenEndpoint(database, issuer, keys), issuer),
        *dci.routes(authenticate, settings.max_body_bytes, receipts),
        *package_routes(packages, authenticate, sources, settings.max_body_bytes),
        *job_routes(JobDesk(work, reception, Links(vault, issuer.url), authenticate)),
        *hook_routes(Hooks(database, vault, clock), settings.max_body_bytes),
        *health_routes(database),
        *metrics_routes(metrics, database),
    ]
    keeper = Keeper(engine, listener, settings.change_days)
    return made, (dci, Webhooks(streams, settings, metrics), questions, keeper, work)


def work_of(settings: Settings, engine: Engine, rate: Rate, receipts: Receipts) -> Work:
    """What this process does for jobs."""
    jobs = Jobs(engine.database, secrets.token_hex(8), settings.job_hours)
    parts = Parts(engine.database, engine.vault)
    maker = Maker(jobs, parts, receipts)
    return Work(engine, rate, jobs, parts, maker, settings.job_rows, settings.job_bytes)
