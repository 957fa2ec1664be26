"""Doors of what a customer arranges with the wallet."""

from collections.abc import Mapping

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.errors import FormError
from dcx.kit.periods import month_name
from dcx.payments.service import cards
from dcx.prepaid.forms import MOST_A_DAY, MOST_THRESHOLDS, read_terms
from dcx.prepaid.routes.ground import desk, now_us, prepaid_pages, settings
from dcx.prepaid.service.arrangements import arrange
from dcx.prepaid.service.standing import standing
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go


@prepaid_pages.get("/c/<customer>/wallet/settings")
@open_to(Who.OWNER)
def wallet_settings(customer: str) -> ResponseReturnValue:
    return _page(customer, {})


def _page(customer: str, faults: Mapping[str, str]) -> str:
    now = now_us()
    month = month_name(now, settings().zone)
    with reading() as session:
        found = standing(session, customer, desk(), now_us=now)
        saved = cards.offered(session, customer, month=month)
    return render_template(
        "prepaid/settings.html",
        key=customer,
        now=found,
        terms=found.terms,
        cards=saved,
        gateway=settings().gateway,
        faults=faults,
        sent=request.form,
        most_thresholds=MOST_THRESHOLDS,
        most_a_day=MOST_A_DAY,
    )


@prepaid_pages.post("/c/<customer>/wallet/settings")
@open_to(Who.OWNER)
def arrange_wallet(customer: str) -> ResponseReturnValue:
    now, payment = now_us(), (settings().top_up_least_cents, settings().top_up_most_cents)
    month = month_name(now, settings().zone)
    try:
        with transaction() as session:
            before = standing(session, customer, desk(), now_us=now).terms
            terms = read_terms(request.form, before, top_up=payment)
            if terms.auto.card and terms.auto != before.auto:
                cards.get_card(session, customer, terms.auto.card, month=month)
            arrange(session, customer, terms, by=actor(), now_us=now)
    except FormError as error:
        return _page(customer, error.fields), 422
    flash("The wallet is watched as you set it.", "ok")
    return go(url_for("prepaid.wallet", customer=customer))
