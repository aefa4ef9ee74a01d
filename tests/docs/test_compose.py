"""The production shape: valid, locked down, and at one with the settings, the commands and the limits."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any, Final

import click
import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from hub.cli import main
from hub.oauth.server import MAX_FORM_BYTES
from hub.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
NGINX: Final = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ENVIRONMENT: Final = (ROOT / "deploy/hub.env.example").read_text(encoding="utf-8")

IMAGE: Final = re.compile(r"[a-z][a-z0-9./-]*:\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?")
VARIABLE: Final = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")
KIB: Final = 1024

every_service = pytest.mark.parametrize("name", SERVICES)


def texts(value: Any) -> list[str]:
    """Every text in a document, keys and values."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [str(value)]


def directive(name: str, *, within: str = "") -> list[str]:
    """Arguments of nginx's directive, in the file or in the block that begins with ``within``."""
    text = re.sub(r"(?m)(^|\s)#.*$", "", NGINX)
    if within:
        text = text.split(within + " {", 1)[1].split("}", 1)[0]
    return re.findall(rf"(?m)^\s*{name}\s+([^;{{]+);", text)


def test_it_is_what_the_compose_specification_says() -> None:
    """``check_jsonschema`` brings the specification's schema along."""
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    jsonschema.validate(COMPOSE, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**COMPOSE, "services": {"hub": {"imagge": "x"}}}, schema)


@every_service
def test_an_image_is_pinned(name: str) -> None:
    assert IMAGE.fullmatch(SERVICES[name]["image"])


@every_service
def test_a_service_cannot_do_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service["user"].split(":")[0] not in ("0", "root")
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory"} <= limits.keys()
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert "healthcheck" in service


