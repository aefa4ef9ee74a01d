"""``/jobs``: started, looked at, deleted; and their files, in parts if need be (docs/jobs.md)."""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hub.access.viewer import Viewer
from hub.audit.shape import shape
from hub.domain.dates import CHINA, china_now
from hub.errors import BadDocument, Conflict, HubError, NotFound, UnknownPurpose
from hub.jobs.asking import Reception
from hub.jobs.formats import NDJSON, TYPES
from hub.jobs.links import SIGNATURE, UNTIL, Links
from hub.jobs.making import PATH
from hub.jobs.ranges import NoSuchRange, etag_of, is_held, span_of
from hub.jobs.store import Job
from hub.jobs.working import Work
from hub.oauth.acting import acting_for
from hub.read.refusals import REFUSALS
from hub.read.refusals import refusal as refused
from hub.web.accept import JSON, language
from hub.web.graphql import Authenticate
from hub.web.heads import heads
from hub.web.receipts import HEADER
from hub.web.refusals import EVERY_METHOD, refusal

LOOK_AGAIN: Final = 5
"""Seconds after which a client may look again at a job that nothing is known to hold up."""
SHAPE: Final = shape("", "job", (), ("Job.file",))
UNFINISHED: Final = frozenset({"WAITING", "RUNNING"})
Serve = Callable[[Request], Awaitable[Response]]


class WrongWay(BadDocument):
    """Expected another method for this address: see Allow."""

    status, zh = 405, "请求方法不适用于此地址"


class NotDone(Conflict):
    """The file is not there yet; of the rows, a range (`Range: bytes=0-`) gives those that are."""

    code, zh = "JOB_NOT_DONE", "结果文件尚未生成；进行中可按 Range 获取已有的 ndjson 行"
    wait = LOOK_AGAIN


@dataclass(frozen=True, slots=True)
class Desk:
    """What is answered about jobs."""

    work: Work
    reception: Reception
    links: Links
    authenticate: Authenticate

    async def start(self, request: Request) -> Response:
        viewer = await self.authenticate(request)
        job, is_new = await self.reception.started(request, viewer)
        told = await self._told(job)
        headers = {"Location": f"{PATH}/{job['id']}", **_again(job)}
        return _json(told, 202 if is_new or job["state"] in UNFINISHED else 200, headers)

    async def list_(self, request: Request) -> Response:
        viewer = await self.authenticate(request)
        found = [job for job in await self.work.jobs.own(viewer.client_id) if _may(viewer, job)]
        files = await self.work.jobs.files(*(job["id"] for job in found))
        return _json({"jobs": [self._shown(job, files[job["id"]]) for job in found]})

    async def look(self, request: Request) -> Response:
        job = await self._of(request, await self.authenticate(request))
        return _json(await self._told(job), 200, _again(job))

    async def delete(self, request: Request) -> Response:
        job = await self._of(request, await self.authenticate(request))
        await self.work.jobs.delete(job["id"])
        return Response(status_code=204)

    async def file(self, request: Request) -> Response:
        """Noted in the access log before the first byte."""
        job, viewer = await self._asked_for(request)
        format_, given = request.path_params["format"], heads(request.scope)
        if format_ not in (NDJSON, *job["formats"]) or job["state"] == "FAILED":
            raise NotFound
        made = (await self.work.jobs.files(job["id"]))[job["id"]].get(format_)
        tag = etag_of(job["id"], format_)
        headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
        if made is None:
            there, whole = job["bytes"] if format_ == NDJSON else 0, None
        else:
            there = whole = made["bytes"]
            digest = b64encode(bytes.fromhex(made["digest"])).decode()
            headers |= {"Repr-Digest": f"sha-256=:{digest}:", HEADER: made["receipt"]}
            if is_held(given, tag):
                return Response(None, 304, headers)
        span = span_of(given, tag, there, whole)
        if made is None and not (format_ == NDJSON and span.is_part):
            raise NotDone
        headers["Content-Length"] = str(span.end - span.begin)
        if span.is_part:
            headers["Content-Range"] = span.told
        name = f"{job['key']}.{format_}" if job["key"].replace("-", "").isalnum() else f"result.{format_}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        status = 206 if span.is_part else 200
        if request.method == "HEAD":
            return Response(None, status, headers, TYPES[format_])
        await self.work.engine.asker.audit.written(viewer, job["id"].bytes, SHAPE, ("job",), "")
        pieces = self.work.parts.span(job["id"], format_, span.begin, span.end)
        return StreamingResponse(pieces, status, headers, TYPES[format_])

    # ── whose ────────────────────────────────────────────────────────────────────────────────────────

    async def _asked_for(self, request: Request) -> tuple[Job, Viewer]:
        """By a token, or by an address that is signed."""
        if SIGNATURE not in request.query_params:
            viewer = await self.authenticate(request)
            return await self._of(request, viewer), viewer
        asked, found = request.query_params, await self._named(request)
        job = self.links.check(found, request.path_params["format"], asked.get(UNTIL, ""), asked[SIGNATURE])
        database = self.work.engine.database
        viewer = await acting_for(database, job["client_id"], job["purpose"], job["scopes"])
        if not _may(viewer, job):
            raise NotFound
        await self.work.rate.count(viewer.client_id, viewer.allowance.requests_per_minute)
        request.scope.setdefault("state", {}).update(client_id=viewer.client_id, role=viewer.role)
        return job, viewer

    async def _of(self, request: Request, viewer: Viewer) -> Job:
        """NotFound for another client's as for none."""
        job = await self._named(request)
        if job is None or not _may(viewer, job):
            raise NotFound
        return job

    async def _named(self, request: Request) -> Job | None:
        try:
            return await self.work.jobs.by_id(uuid.UUID(request.path_params["id"]))
        except ValueError:
            return None

    # ── how it is told ───────────────────────────────────────────────────────────────────────────────

    async def _told(self, job: Job) -> dict[str, Any]:
        return self._shown(job, (await self.work.jobs.files(job["id"]))[job["id"]])

    def _shown(self, job: Job, made: Mapping[str, Job]) -> dict[str, Any]:
        total = job["persons"] if job["state"] != "DONE" else job["done"]
        told: dict[str, Any] = {
            "id": str(job["id"]),
            "key": job["key"],
            "state": job["state"],
            "progress": {"done": job["done"], "total": total, "failed": job["failed"]},
            "purpose": job["purpose"],
            "startedAt": _moment(job["started_at"]),
            "finishedAt": _moment(job["finished_at"]),
            "expiresAt": _moment(job["expires_at"]),
            "files": [
                {
                    "format": format_,
                    "bytes": file["bytes"],
                    "sha256": file["digest"],
                    "url": self.links.of(job, format_),
                }
                for format_, file in made.items()
            ],
        }
        if job["reason"]:
            told["code"] = job["reason"]
        return told


