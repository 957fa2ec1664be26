"""`flask pricing ...`: price books and VAT."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from dcx.billing import service as billing
from dcx.commands.speech import Refusal, Room, as_json, command_line, on_databases, say
from dcx.kit.money import parse_e8
from dcx.kit.periods import instant_text, parse_instant, to_us
from dcx.pricing import service
from dcx.repository.session import transaction

pricing = Room("pricing", help="Price books and VAT.")


@pricing.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@on_databases
def publish(file: Path, style: str) -> None:
    """Publish a price book (TOML), after running its examples."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file}: {error.strerror}.") from error
    settings, now_us = current_app.config["DCX"], to_us(datetime.now(UTC))
    with transaction() as session:
        published = service.publish(
            session,
            text,
            currency=settings.currency,
            zone=settings.zone,
            now_us=now_us,
            issued_until=lambda book: billing.issued_until(session, book),
        )
        service.note_published(session, published, by=command_line(), now_us=now_us)
    say(
        {
            "price_book": published.price_book,
            "version": published.version,
            "starts_at": instant_text(published.starts_us),
        },
        style,
    )


@pricing.command("vat")
@click.argument("rate")
@click.option("--from", "start", required=True, help="The instant from which the rate holds.")
@click.option("--withdraw", is_flag=True, help="Take back a rate that has not begun.")
@as_json
@on_databases
def vat(rate: str, start: str, *, withdraw: bool, style: str) -> None:
    """Date a VAT RATE, for example 0.155."""
    try:
        rate_e8, starts_us = parse_e8(rate), parse_instant(start)
    except ValueError as error:
        raise Refusal(str(error)) from error
    now_us, by = to_us(datetime.now(UTC)), command_line()
    with transaction() as session:
        if withdraw:
            service.withdraw_vat_rate(session, rate_e8, starts_us=starts_us, by=by, now_us=now_us)
        else:
            service.add_vat_rate(
                session,
                rate_e8,
                starts_us=starts_us,
                issued_until_us=billing.issued_until(session, None),
                by=by,
                now_us=now_us,
            )
    say(
        {
            "rate": service.rate_text(rate_e8),
            "from": instant_text(starts_us),
            "withdrawn": withdraw,
        },
        style,
    )
