"""`flask billing ...`: drafts and invoices."""

from datetime import UTC, datetime

import click
from flask import current_app

from dcx.accounts import service as accounts
from dcx.billing import jobs, service
from dcx.billing.documents import NotMadeError
from dcx.billing.export import draft_answer, invoice_answer
from dcx.commands.speech import Refusal, Room, as_json, command_line, on_databases, say
from dcx.kit.errors import DomainError
from dcx.kit.periods import to_us
from dcx.notifications.service import Site
from dcx.repository.session import reading, transaction

billing = Room("billing", help="Drafts and invoices.")


@billing.command("draft")
@click.argument("period")
@click.option("--customer", help="Only this customer's.")
@as_json
@on_databases
def draft(period: str, customer: str | None, style: str) -> None:
    """The draft of a PERIOD like 2026-07; nothing is stored."""
    with reading() as session:
        if customer:
            say(draft_answer(service.draft(session, customer, period, _desk())), style)
        else:
            drafts = service.drafts(session, period, _desk())
            used = [draft_answer(one) for one in drafts if not one.is_empty]
            say({"period": period, "drafts": used}, style)


@billing.command("issue")
@click.argument("period")
@click.option("--customer", help="Only this customer's.")
@as_json
@on_databases
def issue(period: str, customer: str | None, style: str) -> None:
    """Issue the invoices of a PERIOD like 2026-07; repeating it issues nothing twice."""
    with reading() as session:
        keys = [customer] if customer else sorted(accounts.customer_keys(session))
        service.period_of(period, _desk())
    issued: list[dict[str, object]] = []
    already: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    for key in keys:
        try:
            with transaction() as session:
                now_us = to_us(datetime.now(UTC))
                done = service.issue(
                    session, key, period, _desk(), by=command_line(), now_us=now_us
                )
                if done.invoice:
                    (issued if done.is_new else already).append(invoice_answer(done.invoice))
        except DomainError as error:
            refused.append({"customer": key, "reason": error.message})
    settings = current_app.config["DCX"]
    try:
        jobs.make_pdfs(Site.of(settings), _desk().supplier)
    except NotMadeError as error:
        click.echo(f"Warning: {error} The clock tries again.", err=True)
    say({"period": period, "issued": issued, "already": already, "refused": refused}, style)
    if refused:
        raise Refusal(
            f"{len(refused)} not issued. {refused[0]['customer']}: {refused[0]['reason']}"
        )


def _desk() -> service.Desk:
    return service.Desk.of(current_app.config["DCX"])
