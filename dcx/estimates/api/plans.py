"""The API of Terraform plans: what one will cost, before and after. Nothing of it is stored."""

from flask import request
from flask.typing import ResponseReturnValue

from dcx.accounts.api import own_customer
from dcx.estimates import service
from dcx.estimates.api.ground import SCOPE, Sent, desk, estimates_api
from dcx.estimates.api.planned import PLAN, PlanAnswer, plan_json
from dcx.estimates.rules.plans.frame import MOST_BYTES, TOO_LARGE
from dcx.estimates.rules.plans.sent import read_sent
from dcx.estimates.service import plans
from dcx.journal.api import OnceHeader, once
from dcx.repository.session import reading
from dcx.web.api import BODY, answers
from dcx.web.doors import open_to_scope
from dcx.web.sizes import takes


@estimates_api.post("/estimates/terraform-plan")
@estimates_api.input(OnceHeader, location="headers", arg_name="header")
@estimates_api.doc(
    summary="Price a Terraform plan",
    description=(
        "The body is what `terraform show -json` prints, or an object that holds it under `plan`."
        " Nothing of it is stored; with an Idempotency-Key the answer is kept, as for any request."
    ),
    responses=answers(PlanAnswer, "What it will cost, before and after"),
    security="key",
    extensions={BODY: PLAN},
)
@open_to_scope(SCOPE)
@takes(MOST_BYTES, TOO_LARGE)
def price_plan(header: Sent) -> ResponseReturnValue:
    now = desk()
    plan, wish = read_sent(request.get_data(), this_month=now.this_month)

    def work() -> Sent:
        with reading() as session:
            customer = own_customer()
            if customer:
                ask = plans.ask_of_plan(plan, wish)
                service.require_open_book(session, ask, customer)
            return plan_json(plans.estimate_plan(session, plan, wish, now))

    return once(header.get("once"), work)
