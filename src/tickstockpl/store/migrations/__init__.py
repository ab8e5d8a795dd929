"""The tables' history, as Alembic scripts; run by :mod:`tickstockpl.store.migrate`."""
