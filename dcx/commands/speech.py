"""How commands speak: JSON or a table on standard output, one line of refusal on standard error."""

import json
import os
import pwd
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

import click
import psycopg
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import DBAPIError

from dcx.kit.actors import Actor
from dcx.kit.errors import DomainError
from dcx.repository.migrations import databases_behind
from dcx.repository.session import place_of_error

Command = TypeVar("Command", bound=Callable[..., Any])
as_json = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    help="json: one document.",
)


def command_line() -> Actor:
    """Whoever runs a command, as the audit writes them: by their name on this machine, if any."""
    try:
        return Actor("Command line", pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        return Actor("Command line")


class Refusal(click.ClickException):
    """One line on standard error, exit status 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        click.echo(f"Error: {self.message}", err=True)


class Room(AppGroup):
    """A group whose commands run on up-to-date databases and refuse in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        with refusals():
            return super().invoke(ctx)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what went wrong into one line that says what to do."""
    try:
        yield
    except DomainError as error:
        raise Refusal(error.message) from error
    except DBAPIError as error:
        raise Refusal(_database_words(error.orig, place_of_error(error))) from error
    except (sqlite3.Error, psycopg.Error) as error:
        raise Refusal(_database_words(error, place_of_error(error))) from error


def require_current_databases() -> None:
    """Refuse to work on a database that lacks a migration."""
    behind = databases_behind()
    if behind:
        raise Refusal(
            f"The {' and '.join(behind)} database lacks a migration. Run: flask db upgrade"
        )


def on_databases(command: Command) -> Command:
    """For commands that read or write rows: inside the app, on up-to-date databases."""

    @with_appcontext
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with refusals():
            require_current_databases()
            return command(*args, **kwargs)

    return cast("Command", run)


def say(answer: Mapping[str, object], style: str) -> None:
    """The answer as one JSON document, or as lines of `key: value`, its lists as tables."""
    if style == "json":
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for key, value in answer.items():
        if isinstance(value, list):
            _say_table(key, value)
        elif isinstance(value, dict):
            click.echo(f"{key}: {', '.join(f'{name} {fact}' for name, fact in value.items())}")
        else:
            click.echo(f"{key}: {value}")


def _say_table(title: str, rows: Sequence[Any]) -> None:
    if not rows:
        click.echo(f"{title}: none")
        return
    if not isinstance(rows[0], dict):
        click.echo(f"{title}: {', '.join(map(str, rows))}")
        return
    columns = list(rows[0])
    cells = [[str(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in (columns, *cells):
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def _database_words(error: object, place: str) -> str:
    words = next(iter(str(error).strip().splitlines()), "")
    if "locked" in words:
        return f"The {place} is locked by another process and stayed so for 5 s. Try again."
    if "full" in words or "No space" in words:
        return f"The disk of the {place} is full: {words}. Nothing of this was stored."
    return f"The {place} refused: {words}"
