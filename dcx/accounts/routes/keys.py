"""Doors to API keys: the provider's and everybody's for staff, their own for customers."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.routes.ground import accounts_pages, now_us, tried
from dcx.accounts.rules import PROVIDER_SCOPES, SCOPES
from dcx.accounts.service import customers
from dcx.accounts.service import keys as service
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, is_owner, open_to, viewer

CUSTOMER_SCOPES = tuple(scope for scope in SCOPES if scope not in PROVIDER_SCOPES)


@accounts_pages.get("/keys")
@open_to(Who.STAFF)
def keys() -> ResponseReturnValue:
    return _staffs_page()


@accounts_pages.post("/keys")
@open_to(Who.ADMIN)
def make_key() -> ResponseReturnValue:
    """The answer shows the key: the only time that it can be read."""
    made, fault = _made(request.form.get("customer") or None)
    return _staffs_page(made, fault), 422 if fault else 201


def _staffs_page(made: str | None = None, fault: str | None = None) -> str:
    with reading() as database:
        listed = service.keys(database)
        choices = sorted(customers(database), key=lambda each: each.name)
    return render_template(
        "accounts/keys.html",
        keys=listed,
        choices=choices,
        scopes=SCOPES,
        made=made,
        fault=fault,
        can_change=viewer().staff_role == "admin",
    )


@accounts_pages.post("/keys/<key>/revoke")
@open_to(Who.ADMIN)
def revoke_key(key: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            service.revoke_key(database, key, customer=None, by=actor(), now_us=now_us())
        return "The key is revoked: its next request is refused."

    return tried(work, url_for("accounts.keys"))


@accounts_pages.get("/c/<customer>/keys")
@open_to(Who.CUSTOMER)
def customer_keys(customer: str) -> ResponseReturnValue:
    return _customers_page(customer)


@accounts_pages.post("/c/<customer>/keys")
@open_to(Who.OWNER)
def make_customer_key(customer: str) -> ResponseReturnValue:
    made, fault = _made(customer)
    return _customers_page(customer, made, fault), 422 if fault else 201


def _customers_page(customer: str, made: str | None = None, fault: str | None = None) -> str:
    with reading() as database:
        listed = service.keys(database, customer=customer)
    return render_template(
        "accounts/customer_keys.html",
        key=customer,
        keys=listed,
        scopes=CUSTOMER_SCOPES,
        made=made,
        fault=fault,
        can_change=is_owner(customer),
    )


@accounts_pages.post("/c/<customer>/keys/<key>/revoke")
@open_to(Who.OWNER)
def revoke_customer_key(customer: str, key: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            service.revoke_key(database, key, customer=customer, by=actor(), now_us=now_us())
        return "The key is revoked: its next request is refused."

    return tried(work, url_for("accounts.customer_keys", customer=customer))


def _made(customer: str | None) -> tuple[str | None, str | None]:
    """(the new key, None), or (None, why there is none)."""
    name, scopes = request.form.get("name", "").strip(), request.form.getlist("scope")
    try:
        with transaction() as database:
            made = service.make_key(
                database, name, scopes, customer=customer, by=actor(), now_us=now_us()
            )
    except (AccountRefusedError, UnknownCustomerError) as error:
        return None, error.message
    return made, None
