"""Statements of reconciliation: ledger beside payments, and the differences found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from dcx.kit.sorting import Ask, Page
from dcx.payments.models import Difference, Payment, Refund
from dcx.payments.repository.refunds import DEAD, WENT_ALONG
from dcx.repository.base import Repository, holds
from dcx.repository.pages import Sorted

PAYMENT, REVERSED, REFUND = "payment/", "/reversed", "refund/"
"""How the sources of bookings begin, and how that of a payment taken back ends."""
DIFFERENCE_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "found": Difference.found_us.expression,
    "kind": Difference.kind.expression,
    "customer": Difference.customer.expression,
    "owner": Difference.owner.expression,
}


class DifferenceRepository(Repository):
    """What does not agree."""

    def ledger_differences(self, booked: Subquery) -> Sequence[Any]:
        """(kind, source, customer, payment_id, our cents, booked cents) of every payment, reversal
        and refund that the ledger does not have, has otherwise, or has alone.

        Cents as the ledger signs them at the gateway; None on the side that has nothing.
        """
        ours = _ours()
        joined = ours.outerjoin(booked, booked.c.source == ours.c.source)
        differs = or_(booked.c.cents != ours.c.cents, booked.c.customer != ours.c.customer)
        kind = case((booked.c.source.is_(None), "not_booked"), else_="booked_otherwise")
        missing = (
            select(kind, ours.c.source, ours.c.customer, ours.c.payment_id, ours.c.cents,
                   booked.c.cents)
            .select_from(joined)
            .where(or_(booked.c.source.is_(None), differs))
        )  # fmt: skip
        alone = (
            select(literal("booked_alone"), booked.c.source, booked.c.customer, null(),
                   ours.c.cents, booked.c.cents)
            .select_from(booked.outerjoin(ours, ours.c.source == booked.c.source))
            .where(ours.c.source.is_(None))
            .where(or_(*(booked.c.source.startswith(start) for start in (PAYMENT, REFUND))))
        )  # fmt: skip
        return self._cells(missing.union_all(alone))  # type: ignore[arg-type]

    def sent_and_taken(self) -> Sequence[Any]:
        """(payment, cents that refunds sent back of it) of all that the gateway took back, too."""
        cents = func.sum(Refund.amount_cents)
        query = (
            select(Payment, cents)
            .join(Refund, Refund.payment_id == Payment.id)
            .where(Payment.state == "reversed", Refund.state == "done")
            .where(Refund.words != WENT_ALONG)
            .group_by(Payment.id)
        )
        return self._rows(query.order_by(Payment.id))

    def payment_of(self, source: str) -> Payment | None:
        """The payment that a booking's source speaks of."""
        key = source.removeprefix(PAYMENT).removesuffix(REVERSED)
        return self._one(select(Payment).where(Payment.key == key))

    def write(self, values: Mapping[str, Any]) -> Difference:
        """Write a difference, or say that it was seen again; as it stands then."""
        query = self._insert(Difference).values(**values)
        again = query.on_conflict_do_update(
            index_elements=["kind", "subject"], set_={"seen_us": values["seen_us"]}
        )
        self.session.execute(again)
        known = select(Difference).where(
            Difference.kind == values["kind"], Difference.subject == values["subject"]
        )
        return self.session.scalars(known.execution_options(populate_existing=True)).one()

    def settle_unseen(
        self, kinds: Sequence[str], *, since_us: int, payment: int | None, facts: Mapping[str, Any]
    ) -> int:
        """Settle the open ones of these kinds (and payment) that were not seen since then."""
        query = update(Difference).where(
            Difference.kind.in_(kinds), Difference.settled_us.is_(None),
            Difference.seen_us < since_us,
        )  # fmt: skip
        if payment is not None:
            query = query.where(Difference.payment_id == payment)
        done: Any = self.session.execute(query.values(**facts))
        return int(done.rowcount)

    def lock(self, number: int) -> Difference | None:
        """A difference, held until the transaction ends."""
        return self._one(select(Difference).where(Difference.id == number).with_for_update())

    def waiting(self) -> Sequence[Any]:
        """(kind, count) of what nobody settled."""
        query = select(Difference.kind, func.count()).where(Difference.settled_us.is_(None))
        return self._cells(query.group_by(Difference.kind).order_by(Difference.kind))

    def page(self, wanted: Mapping[str, str], ask: Ask) -> Page[Any]:
        """(difference, key and reference of its payment) of those that match."""
        return _listed(wanted).page(self.session, ask)

    def every(self, wanted: Mapping[str, str], ask: Ask) -> Iterator[Any]:
        """All that match, streamed."""
        return _listed(wanted).every(self.session, ask)

    def to_ask(self, window: tuple[int, int, int], *, after: int, limit: int) -> Sequence[Payment]:
        """Payments that the gateway knows and was not asked about since `asked_before`, oldest
        first: those of the last days, and older ones that were never compared.

        `window` is (recent from, never compared from, asked before).
        """
        recent_us, oldest_us, asked_before_us = window
        never = Payment.gateway_us.is_(None)
        query = (
            select(Payment)
            .where(Payment.id > after)
            .where(or_(Payment.pay_request_id.is_not(None), Payment.is_unattended))
            .where(or_(never, Payment.gateway_us < asked_before_us))
            .where(or_(_moved_us() >= recent_us, never & (Payment.created_us >= oldest_us)))
        )
        return self._all(query.order_by(Payment.id).limit(limit))

    def heard(self, payment: int, cents: int, now_us: int) -> None:
        """Keep what the gateway had taken for a payment."""
        query = update(Payment).where(Payment.id == payment)
        self.session.execute(query.values(gateway_cents=cents, gateway_us=now_us))

    def our_sums(self, starts_us: int, ends_us: int) -> Any:
        """(paid, their cents, asked, taken, cents the gateway took) of payments paid in a time."""
        is_paid = Payment.state == "paid"
        taken = func.coalesce(Payment.gateway_cents, 0) > 0
        query = select(
            func.count(case((is_paid, 1))),
            func.coalesce(func.sum(case((is_paid, Payment.amount_cents))), 0),
            func.count(Payment.gateway_us),
            func.count(case((taken, 1))),
            func.coalesce(func.sum(Payment.gateway_cents), 0),
        ).where(Payment.paid_us >= starts_us, Payment.paid_us < ends_us)
        return self.session.execute(query).one()

    def booked_sums(self, booked: Subquery, starts_us: int, ends_us: int) -> Any:
        """(count, cents) of payments booked in a time and not reversed since."""
        back = booked.alias("undone")
        query = (
            select(func.count(), func.coalesce(-func.sum(booked.c.cents), 0))
            .select_from(booked.outerjoin(back, back.c.source == booked.c.source.concat(REVERSED)))
            .where(booked.c.source.startswith(PAYMENT), ~booked.c.source.endswith(REVERSED))
            .where(booked.c.booked_us >= starts_us, booked.c.booked_us < ends_us)
            .where(back.c.source.is_(None))
        )
        return self.session.execute(query).one()


