"""Doors to the people of a customer: their owner's pages, and the same for staff."""

from collections.abc import Callable

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.routes.ground import accounts_pages, now_us, site, tried
from dcx.accounts.service import domains, get_customer, invitations, people
from dcx.accounts.service.people import RoleAt
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, is_owner, open_to, viewer


@accounts_pages.get("/c/<customer>/people")
@open_to(Who.CUSTOMER)
def members(customer: str) -> ResponseReturnValue:
    with reading() as database:
        found = people.members(database, customer)
        invited = invitations.invitations(database, customer, now_us=now_us())
    return render_template(
        "accounts/members.html",
        key=customer,
        members=found,
        invited=invited,
        can_change=is_owner(customer),
        doors=_OWNERS_DOORS,
    )


@accounts_pages.get("/customers/<key>/people")
@open_to(Who.STAFF)
def customer_people(key: str) -> ResponseReturnValue:
    with reading() as database:
        who = get_customer(database, key)
        found = people.members(database, key)
        invited = invitations.invitations(database, key, now_us=now_us())
        listed = domains.domains(database, key)
    return render_template(
        "accounts/customer_people.html",
        who=who,
        key=key,
        members=found,
        invited=invited,
        domains=listed,
        can_change=viewer().staff_role in {"admin", "billing"},
        doors=_STAFFS_DOORS,
    )


_OWNERS_DOORS = {
    "invite": "accounts.invite",
    "withdraw": "accounts.withdraw",
    "change": "accounts.change_member",
    "name": "customer",
}
_STAFFS_DOORS = {
    "invite": "accounts.invite_for",
    "withdraw": "accounts.withdraw_for",
    "change": "accounts.change_member_for",
    "name": "key",
}


@accounts_pages.post("/c/<customer>/people/invite")
@open_to(Who.OWNER)
def invite(customer: str) -> ResponseReturnValue:
    return tried(_invite(customer), url_for("accounts.members", customer=customer))


@accounts_pages.post("/customers/<key>/people/invite")
@open_to(Who.BILLING)
def invite_for(key: str) -> ResponseReturnValue:
    return tried(_invite(key), url_for("accounts.customer_people", key=key))


def _invite(customer: str) -> Callable[[], str]:
    email, role = request.form.get("email", ""), request.form.get("role", "viewer")

    def work() -> str:
        with transaction() as database:
            offered = RoleAt(customer, role)
            invitations.invite(database, email, offered, site=site(), by=actor(), now_us=now_us())
        return f"{email.strip()} gets a mail with a link that is good for seven days."

    return work


@accounts_pages.post("/c/<customer>/people/invitations/<invitation>/withdraw")
@open_to(Who.OWNER)
def withdraw(customer: str, invitation: str) -> ResponseReturnValue:
    back = url_for("accounts.members", customer=customer)
    return tried(_withdraw(customer, invitation), back)


@accounts_pages.post("/customers/<key>/people/invitations/<invitation>/withdraw")
@open_to(Who.BILLING)
def withdraw_for(key: str, invitation: str) -> ResponseReturnValue:
    return tried(_withdraw(key, invitation), url_for("accounts.customer_people", key=key))


def _withdraw(customer: str, invitation: str) -> Callable[[], str]:
    def work() -> str:
        with transaction() as database:
            invitations.withdraw(database, customer, invitation, by=actor(), now_us=now_us())
        return "The invitation is withdrawn: its link leads nowhere now."

    return work


@accounts_pages.post("/c/<customer>/people/<member>")
@open_to(Who.OWNER)
def change_member(customer: str, member: str) -> ResponseReturnValue:
    back = url_for("accounts.members", customer=customer)
    return tried(_change(customer, member), back)


@accounts_pages.post("/customers/<key>/people/<member>")
@open_to(Who.BILLING)
def change_member_for(key: str, member: str) -> ResponseReturnValue:
    return tried(_change(key, member), url_for("accounts.customer_people", key=key))


def _change(customer: str, member: str) -> Callable[[], str]:
    role = request.form.get("role") or None

    def work() -> str:
        with transaction() as database:
            people.change_role(database, customer, member, role, by=actor(), now_us=now_us())
        return f"They are {role} now." if role else "They are removed: nothing here is theirs now."

    return work


@accounts_pages.post("/customers/<key>/people/domains")
@open_to(Who.BILLING)
def add_domain(key: str) -> ResponseReturnValue:
    domain, role = request.form.get("domain", ""), request.form.get("role", "viewer")

    def work() -> str:
        with transaction() as database:
            domains.add_domain(database, key, domain, role, by=actor(), now_us=now_us())
        return f"Who comes for the first time from {domain.strip()} becomes {role}."

    return tried(work, url_for("accounts.customer_people", key=key))


@accounts_pages.post("/customers/<key>/people/domains/<domain>/remove")
@open_to(Who.BILLING)
def remove_domain(key: str, domain: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as database:
            domains.remove_domain(database, key, domain, by=actor(), now_us=now_us())
        return f"Nobody new is let in from {domain}."

    return tried(work, url_for("accounts.customer_people", key=key))
