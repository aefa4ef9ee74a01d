"""Every setting, and the only reader of the environment."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ORIGIN: Final = re.compile(r"https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?")
"""As a browser writes it; without TLS only on the machine itself."""


class Settings(BaseSettings):
    """Read from ``HUB_*`` environment variables; printed as ``docs/settings.md``."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True)

    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL (15 to 18) as `postgresql://owner:password@host/name`. "
        "Without it the hub runs its own embedded PostgreSQL in the data directory.",
    )
    data_dir: Path = Field(
        Path("hub-data"), description="Directory of the embedded database, keys and demo files."
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="The hub's own address as clients see it: issuer and audience of tokens. "
        "Never taken from a request.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Processes of `hub serve`.")
    pool_size: int = Field(8, ge=1, le=200, description="Database connections per process and role.")
    field_key: SecretStr | None = Field(
        None,
        description="32 bytes, base64: encrypts identity numbers and derives the look-up key. "
        "Without it `keys/field.key` in the data directory, made at first start.",
    )
    field_keys_file: Path | None = Field(
        None,
        description="Further keys for fields, as `hub field-key add` writes them, the same on every host. "
        "Without it `keys/field-keys.json` in the data directory, which may be missing.",
    )
    field_cipher: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        "aes-256-gcm",
        description="What new values of sealed fields are encrypted with; either is always opened.",
    )
    signing_key_file: Path | None = Field(
        None,
        description="Private JWK Set (ES256) that signs access tokens. "
        "Without it `keys/signing.jwks` in the data directory, made at first start.",
    )
    cache_url: str = Field(
        "memory://", description="`memory://`, or `redis://host:port/0` when several hosts share."
    )
    requests_per_minute: int = Field(
        6000, ge=1, description="Requests of one client in a minute, counted in the cache."
    )
    questions_per_minute: int = Field(
        600,
        ge=1,
        description="Persons a client may ask about by number or token in a minute, unless its registration "
        "says otherwise.",
    )
    questions_per_day: int = Field(
        864_000,
        ge=1,
        description="The same in a day, in China; as many as the minutes of a day give.",
    )
    questions_alike: int = Field(
        20,
        ge=2,
        le=1000,
        description="Different numbers of one region and day of birth that a client may ask about in a day, "
        "in one process, beside what is usual in a list of much of a region; with more it may ask about "
        "nobody until somebody decides ([security.md](security.md#odd-use)). The hub's own bound.",
    )
    cost_per_request: int = Field(
        200_000,
        ge=1,
        le=2_000_000_000,
        description="Units one request may cost, unless the client's registration says otherwise; a unit is "
        "a row of ten fields ([limits.md](limits.md)).",
    )
    cost_per_minute: int = Field(
        2_000_000,
        ge=1,
        le=2_000_000_000,
        description="Units one client may spend in a minute, unless its registration says otherwise.",
    )
    statement_timeout_ms: int = Field(
        15_000, ge=100, description="PostgreSQL ends a read after this many milliseconds."
    )
    smallest_count: int = Field(
        10,
        ge=1,
        description="Clients that may count people but not see them get numbers rounded to this, "
        "and none below it.",
    )
    streams: int = Field(
        5000, ge=1, description="Event streams and sockets one process keeps open at the same time."
    )
    streams_per_client: int = Field(
        100, ge=1, description="Event streams and sockets of one client, in one process."
    )
    change_days: int = Field(
        7,
        ge=1,
        description="Days a position of a stream is good. `hub worker` forgets changes a day after that.",
    )
    package_hours: int = Field(
        72,
        ge=1,
        le=24 * 31,
        description="Hours a package (docs/packages.md) is good for at most: the hub's own number.",
    )
    job_hours: int = Field(
        24,
        ge=1,
        le=24 * 31,
        description="Hours after its last step that a job (docs/jobs.md) and its files stay: the hub's own.",
    )
    job_rows: int = Field(
        1_000_000, ge=1, description="Persons a job may be given, and rows of its result: the hub's own."
    )
    job_bytes: int = Field(
        256 * 1024 * 1024,
        ge=1024,
        description="Bytes a job may be given, and bytes of the rows of its result: the hub's own.",
    )
    jobs_per_client: int = Field(
        5, ge=1, description="Jobs of one client that may be under way at the same time: the hub's own."
    )
    audit_hash: Literal["sha256", "sm3"] = Field(
        "sha256", description="Hash that new batches of the access log are chained with."
    )
    audit_days: int = Field(
        1095,
        ge=183,
        description="Days an entry of the access log is kept at least; the law asks for six months. "
        "`hub worker` then deletes whole batches, whose hashes stay.",
    )
    emergency_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="The most hours an emergency access may be asked for: the hub's own promise.",
    )
    emergency_openings: int = Field(
        20,
        ge=1,
        description="Emergency accesses that a user, or a client that asks for itself, may open within 24 "
        "hours: the hub's own promise.",
    )
    emergency_review_days: int = Field(
        3,
        ge=1,
        description="Days within which an emergency access is to be reviewed, or `hub doctor` says so; "
        "the hub's own promise.",
    )
    deletion_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days a contractor has to certify that data about people it serves no more was returned "
        "or deleted. The law says that it must be (PIPL, article 21) and not by when: this is the hub's own.",
    )
    override_days: int = Field(
        365,
        ge=1,
        le=3650,
        description="The most days a steward's decision on a field may stand before somebody decides again: "
        "the hub's own.",
    )
    correction_days: int = Field(
        15,
        ge=1,
        le=365,
        description="Days a source has to answer a request for correction, where its registration names none "
        "(`hub source add --correction-days`): the hub's own.",
    )
    waiting_days: int = Field(
        31,
        ge=1,
        le=365,
        description="Days a refused row, or a message to an upstream system, may wait before `hub doctor` "
        "says so: the hub's own, for lists come by the month.",
    )
    max_body_bytes: int = Field(
        4 * 1024 * 1024,
        ge=1024,
        description="Largest request body accepted: a thousand visits, or one with its pictures.",
    )
    visit_photos: int = Field(
        6, ge=0, le=50, description="Pictures one visit may be noted with: the hub's own."
    )
    visit_photo_bytes: int = Field(
        400 * 1024,
        ge=1024,
        le=10 * 1024 * 1024,
        description="Largest picture of a visit, which is kept in the database: the hub's own.",
    )
    automatic_documents: bool = Field(
        False,
        description="Remember texts that clients send with their hash, for an hour, so that the hash alone "
        "asks them again (Apollo's automatic persisted queries).",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Sites, such as `https://portal.example`, whose pages in a browser may ask `/graphql`, "
        "`/oauth/token` and `/oauth/par`; several with commas between them. Without it none may.",
    )
    sync_interval_seconds: int = Field(
        3600, ge=1, description="`hub worker` asks every source again after this time."
    )
    landing_days: int = Field(
        400,
        ge=1,
        description="Days what sources delivered is kept as it came, sealed, so that it can be merged "
        "it again. `hub worker` drops whole months. No law says how long: this is the hub's own.",
    )
    identity_link_at: float = Field(
        0.9,
        ge=0.5,
        le=1,
        description="How likely it must be, from 0 to 1, that two files are of one person for the hub to "
        "link them without anybody looking; 1 for never. The hub's own "
        "([ADR 30](adr/0030-one-person.md)).",
    )
    identity_review_at: float = Field(
        0.1, ge=0.001, le=1, description="From where on the bureau is asked whether they are; the hub's own."
    )
    identity_seconds: int = Field(
        600, ge=1, description="`hub worker` compares who is new or has changed after this time."
    )
    webhook_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Networks of its own, such as `10.20.0.0/16`, in which the hub may call webhooks; "
        "several with commas between them. Without it only addresses of the public internet, over https; "
        "an address named here may also be called over http.",
    )
    webhook_senders: int = Field(
        32, ge=1, le=1000, description="Webhooks one process calls at the same time."
    )
    webhook_seconds: float = Field(
        15,
        gt=0,
        le=30,
        description="Seconds a webhook has to answer: the hub's own, as Standard Webhooks asks.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Log level.")
    log_format: Literal["json", "console"] = Field("json", description="Log format.")
    demo: bool = Field(
        False, description="Demo mode: the explorer offers the demo's personas. Never in production."
    )

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _networks(cls, given: object) -> object:
        """ValueError for anything but networks."""
        if not isinstance(given, str):
            return given
        return tuple(str(ip_network(part.strip())) for part in given.split(",") if part.strip())

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, given: object) -> object:
        """ValueError for anything but an origin; ``*`` would let every page in the world ask."""
        if not isinstance(given, str):
            return given
        found = tuple(part.strip() for part in given.split(",") if part.strip())
        if not all(map(ORIGIN.fullmatch, found)):
            raise ValueError("expected https://host or https://host:port, several with commas between them")
        return found