def _moved_us() -> ColumnElement[int]:
    """When a payment last mattered: it was made, or paid."""
    return func.coalesce(Payment.paid_us, Payment.created_us)


def _ours() -> Subquery:
    """(source, customer, cents, payment_id) of all that the ledger must have."""
    source = _text(literal(PAYMENT).concat(Payment.key))
    paid = select(
        source.label("source"), Payment.customer, (-Payment.amount_cents).label("cents"),
        Payment.id.label("payment_id"),
    ).where(Payment.state.in_(("paid", "reversed")))  # fmt: skip
    left = Payment.amount_cents - _gone()
    undone = select(_text(source.concat(REVERSED)), Payment.customer, left, Payment.id).where(
        Payment.state == "reversed", left > 0
    )
    sent = (
        select(_text(literal(REFUND).concat(Refund.key)), Payment.customer, Refund.amount_cents,
               Payment.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == "done")
    )  # fmt: skip
    return union_all(paid, undone, sent).subquery("ours")


def _gone() -> ColumnElement[int]:
    """What refunds of a payment sent back, or may have: taking it back leaves that out."""
    query = select(func.coalesce(func.sum(Refund.amount_cents), 0))
    query = query.where(Refund.payment_id == Payment.id, Refund.state.not_in(DEAD))
    return query.correlate(Payment).scalar_subquery()


def _text(value: ColumnElement[str]) -> ColumnElement[str]:
    """Said to be text: only so does SQLite make itself an index over what is put together."""
    return cast(value, String)


def _listed(wanted: Mapping[str, str]) -> Sorted:
    query: Select[*tuple[Any, ...]] = select(
        Difference, func.coalesce(Payment.key, ""), func.coalesce(Payment.reference, "")
    ).outerjoin(Payment, Payment.id == Difference.payment_id)
    if wanted["state"] != "all":
        is_open = Difference.settled_us.is_(None)
        query = query.where(is_open if wanted["state"] != "settled" else ~is_open)
    if wanted["kind"]:
        query = query.where(Difference.kind == wanted["kind"])
    if words := wanted["words"]:
        places = (Difference.customer, Difference.subject, Difference.owner, Payment.reference)
        query = query.where(or_(*(holds(place, words) for place in places)))
    return Sorted(query, DIFFERENCE_COLUMNS, Difference.id.expression)
