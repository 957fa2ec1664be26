"""`flask accounts ...`: customers, people and keys."""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from dcx.accounts import service
from dcx.commands.speech import Refusal, Room, as_json, command_line, on_databases, say
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.errors import DomainError
from dcx.kit.periods import to_us
from dcx.pricing import service as pricing
from dcx.repository.session import reading, transaction

DEFAULT_BOOK = "standard"
CELLS = ("key", "name", "email", "vat_number", "address")
accounts = Room("accounts", help="Customers, people and API keys.")


@accounts.command("add-customer")
@click.argument("key")
@click.option("--name", required=True)
@click.option("--email", default="")
@click.option("--vat-number", default="")
@click.option("--billing", type=click.Choice(service.BILLINGS), default="invoice")
@click.option("--price-book", default=DEFAULT_BOOK)
@click.option("--address", default="", help="Its lines parted by ;")
@as_json
@on_databases
def add_customer(style: str, **facts: str) -> None:
    """Add a customer."""
    customer = service.Customer(**facts)
    with transaction() as session:
        if service.add_customer(session, customer, now_us=_now_us()):
            told = {name: fact for name, fact in facts.items() if name != "key"}
            _note(session, Deed("customer added", customer.key, customer.key, after=told))
    _warn_of_unknown_books({customer.price_book})
    say({"customer": facts["key"]}, style)


@accounts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@on_databases
def import_(file: Path, style: str) -> None:
    """Add many customers from a CSV: key,name,email,vat_number,billing,price_book,address (its
    lines parted by ;). All or none.
    """
    rows = _customer_rows(file)
    with transaction() as session:
        known = service.customer_keys(session)
        for number, customer in enumerate(rows, 1):
            try:
                service.add_customer(session, customer, now_us=_now_us())
            except DomainError as error:
                raise Refusal(
                    f"{file}, row {number}: {error.message} No customer was added."
                ) from error
        _note_imported(session, file, sorted({customer.key for customer in rows} - known))
    _warn_of_unknown_books({row.price_book for row in rows})
    say({"customers": len(rows)}, style)


def _note_imported(session: Session, file: Path, keys: list[str]) -> None:
    if keys:
        facts = {"count": len(keys), "keys": keys}
        _note(session, Deed("customers imported", file.name, after=facts))


def _warn_of_unknown_books(names: set[str]) -> None:
    """A book may be published later, but nothing is billed before it is: mostly it is a typo."""
    with reading() as session:
        known = {version.book for version in pricing.books(session)}
    for name in sorted(names - known - {DEFAULT_BOOK}):
        click.echo(
            f"Warning: there is no price book {name!r} yet. Publish it before billing.", err=True
        )


def _customer_rows(file: Path) -> list[service.Customer]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = {"key", "name"} - set(reader.fieldnames or ())
            if missing:
                raise Refusal(f"{file}: its head lacks {', '.join(sorted(missing))}.")
            return [_customer(row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{file}: {getattr(error, 'strerror', None) or error}.") from error


def _customer(row: dict[str, str]) -> service.Customer:
    cells = {name: (row.get(name) or "").strip() for name in CELLS}
    billing = (row.get("billing") or "").strip() or "invoice"
    book = (row.get("price_book") or "").strip() or DEFAULT_BOOK
    return service.Customer(**cells, billing=billing, price_book=book)


@accounts.command("add-staff")
@click.argument("email")
@click.option("--role", type=click.Choice(service.STAFF_ROLES), required=True)
@on_databases
def add_staff(email: str, role: str) -> None:
    """Make somebody staff."""
    with transaction() as session:
        service.add_staff(session, email, role, now_us=_now_us())
        _note(session, Deed("staff role given", email, after={"role": role}))
    click.echo(f"{email} is staff ({role}).")


@accounts.command("add-user")
@click.argument("email")
@click.option("--customer", required=True)
@click.option("--role", type=click.Choice(service.CUSTOMER_ROLES), required=True)
@on_databases
def add_user(email: str, customer: str, role: str) -> None:
    """Give somebody a role at a customer."""
    with transaction() as session:
        service.add_user(session, email, customer, role, now_us=_now_us())
        _note(session, Deed("customer role given", email, customer, after={"role": role}))
    click.echo(f"{email} is {role} at {customer}.")


@accounts.command("set-password")
@click.argument("email")
@on_databases
def set_password(email: str) -> None:
    """Set a password: one line of standard input, at least 12 characters."""
    password = sys.stdin.readline().rstrip("\r\n")
    with transaction() as session:
        service.set_password(session, email, password)
        _note(session, Deed("password set", email))
    click.echo(f"The password of {email} is set.")


@accounts.command("add-key")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="May be repeated.")
@click.option("--customer", help="The customer whose key it is; without, the provider's.")
@as_json
@on_databases
def add_key(name: str, scopes: tuple[str, ...], customer: str | None, style: str) -> None:
    """Make an API key and print it once."""
    with transaction() as session:
        secret = service.add_key(session, name, scopes, customer=customer, now_us=_now_us())
        facts = {"scopes": sorted(set(scopes))}
        _note(session, Deed("API key made", name, customer or "", after=facts))
    if style == "json":
        say({"name": name, "key": secret, "scopes": list(scopes)}, style)
    else:
        click.echo(secret)


def _note(session: Session, deed: Deed) -> None:
    journal.record(session, command_line(), deed, now_us=_now_us())


def _now_us() -> int:
    return to_us(datetime.now(UTC))
