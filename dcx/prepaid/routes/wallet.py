"""Doors of a customer's wallet."""

from collections.abc import Mapping

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.errors import DomainError
from dcx.kit.ids import new_id
from dcx.kit.sorting import Ask
from dcx.payments import service as payments
from dcx.prepaid import export
from dcx.prepaid.forms import a_year_on
from dcx.prepaid.routes.ground import (
    desk,
    is_owner,
    may_adjust,
    money,
    now_us,
    prepaid_pages,
    settings,
)
from dcx.prepaid.service.history import DAYS_AHEAD, History
from dcx.prepaid.service.standing import Standing
from dcx.prepaid.service.view import wallet_view
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from dcx.web import balances
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render
from dcx.web.tables import as_csv, asked, wants_csv


@prepaid_pages.get("/c/<customer>/wallet")
@open_to(Who.CUSTOMER)
def wallet(customer: str) -> ResponseReturnValue:
    ask = asked(ledger.ENTRY_COLUMNS, "-date")
    if wants_csv():
        currency = settings().currency
        name = f"wallet-{customer}.csv"
        return as_csv(name, export.ENTRIES_HEAD, lambda: export.entry_rows(customer, ask, currency))
    return wallet_page(customer, ask, {})


def wallet_page(customer: str, ask: Ask, faults: Mapping[str, str]) -> Response:
    """The wallet, or only its entries where htmx asked; `faults` are those of a form of staff's."""
    with reading() as session:
        view = wallet_view(session, customer, desk(), ask, now_us=now_us())
    return render(
        "prepaid/wallet.html",
        "prepaid/_entries.html",
        key=customer,
        view=view,
        now=view.now,
        page=view.page,
        charts=_charts(view.now, view.past) if view.past else {},
        is_owner=is_owner(customer),
        may_adjust=may_adjust(),
        gateway=settings().gateway,
        limit_cents=settings().second_person_cents,
        form_key=new_id(),
        a_year_on=a_year_on(),
        faults=faults,
        sent=request.form,
    )


def _charts(found: Standing, past: History) -> dict[str, balances.BalanceChart]:
    """The balance drawn for a wide screen and for a phone, to its end or two weeks ahead."""
    daily, live = found.runway.daily_cents, found.live_cents
    days = live / daily if daily and 0 < live < daily * DAYS_AHEAD else DAYS_AHEAD
    trend = balances.Trend(
        first=past.days[0].day,
        opening=past.opening,
        days=[day.left_cents for day in past.days],
        came_in=[day.in_cents for day in past.days],
        part=past.part,
        ahead_days=days,
        ahead_cents=round(live - daily * days),
        threshold=max(found.terms.thresholds, default=None),
        room=DAYS_AHEAD,
    )
    return {
        "wide": balances.balance_chart(trend, balances.WIDE),
        "phone": balances.balance_chart(trend, balances.PHONE),
    }


@prepaid_pages.post("/c/<customer>/invoices/<number>/from-wallet")
@open_to(Who.OWNER)
def pay_from_wallet(customer: str, number: str) -> ResponseReturnValue:
    """Money moves here, once for the form that was sent."""
    wish = payments.Wish(customer, request.form.get("form_key") or new_id(), document=number)
    try:
        with transaction() as session:
            moved = payments.pay_from_wallet(session, wish, by=actor(), now_us=now_us())
        paid = f"{money(moved)} of {number} is paid" if moved else f"{number} was paid"
        flash(f"{paid} from the wallet.", "ok")
    except DomainError as error:
        if error.status == 404:  # noqa: PLR2004
            raise
        flash(error.message, "bad")
    return go(url_for("prepaid.wallet", customer=customer))
