"""The API of links to an estimate."""

from apiflask import Schema
from apiflask.fields import Integer, String
from apiflask.validators import Range
from flask import current_app, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.api import own_customer
from dcx.estimates import service
from dcx.estimates.api.ground import SCOPE, Sent, desk, estimates_api
from dcx.estimates.service import shares
from dcx.estimates.service.shares import MOST_DAYS, USUAL_DAYS
from dcx.journal.api import OnceHeader, once
from dcx.kit.periods import instant_text
from dcx.repository.session import transaction
from dcx.web.api import answers
from dcx.web.doors import actor, open_to_scope


class ShareBody(Schema):
    """How long a link lasts."""

    days = Integer(load_default=USUAL_DAYS, strict=True, validate=Range(1, MOST_DAYS))


class ShareAnswer(Schema):
    """A link, told this once."""

    url = String(required=True)
    expires_at = String(required=True)


@estimates_api.post("/estimates/<estimate>/share")
@estimates_api.input(ShareBody, location="json")
@estimates_api.input(OnceHeader, location="headers", arg_name="header")
@estimates_api.doc(
    summary="Share an estimate by a link",
    responses=answers(ShareAnswer, "The link: anybody who has it may read", status=201),
    security="key",
)
@open_to_scope(SCOPE)
def share_estimate(estimate: str, json_data: Sent, header: Sent) -> ResponseReturnValue:
    """The answer holds a secret: for an Idempotency-Key it is kept sealed."""
    settings = current_app.config["DCX"]

    def work() -> Sent:
        now_us = desk().now_us
        with transaction() as session:
            saved = service.get_saved(session, estimate, customer=own_customer())
            made, token = shares.share(
                session, saved, days=json_data["days"], by=actor(), now_us=now_us
            )
        path = url_for("estimates.shared", token=token)
        return {
            "url": settings.public_url.rstrip("/") + path,
            "expires_at": instant_text(made.expires_us),
        }

    return once(header.get("once"), work, status=201, vault=current_app.config["VAULT"])
