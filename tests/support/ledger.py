"""Money for tests: who moves it, and short ways to have some."""

import threading
from collections.abc import Callable, Sequence

from apiflask import APIFlask

from dcx.kit.actors import Actor
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.wallet.service import Balances, Bill, Grant, Held, Receipt

SAM, ADA = Actor("sam@dcx.example"), Actor("ada@dcx.example")


def pay_in(customer: str, cents: int, source: str, *, document: str = "", now_us: int = 10) -> None:
    with transaction() as session:
        receipt = Receipt(customer, cents, source, "Top-up by card", document)
        wallet.receive(session, receipt, by=SAM, now_us=now_us)


def bill(customer: str, number: str, net: int, vat: int = 0, *, now_us: int = 10) -> None:
    with transaction() as session:
        due = Bill(number, customer, f"Invoice {number}", net, vat)
        wallet.charge(session, due, by=SAM, now_us=now_us)


def give(customer: str, cents: int, source: str, *, until: int | None = None, rank: int = 0) -> str:
    with transaction() as session:
        grant = Grant(customer, cents, rank, until, "Welcome to Highveld", source)
        return wallet.give_credit(session, grant, by=SAM, now_us=10)


def set_aside(customer: str, cents: int, source: str) -> str:
    with transaction() as session:
        held = Held(customer, cents, source, "Order of a VM")
        return wallet.hold(session, held, by=SAM, now_us=10)


def money_of(customer: str) -> Balances:
    with reading() as session:
        return wallet.balances(session, customer)


def breaches() -> list[str]:
    with reading() as session:
        return list(wallet.breaches(session))


def all_at_once(app: APIFlask, works: Sequence[Callable[[], object]]) -> list[object]:
    """Start every work at the same moment in a thread of its own; what each answered or raised."""
    start, answers = threading.Barrier(len(works)), list[object]([None] * len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                answers[place] = work()
            except Exception as error:  # noqa: BLE001 - the test says which errors are right
                answers[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
