"""Every migration goes up, down and up again with data; models and migrations agree."""

from apiflask import APIFlask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from dcx.accounts import service as accounts
from dcx.factory import create_app
from dcx.repository.session import engine_of, reading, transaction
from tests.support.databases import PostgresDatabases, SqliteDatabases, settings_of


def test_migrations_go_up_down_and_up_with_data(
    databases: SqliteDatabases | PostgresDatabases,
) -> None:
    app = create_app(settings_of(databases.empty()))
    with app.app_context():
        upgrade()
        with transaction() as session:
            accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)
        downgrade(revision="base")
        assert inspect(engine_of("main")).get_table_names() == ["alembic_version"]
        assert inspect(engine_of("bronze")).get_table_names() == ["alembic_version"]
        upgrade()
        with reading() as session:
            assert accounts.customers(session) == []
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def test_models_and_migrations_agree(app: APIFlask) -> None:
    assert app.config["DCX"]
    check()
