"""What Alembic runs: the scripts, on the connection and in the transaction that ``migrate`` opened."""

from alembic import context

from tickstockpl.store.migrate import VERSION_TABLE
from tickstockpl.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
context.run_migrations()