def _may(viewer: Viewer, job: Job) -> bool:
    """The client for itself, with no less than it was started with, while it may ask for that purpose."""
    if viewer.client_id != job["client_id"] or viewer.user_id is not None:
        return False
    try:
        viewer.asking_for(job["purpose"])
    except UnknownPurpose:
        return False
    return viewer.scopes >= set(job["scopes"])


def _again(job: Job) -> dict[str, str]:
    if job["state"] not in UNFINISHED:
        return {}
    wait = (job["due_at"] - china_now()).total_seconds()
    return {"Retry-After": str(max(LOOK_AGAIN, int(wait)))}


def _moment(at: Any) -> str | None:
    return None if at is None else at.astimezone(CHINA).isoformat(timespec="seconds")


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


def job_routes(desk: Desk) -> list[Route]:
    return [
        Route(PATH, _by_method(GET=desk.list_, POST=desk.start), methods=EVERY_METHOD),
        Route(f"{PATH}/{{id}}", _by_method(GET=desk.look, DELETE=desk.delete), methods=EVERY_METHOD),
        Route(
            f"{PATH}/{{id}}/result.{{format}}",
            _by_method(GET=desk.file, HEAD=desk.file),
            methods=EVERY_METHOD,
        ),
    ]


def _by_method(**serve: Serve) -> Any:
    async def endpoint(request: Request) -> Response:
        spoken = language(heads(request.scope).get("accept-language", ""))
        try:
            if request.method not in serve:
                raise WrongWay
            return await serve[request.method](request)
        except HubError as error:
            response = refusal(error, spoken, JSON)
            if isinstance(error, WrongWay):
                response.headers["Allow"] = ", ".join(serve)
            if isinstance(error, NoSuchRange):
                response.headers["Content-Range"] = f"bytes */{error.details['bytes']}"
            return response
        except REFUSALS as error:
            answer = refused(error, spoken)
            return Response(answer.body, answer.status, {"Cache-Control": "no-store"}, JSON)

    return endpoint
