"""What tests of refunds do: ask for them, have them sent, look at the money."""

from apiflask import APIFlask

from dcx.kit.actors import Actor
from dcx.notifications.service import Site
from dcx.payments.jobs.clock import now_us
from dcx.payments.jobs.refunds import send_refunds
from dcx.payments.service import refunds
from dcx.payments.service.refunds import Wanted
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from tests.support.kept_cards import Clock

SAM, ADA = Actor("sam@dcx.example"), Actor("ada@dcx.example")
NEVER = 10**12


def ask(payment: str, cents: int, form_key: str, *, limit_cents: int = NEVER) -> str:
    """The key of a refund that sam asks for."""
    with transaction() as session:
        wanted = Wanted(payment, cents, "sent twice by the bank", form_key)
        return refunds.ask_refund(session, wanted, by=SAM, limit_cents=limit_cents, now_us=now_us())


def send(app: APIFlask, clock: Clock) -> dict[str, int]:
    """What one run of the job did."""
    settings = app.config["DCX"]
    counts = send_refunds(settings.gateway, Site.of(settings), clock=clock)
    return {name: number for name, number in counts.items() if number}


def money() -> tuple[int, int, int]:
    """Cents in alpha's wallet, held, and owed by it."""
    with reading() as session:
        found = wallet.balances(session, "alpha")
    return found.wallet, found.held, found.owed


def states(payment: str) -> list[str]:
    """How a payment's refunds stand, oldest first."""
    with reading() as session:
        return [line.state for line in refunds.refunds_of(session, payment).lines]
