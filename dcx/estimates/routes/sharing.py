"""Doors of links to an estimate: making and revoking them, and what whoever has one sees."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps

from flask import current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.errors import LinkGoneError, TooManyGuessesError
from dcx.estimates.export import FORMS, file_of
from dcx.estimates.routes.ground import CHANGERS, at_both, desk, estimates_pages, place, seen_by
from dcx.estimates.service import shares
from dcx.estimates.service.shares import MOST_DAYS, USUAL_DAYS
from dcx.kit.errors import FormError
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.files import as_file
from dcx.web.htmx import go

LINK_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@at_both("/<estimate>/share")
def share(customer: str, estimate: str) -> ResponseReturnValue:
    return _page(customer, estimate)


@at_both("/<estimate>/share", ("POST",), CHANGERS)
def make_link(customer: str, estimate: str) -> ResponseReturnValue:
    """The answer shows the link: the only time that it can be read."""
    try:
        with transaction() as session:
            saved = service.get_saved(session, estimate, customer=seen_by(customer))
            days = _days(request.form.get("days", ""))
            _, token = shares.share(session, saved, days=days, by=actor(), now_us=desk().now_us)
    except FormError as error:
        return _page(customer, estimate, faults=error.fields), 422
    return _page(customer, estimate, link=link_of(token)), 201


@at_both("/<estimate>/links/<link>/revoke", ("POST",), CHANGERS)
def revoke(customer: str, estimate: str, link: str) -> ResponseReturnValue:
    with transaction() as session:
        saved = service.get_saved(session, estimate, customer=seen_by(customer))
        shares.revoke(session, saved, link, by=actor(), now_us=desk().now_us)
    flash("The link is revoked: whoever has it sees nothing any more.", "ok")
    return go(place(customer, "share", estimate=estimate))


def link_of(token: str) -> str:
    """The whole address, as it is given away."""
    public_url: str = current_app.config["DCX"].public_url
    return public_url.rstrip("/") + url_for("estimates.shared", token=token)


def _days(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdecimal():
        raise FormError({"days": f"Write a number of days from 1 to {MOST_DAYS}."})
    return int(text.strip()[:9])


def _page(
    customer: str, estimate: str, *, link: str = "", faults: dict[str, str] | None = None
) -> str:
    now_us = desk().now_us
    with reading() as session:
        saved = service.get_saved(session, estimate, customer=seen_by(customer))
        numbers = {each.key: each.number for each in service.versions_of(session, saved)}
        links = shares.shares_of(session, saved)
    return render_template(
        "estimates/share.html",
        key=customer,
        saved=saved,
        numbers=numbers,
        links=links,
        link=link,
        faults=faults or {},
        days=request.form.get("days", str(USUAL_DAYS)) if faults else str(USUAL_DAYS),
        most_days=MOST_DAYS,
        now_us=now_us,
        address=partial(place, customer),
    )


Shared = Callable[..., ResponseReturnValue]


def _by_link(view: Shared) -> Shared:
    """Nobody finds the page by searching, no cache keeps it, and no other site learns its address.
    A link that leads nowhere says what to do, whatever it was.
    """

    @wraps(view)
    def shown(token: str) -> ResponseReturnValue:
        try:
            answer = make_response(view(token))
        except LinkGoneError:
            with transaction() as session:
                shares.count_guess(session, request.remote_addr or "", now_us=desk().now_us)
            answer = make_response(render_template("estimates/gone.html", is_slowed=False), 404)
        except TooManyGuessesError as error:
            page = render_template("estimates/gone.html", is_slowed=True)
            answer = make_response(page, error.status)
        answer.headers.update(LINK_HEADERS)
        return answer

    return shown


@estimates_pages.get("/shared/estimates/<token>")
@open_to(Who.ANYONE)
@_by_link
def shared(token: str) -> ResponseReturnValue:
    saved, link = _opened(token)
    return render_template(
        "estimates/shared.html", answer=saved.answer, saved=saved, link=link, token=token
    )


@estimates_pages.get("/shared/estimates/<token>/estimate.pdf")
@open_to(Who.ANYONE)
@_by_link
def shared_pdf(token: str) -> ResponseReturnValue:
    """Without whom it is for, like the page."""
    saved, _ = _opened(token)
    with reading() as session:
        given = replace(service.given(session, saved.key, customer=None), customer="")
    body = file_of(given, "pdf", current_app.config["DCX"])
    return as_file(f"{given.file_name}.pdf", FORMS["pdf"], body)


def _opened(token: str) -> tuple[service.Saved, shares.Share]:
    with reading() as session:
        return shares.opened(
            session, token, address=request.remote_addr or "", now_us=desk().now_us
        )