@every_service
def test_a_service_waits_for_what_can_tell_it_is_ready(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        once = SERVICES[other]["restart"] == "no"
        assert wanted["condition"] == ("service_completed_successfully" if once else "service_healthy")
        assert once or "test" in SERVICES[other]["healthcheck"]


@every_service
def test_networks_and_volumes_exist(name: str) -> None:
    service = SERVICES[name]
    assert set(service["networks"]) <= COMPOSE["networks"].keys()
    for volume in service.get("volumes", []):
        outside = re.sub(VARIABLE, "variable", volume).split(":")[0]
        if outside.startswith("./"):
            assert (ROOT / outside).exists(), outside
            assert volume.endswith(":ro")
        elif outside != "variable":
            assert outside in COMPOSE["volumes"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_several_processes_serve() -> None:
    assert SERVICES["hub"]["deploy"]["replicas"] > 1
    assert "container_name" not in SERVICES["hub"]


@pytest.mark.parametrize("name", ["migrate", "hub", "worker"])
def test_the_commands_exist(name: str) -> None:
    program, command = SERVICES[name]["command"]
    assert (program, COMPOSE["x-hub"]["image"]) == ("hub", SERVICES[name]["image"])
    assert isinstance(main.commands[command], click.Command)


def test_every_setting_named_exists() -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    for text in (*texts(COMPOSE), DOCKERFILE, ENVIRONMENT, NGINX):
        assert set(re.findall(r"\bHUB_[A-Z_]+\b", text)) <= known


def test_the_settings_are_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value given is one that ``Settings`` takes."""
    for name, value in SERVICES["hub"]["environment"].items():
        monkeypatch.setenv(name, VARIABLE.sub("x", value))
    settings = Settings()
    assert settings.demo is False
    assert settings.host == "127.0.0.1"
    assert "HUB_HOST=0.0.0.0" in DOCKERFILE
    assert str(settings.data_dir) == "/var/lib/hub"
    assert f":{settings.port}/health/ready" in str(SERVICES["hub"]["healthcheck"])
    assert directive("server", within="upstream hub") == [f"hub:{settings.port} resolve"]


def test_secrets_have_no_default_and_every_variable_is_explained() -> None:
    found = [match for text in texts(COMPOSE) for match in VARIABLE.findall(text)]
    assert {name for name, _ in found} == set(re.findall(r"(?m)^(\w+)=", ENVIRONMENT))
    for name, rest in found:
        assert rest.startswith(":?") or name == "ROSTERS"
    for name in ("BASE_URL", "POSTGRES_PASSWORD", "DATABASE_PASSWORD"):
        assert re.search(rf"(?m)^{name}=$", ENVIRONMENT)
    assert "hub.env" in (ROOT / "deploy/.gitignore").read_text().split()


def test_postgres_writes_no_rows_into_its_log_and_has_room_for_the_pools() -> None:
    options = SERVICES["postgres"]["command"]
    assert {
        "-clog_error_verbosity=terse",
        "-clog_min_error_statement=panic",
        "-clog_parameter_max_length_on_error=0",
    } <= set(options)
    (room,) = (int(o.partition("=")[2]) for o in options if o.startswith("-cmax_connections="))
    processes = SERVICES["hub"]["deploy"]["replicas"] + 2  # the worker, and a command by hand
    assert processes * 22 * Settings().pool_size < room  # twenty logins and the owner, see docs/operations.md
    assert "--lc-ctype=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_the_image_holds_the_locked_packages_and_an_ordinary_user() -> None:
    assert set(re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)) == {"python:3.11.16-slim-bookworm"}
    syncs = re.findall(r"uv sync [^\n]*", DOCKERFILE)
    assert len(syncs) == 2
    assert all("--locked --no-dev --extra redis" in sync for sync in syncs)
    assert re.search(r"pip install .*\buv==\d+\.\d+\.\d+$", DOCKERFILE, re.MULTILINE)
    assert re.findall(r"(?m)^USER (\S+)", DOCKERFILE) == [COMPOSE["x-hub"]["user"]]
    for source in re.findall(r"(?m)^COPY (?!--)(.+) \S+$", DOCKERFILE):
        for path in source.split():
            assert (ROOT / path).exists(), path
            assert f"!{path}" in (ROOT / ".dockerignore").read_text().split()


def test_the_proxy_limits_what_the_server_does_not() -> None:
    assert directive("client_max_body_size")[0] == f"{Settings().max_body_bytes // KIB}k"
    assert directive("client_max_body_size", within="location = /oauth/token") == [
        f"{MAX_FORM_BYTES // KIB}k"
    ]
    for limit in (
        "large_client_header_buffers",
        "max_headers",
        "client_header_timeout",
        "client_body_timeout",
    ):
        assert len(directive(limit)) == 1, limit
    for limit in ("send_timeout", "limit_conn", "keepalive_timeout", "http2_max_concurrent_streams"):
        assert len(directive(limit)) == 1, limit
    assert directive("limit_req", within="location = /oauth/token")
    assert directive("limit_req", within="location = /graphql")
    assert directive("limit_req", within="location /documents")
    assert directive("client_max_body_size", within="location /jobs") == [
        f"{Settings().job_bytes // KIB // KIB}m"
    ]
    assert directive("proxy_request_buffering", within="location /jobs") == ["off"]
    assert directive("proxy_max_temp_file_size", within="location /jobs") == ["0"]
    (patience,) = directive("proxy_read_timeout")
    assert int(patience.removesuffix("s")) * 1000 > Settings().statement_timeout_ms


def test_the_proxy_passes_on_only_what_clients_need() -> None:
    passed = re.findall(r"location (?:= )?(\S+) \{(?:(?!\}).)*?proxy_pass http://hub;", NGINX, re.DOTALL)
    assert passed == [
        "/", "/graphql", "/documents", "/jobs", "/oauth/token", "/oauth/par", "/oauth/", "/hooks/",
        "/.well-known/", "/explorer", "/health/",
    ]  # fmt: skip
    assert re.search(r"location / \{\s+return 404;", NGINX)


def test_the_proxy_logs_no_query_strings() -> None:
    (form,) = re.findall(r"log_format json ([^;]+);", NGINX)
    assert not re.search(r"\$(request\b|request_uri|args|query_string|http_|remote_)", form)
    assert directive("error_log") == ["/dev/stderr crit"]
    assert set(directive("access_log")) == {"/dev/stdout json"}
