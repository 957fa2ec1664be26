"""What was done is written in a chain in which nothing can be changed or left out unnoticed."""

from collections.abc import Iterable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dcx.journal import service as journal
from dcx.journal.service import Deed, Wanted
from dcx.kit.actors import Actor
from dcx.repository.session import reading, transaction
from tests.conftest import Flask

pytestmark = pytest.mark.usefixtures("app")
SAM = Actor("sam@dcx.example", "192.0.2.7")


def write(subjects: Iterable[str]) -> None:
    for at, subject in enumerate(subjects, 1):
        with transaction() as session:
            deed = Deed("role changed", subject, "alpha", {"role": "viewer"}, {"role": "owner"})
            journal.record(session, SAM, deed, now_us=at)


def tamper(statement: str) -> None:
    """As somebody with the database's own tools would: the guard taken off first."""
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_entry_no_update"))
            session.execute(text("DROP TRIGGER audit_entry_no_delete"))
        else:
            session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_frozen"))
        session.execute(text(statement))


def found() -> list[str]:
    with reading() as session:
        return list(journal.breaches(session))


def test_a_chain_that_nobody_touched_holds() -> None:
    write("abcde")

    with reading() as session:
        page = journal.entries(session, Wanted(), limit=3)
    assert [entry.subject for entry in page.rows] == ["e", "d", "c"]
    assert page.rows[0].before == '{"role": "viewer"}'
    assert found() == []


@pytest.mark.parametrize("act", ["UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_the_audit(act: str) -> None:
    write("a")

    with pytest.raises(DBAPIError, match="never changed"), transaction() as session:
        session.execute(text(act))


def test_a_changed_entry_is_named(flask: Flask) -> None:
    write("abcde")

    tamper("UPDATE audit_entry SET after = '{}' WHERE number = 3")

    assert found() == ["audit entry 3 was changed"]
    answer = flask("check")
    assert answer.status == 1
    assert "audit entry 3 was changed" in answer.err


def test_a_missing_entry_is_named_wherever_it_stood() -> None:
    write("abcde")

    tamper("DELETE FROM audit_entry WHERE number IN (1, 3, 5)")

    assert found() == [
        "audit entry 1 is missing", "audit entry 3 is missing", "audit entry 5 is missing",
    ]  # fmt: skip


def test_an_entry_written_anew_with_a_fitting_hash_breaks_the_chain() -> None:
    write("abc")

    tamper("UPDATE audit_entry SET previous = digest WHERE number = 2")

    assert "audit entry 2 does not follow the one before it" in found()


def test_an_entry_written_while_the_chain_is_verified_is_not_missed() -> None:
    write("abc")
    tamper("UPDATE audit_entry SET after = '{}' WHERE number = 1")

    with reading() as session:
        faults = journal.breaches(session)
        first = next(faults)
        write("d")
        rest = list(faults)

    assert (first, rest) == ("audit entry 1 was changed", [])


def test_the_chains_end_is_told_to_be_kept_elsewhere(flask: Flask) -> None:
    write("abc")

    told = flask("check", "--format", "json").json["audit"]

    with reading() as session:
        last = journal.entries(session, Wanted(), limit=1).rows[0]
    assert told == {"number": 3, "digest": last.digest}
    assert f"audit: number 3, digest {last.digest}" in flask("check").out


def test_what_is_rolled_back_leaves_no_entry() -> None:
    write("a")

    with pytest.raises(RuntimeError):
        _change_that_fails()

    with reading() as session:
        assert [entry.subject for entry in journal.entries(session, Wanted()).rows] == ["a"]
    assert found() == []


def _change_that_fails() -> None:
    with transaction() as session:
        journal.record(session, SAM, Deed("tried", "b"), now_us=9)
        raise RuntimeError


def test_entries_are_found_by_person_customer_words_and_time() -> None:
    write(["first 100%", "second"])
    with transaction() as session:
        journal.record(session, Actor("Clock"), Deed("metered", "run 1"), now_us=50)

    def subjects(wanted: Wanted) -> list[str]:
        with reading() as session:
            return [entry.subject for entry in journal.entries(session, wanted).rows]

    assert subjects(Wanted(who="Clock")) == ["run 1"]
    assert subjects(Wanted(customer="alpha")) == ["second", "first 100%"]
    assert subjects(Wanted(words="100%")) == ["first 100%"]
    assert subjects(Wanted(words="ROLE")) == ["second", "first 100%"]
    assert subjects(Wanted(since_us=2, until_us=50)) == ["second"]
