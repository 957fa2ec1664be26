"""Estimates that are kept: the same numbers for ever, and a new version when prices changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from dcx.estimates.errors import UnknownEstimateError
from dcx.estimates.models import Estimate
from dcx.estimates.repository import EstimateRepository, VersionRow
from dcx.estimates.rules.answers import Answer, answer_json, read_answer
from dcx.estimates.rules.asks import Ask, ask_json
from dcx.estimates.rules.reading import read_ask
from dcx.estimates.service.prices import Desk, estimate
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.ids import fingerprint, new_id
from dcx.kit.money import cents_text


@dataclass(frozen=True, slots=True)
class Saved:
    """An estimate as it was given. `number` counts the versions of its `series` from 1."""

    key: str
    series: str
    number: int
    customer: str
    made_by: str
    created_us: int
    ask: Ask
    answer: Answer


def save(
    session: Session,
    ask: Ask,
    desk: Desk,
    *,
    customer: str,
    by: Actor,
    series: str = "",
) -> Saved:
    """Price and keep. `customer` '' is nobody in particular; with `series` it is the next version
    of an estimate that is there.
    """
    repository = EstimateRepository(session)
    answer = estimate(session, ask, desk, customer=customer).saved_as(new_id())
    asked = json.dumps(ask_json(ask), ensure_ascii=False)
    answered = json.dumps(answer_json(answer), ensure_ascii=False)
    row = Estimate(
        key=answer.key,
        series=series or answer.key,
        number=repository.last_number(series) + 1 if series else 1,
        customer=customer,
        name=ask.name,
        month=ask.month,
        book=answer.book,
        version=answer.version,
        asked=asked,
        answered=answered,
        digest=fingerprint(asked + answered),
        net_cents=answer.net_cents,
        total_cents=answer.total_cents,
        is_complete=answer.is_complete,
        made_by=by.who,
        created_us=desk.now_us,
        removed_us=None,
    )
    repository.add(row)
    facts = {"name": ask.name, "version": row.number, "net": cents_text(answer.net_cents)}
    deed = Deed("estimate saved", row.key, customer, after=facts)
    journal.record(session, by, deed, now_us=desk.now_us)
    return _saved(row)


def get_saved(session: Session, key: str, *, customer: str | None) -> Saved:
    """One estimate; UnknownEstimateError where there is none or it is not `customer`'s (None: staff
    see all).
    """
    row = EstimateRepository(session).find(key, customer)
    if row is None:
        raise _unknown()
    return _saved(row)


def _unknown() -> UnknownEstimateError:
    return UnknownEstimateError("This estimate does not exist, or it is not yours to see.")


def versions_of(session: Session, saved: Saved) -> Sequence[VersionRow]:
    """All versions of the same estimate, oldest first."""
    return EstimateRepository(session).versions(saved.series)


def changed_since(session: Session, saved: Saved, desk: Desk) -> Answer | None:
    """What the same costs now, where that is something else; None: it costs the same."""
    now = estimate(session, saved.ask, desk).saved_as(saved.key)
    then = saved.answer
    same = replace(
        now,
        version=then.version,
        assumptions=then.assumptions,
        not_estimated=then.not_estimated,
        lines=tuple(
            replace(line, version=old.version)
            for line, old in zip(now.lines, then.lines, strict=False)
        ),
    )
    return None if same == then and len(now.lines) == len(then.lines) else now


def price_again(session: Session, saved: Saved, desk: Desk, *, by: Actor) -> Saved:
    """The same ask priced now, as the next version; the old one stays as it is. Others who price it
    again wait until this is done.
    """
    if not EstimateRepository(session).lock(saved.series):
        raise _unknown()
    return save(session, saved.ask, desk, customer=saved.customer, by=by, series=saved.series)


def _saved(row: Estimate) -> Saved:
    return Saved(
        row.key,
        row.series,
        row.number,
        row.customer,
        row.made_by,
        row.created_us,
        read_ask(json.loads(row.asked), this_month=row.month),
        read_answer(json.loads(row.answered)),
    )
