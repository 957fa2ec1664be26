"""Run each migration on both databases: main and bronze."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db
names = ["", "bronze"]


def run() -> None:
    """One connection a database; each keeps its own record of where it stands."""
    for name in names:
        engine = database.engines[name or None]
        with engine.connect() as connection:
            switch_foreign_keys(connection, "OFF")
            context.configure(
                connection=connection,
                upgrade_token=f"{name}_upgrades",
                downgrade_token=f"{name}_downgrades",
                target_metadata=database.metadatas[name or None],
                render_as_batch=True,
                compare_type=True,
                transactional_ddl=True,
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)
            connection.commit()
            switch_foreign_keys(connection, "ON")


def switch_foreign_keys(connection, to):
    """SQLite changes a table by writing it anew: what refers to it must not mind meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={to}")


run()
