"""`flask estimates ...`: what would it cost; nothing is stored."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from dcx.commands.speech import Refusal, Room, as_json, on_databases, say
from dcx.estimates import service
from dcx.estimates.service import Desk
from dcx.estimates.service.disks import disk_answer
from dcx.kit.periods import to_us
from dcx.repository.session import reading

estimates = Room("estimates", help="What machines and disks would cost. Nothing is stored.")


@estimates.command("price")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@as_json
@on_databases
def price(file: Path, style: str) -> None:
    """Price the estimate in FILE (JSON as of POST /api/v1/estimates; - is stdin)."""
    desk = Desk.of(current_app.config["DCX"], to_us(datetime.now(UTC)))
    ask = service.read_ask(_sent(file), this_month=desk.this_month)
    with reading() as session:
        say(service.answer_json(service.estimate(session, ask, desk)), style)


@estimates.command("disk")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@as_json
def disk(file: Path, style: str) -> None:
    """Work out disk space from FILE (JSON as of POST /api/v1/disk-estimates; - is stdin)."""
    answer = disk_answer(_sent(file))
    if style == "text":
        click.echo("\n".join(answer["steps"]))
        answer = {key: known for key, known in answer.items() if key != "steps" and known}
    say(answer, style)


def _sent(file: Path) -> Any:
    try:
        with click.open_file(str(file), encoding="utf-8") as opened:
            return json.load(opened)
    except OSError as error:
        raise Refusal(f"{file}: {error.strerror}.") from error
    except ValueError as error:
        raise Refusal(f"{file} is not JSON: {error}.") from error
