"""Brings the tables of a database to this code's version, by Alembic."""

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from webapp.config import ROOT, ConfigurationError

MIGRATIONS = ROOT / "migrations"


def migrate(opened: Connection) -> None:
    """Run the migrations that this database has not seen yet."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    revision = MigrationContext.configure(opened).get_current_revision()
    if revision == scripts.get_current_head():
        return
    if revision and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigurationError(
            f"The database (revision {revision}) is newer than this version of Recado: "
            "update Recado, or restore the backup from before the update."
        )
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = opened
    command.upgrade(settings, "head")
