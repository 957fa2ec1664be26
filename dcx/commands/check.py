"""`flask check`: every invariant that money and usage rest on."""

from dataclasses import asdict

import click

from dcx.billing import service as billing
from dcx.commands.speech import Refusal, as_json, on_databases, say
from dcx.estimates import service as estimates
from dcx.journal import service as journal
from dcx.metering import service as metering
from dcx.payments import service as payments
from dcx.repository.session import reading
from dcx.wallet import service as wallet


@click.command("check", help="Verify every money and usage invariant; exit 1 on a breach.")
@as_json
@on_databases
def check(style: str) -> None:
    with reading() as main, reading("bronze") as bronze:
        end = journal.chain_end(main)
        found = [
            *metering.breaches(main, bronze),
            *billing.breaches(main),
            *payments.breaches(main),
            *wallet.breaches(main),
            *estimates.breaches(main),
            *journal.breaches(main),
        ]
    say({"breaches": found, "audit": asdict(end)}, style)
    if found:
        raise Refusal(f"{len(found)} breaches. The first: {found[0]}")
