"""The databases of a test are as new, whatever the tests before did with them."""

import psycopg
import pytest
from sqlalchemy import select, text

from dcx.accounts import service as accounts
from dcx.accounts.models import Customer
from dcx.repository.session import Database, db, engine_of, transaction
from tests.support.apps import serving
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of

BINDS: tuple[tuple[str | None, Database], ...] = ((None, "main"), ("bronze", "bronze"))


def everything() -> dict[str, list[object]]:
    """All rows of all tables of both."""
    found: dict[str, list[object]] = {}
    for bind, database in BINDS:
        with engine_of(database).connect() as connection:
            for table in db.metadatas[bind].sorted_tables:
                found[table.name] = [tuple(row) for row in connection.execute(select(table))]
    return found


def add(key: str) -> int:
    """A customer; its row's number."""
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer(key, key.title()), now_us=1)
        return session.scalars(select(Customer.id).where(Customer.key == key)).one()


@pytest.mark.parametrize("change", ["UPDATE audit_head SET id = 7", "DROP TABLE usage_segment"])
def test_what_a_test_did_is_not_there_for_the_next(
    databases: SqliteDatabases | PostgresDatabases, change: str
) -> None:
    with serving(settings_of(databases.fresh())):
        before = everything()
        assert [add("alpha"), add("gamma")] == [1, 2]
        with transaction() as session:
            session.execute(text(change))
        with transaction("bronze") as session:
            session.execute(text("INSERT INTO pending (kind, resource, first_us, last_us)"
                                 " VALUES ('vm', 'vm-1', 1, 2)"))  # fmt: skip
    databases.fresh()
    databases.take_back()

    for _ in range(5):
        with serving(settings_of(databases.fresh())):
            assert everything() == before
            assert add("gamma") == 1


def test_a_postgresql_database_is_used_again_under_another_name(
    postgres: PostgresDatabases,
) -> None:
    question = "SELECT oid, datname FROM pg_database WHERE datname = current_database()"
    found = []
    for _ in range(20):
        address = postgres.fresh().main.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            found += connection.execute(question).fetchall()
        postgres.take_back()

    assert len({name for _, name in found}) == 20
    assert len({number for number, _ in found}) < 20
