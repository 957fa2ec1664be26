"""Do the databases stand where the code expects them?"""

from functools import cache

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dcx.repository.session import Database, engine_of
from dcx.settings import ROOT

DATABASES: tuple[Database, ...] = ("main", "bronze")


def databases_behind() -> list[str]:
    """The names of the databases that are not at the newest migration."""
    return [name for name in DATABASES if _revision(name) != _head()]


def _revision(database: Database) -> str | None:
    with engine_of(database).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def _head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
