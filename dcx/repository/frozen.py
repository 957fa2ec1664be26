"""Tables whose rows the database itself refuses to change or delete."""

from typing import Any

from sqlalchemy import DDL, Table, event

WORDS = "rows of this table are never changed and never deleted"


def freeze_statements(table: str, dialect: str) -> list[str]:
    """The statements that freeze a table on SQLite or PostgreSQL."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {WORDS}'); END"
            for act in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '%: {WORDS}', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ]


def freeze(table: Any) -> None:
    """Freeze a table when it is created from its model; migrations call `freeze_statements`."""
    if not isinstance(table, Table):
        raise TypeError(f"{table!r} is not a table.")
    for dialect in ("sqlite", "postgresql"):
        for statement in freeze_statements(table.name, dialect):
            event.listen(
                table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            )
