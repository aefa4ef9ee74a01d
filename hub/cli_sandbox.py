"""``hub sandbox``: makes the upstream systems of a running demo fail, and shows what the hub made of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from hub.command import run
from hub.errors import BadArgument, NotFound, Unavailable

PATIENCE = 60.0

demo_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Directory of the running demo.",
)


@click.group()
def sandbox() -> None:
    """Faults and further days of the upstream systems of a running demo."""


@sandbox.command("list")
@click.option("--source", help="Code of one source.")
@demo_option
def list_(source: str | None, data_dir: Path) -> None:
    """Print the systems that run and the faults each can have."""

    async def work() -> None:
        sources = (await _asked(data_dir, "GET", "/state"))["sources"]
        if source is not None and source not in (codes := [each["code"] for each in sources]):
            raise NotFound(f"No system {source} runs; there are: {', '.join(codes)}.")
        for each in sources:
            if source in (None, each["code"]) and not (source is None and each["code"].startswith("roster-")):
                click.echo(f"\n{each['code']}  {each['name']}")
                for fault in each["faults"]:
                    click.echo(f"  {fault['name']:26}  {fault['en']}  {fault['zh']}  → {fault['then']}")
        if source is None:
            click.echo("\nRosters have over a hundred more: hub sandbox list --source roster-450305")

    run(work())


@sandbox.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="No more, and take back what it did.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option("--source", help="Code of the source, where several systems can have the fault.")
@demo_option
def fault(name: str, off: bool, times: int, source: str | None, data_dir: Path) -> None:
    """Let fault NAME happen, read the source, and print what the hub made of it."""
    asked = {"name": name, "off": off, "times": times, "source": source}

    async def work() -> None:
        said = await _asked(data_dir, "POST", "/fault", asked)
        click.echo(f"{said['source']}  {said['fault']['en']}  {said['fault']['zh']}")
        if off:
            click.echo("fault  is off; the system tells again what is so")
        else:
            click.echo(f"fault  {_happened(said)}; expected: {said['fault']['then']}")
        click.echo(f"hub    {_run_in_words(said['run'])}")
        open_ = ", ".join(f"{code} {count}" for code, count in sorted(said["refused"].items()))
        click.echo(f"hub    refused rows of this source now: {open_ or 'none'}")

    run(work())


@sandbox.command()
@demo_option
def state(data_dir: Path) -> None:
    """Print how often each fault happened, beside the runs and refused rows of its source."""

    async def work() -> None:
        said = await _asked(data_dir, "GET", "/state")
        click.echo(f"days since the start: {said['days']}")
        click.echo(f"the clock: {said['clock'] or 'as it is'}")
        for each in said["sources"]:
            error = f", the last with {each['error'].partition(':')[0]}" if each["error"] else ""
            click.echo(
                f"\n{each['code']}  {each['name']}\n  hub    {each['runs']} runs, {each['failed']} failed"
                f"{error}; {each['refused']} rows refused, {each['mended']} mended since"
            )
            for fault in each["faults"]:
                if fault["happened"] or fault["left"]:
                    click.echo(f"  fault  {fault['name']} {_happened(fault)}")

    run(work())


@sandbox.command()
@demo_option
def day(data_dir: Path) -> None:
    """Let every system tell the next day: births, deaths, moves, benefits that end."""

    async def work() -> None:
        said = await _asked(data_dir, "POST", "/day")
        click.echo(f"day {said['day']}")
        for code, ran in said["runs"].items():
            click.echo(f"  {code}  {_run_in_words(ran)}")

    run(work())


@sandbox.command()
@click.argument("day", metavar="DATE|now")
@demo_option
def clock(day: str, data_dir: Path) -> None:
    """Set the day on which the hub judges, shows and writes: 2026-03-31, or now.

    Tokens, runs of sources and the access log keep the true time.
    """
    if day != "now" and not _is_day(day):
        raise BadArgument("Expected a day as 2026-03-31, or now.")

    async def work() -> None:
        asked = {"day": None if day == "now" else day}
        said = await _asked(data_dir, "POST", "/clock", asked)
        click.echo(f"the day is {said['day']}{'' if said['is_set'] else ', as it is'}; all is judged for it")

    run(work())


@sandbox.command()
@click.option("--rule", help="Of one rule alone, as R32.")
@click.option("--day", help="Every record on this day, as 2026-03-31, and not on its own.")
@demo_option
def rules(rule: str | None, day: str | None, data_dir: Path) -> None:
    """Print of each bound of a rule a record that meets it and one that does not.

    Fails where one of the two is missing and no document is the reason.
    """
    if day is not None and not _is_day(day):
        raise BadArgument("Expected a day as 2026-03-31.")

    async def work() -> None:
        lines = await _asked(data_dir, "POST", "/rules", {"rule": rule, "day": day})
        for line in lines:
            _print_bound(line)
        lacking = [line for line in lines if not line["is_whole"]]
        whole = sum(1 for line in lines if line["met"] and line["not_met"])
        other = len(lines) - whole - len(lacking)
        click.echo(f"\n{len(lines)} bounds: {whole} met and not met, {other} cannot be both")
        if lacking:
            missing = ", ".join(f"{line['document']} {line['rule']} {line['quantity']}" for line in lacking)
            raise click.ClickException(f"{len(lacking)} lack a record: {missing}")

    run(work())


@sandbox.command()
@click.argument("row")
@click.argument("values", nargs=-1, metavar="[COLUMN=VALUE]...")
@click.option("--gone", is_flag=True, help="Take the row away.")
@click.option("--keep", is_flag=True, help="Leave it so; else all is as it was afterwards.")
@demo_option
def change(row: str, values: tuple[str, ...], data_dir: Path, *, gone: bool, keep: bool) -> None:
    """Change one fact of the exercise, and print which verdicts turn: 'whole project' amount=345000.01.

    ROW is a name of the exercise (part of one lists those that have it). VALUE may be the name of another
    row; nothing after the = means that nobody says.
    """
    if gone == bool(values) or not all("=" in each for each in values):
        raise BadArgument("Expected COLUMN=VALUE, or --gone.")
    given = {name: value or None for name, _, value in (each.partition("=") for each in values)}

    async def work() -> None:
        flips = await _asked(data_dir, "POST", "/change", {"row": row, "values": given, "keep": keep})
        for flip in flips:
            where = " ".join(filter(None, (flip["document"], flip["number"], flip["article"])))
            click.echo(
                f"{flip['rule']}  {flip['quantity']}  {flip['before']} → {flip['then']}"
                f"  {flip['value'] or '–'} / {flip['target'] or '–'}  {flip['en']}  {flip['zh']}"
                f"\n  {where}：{flip['quote']}"
            )
        click.echo(f"{len(flips)} verdicts turn; {'it stays so' if keep else 'all is as it was'}")

    run(work())


def _print_bound(line: dict[str, Any]) -> None:
    case = f" ({line['when']})" if line["when"] else ""
    unit = f" {line['unit']}" if line["unit"] else ""
    click.echo(
        f"\n{line['rule']}  {line['quantity']}{case} {line['comparator']} {line['target']}{unit}"
        f"  {' '.join(filter(None, (line['document'], line['number'], line['article'])))}"
    )
    for words, shown in (("met    ", line["met"]), ("not met", line["not_met"])):
        if shown is not None:
            value = "–" if shown["value"] is None else shown["value"]
            click.echo(f"  {words}  {shown['day']}  {value}  {shown['en']}  {shown['zh']}")
    if line["reason"]:
        click.echo(f"  cannot be both: {line['reason']['en']}  {line['reason']['zh']}")


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _happened(said: dict[str, Any]) -> str:
    if not said["happened"] and said["left"]:
        return "has not happened yet, for nothing was there to harm; it waits (--off ends it)"
    waits = f", {said['left']} still to come" if said["left"] else ""
    times = "once" if said["happened"] == 1 else f"{said['happened']} times"
    return f"happened {times}{waits}"


def _run_in_words(ran: dict[str, Any]) -> str:
    if ran["status"] == "FAILED":
        return f"run failed, nothing changed: {ran['error']}"
    if ran["status"] != "SUCCEEDED":
        return "a run is under way: hub sandbox state tells how it ends"
    return (
        f"run succeeded: {ran['read']} rows read, {ran['accepted']} accepted, {ran['quarantined']} refused,"
        f" {ran['withdrawn']} withdrawn, {ran['changed']} records changed"
    )


async def _asked(data_dir: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    import httpx
    import orjson

    from hub.sandbox import FILE

    try:
        found = orjson.loads((data_dir / FILE).read_bytes())
        async with httpx.AsyncClient(base_url=found["url"], trust_env=False, timeout=PATIENCE) as client:
            head = {"authorization": f"Bearer {found['secret']}"}
            answer = await client.request(method, path, json=body, headers=head)
    except FileNotFoundError:
        raise NotFound(f"No demo runs in {data_dir}; start hub demo, or name its --data.") from None
    except httpx.ConnectError:
        raise Unavailable(f"No demo answers in {data_dir}; start hub demo first.") from None
    if answer.headers.get("content-type") != "application/json":
        raise Unavailable(f"The demo could not do it (status {answer.status_code}); see what it printed.")
    said = answer.json()
    if answer.is_error:
        raise click.ClickException(f"{said['message']} [{said['code']}]")
    return said
