"""The tables in the database are the ones that the code declares and the specification asks for."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tickstockpl.errors import TickStockError
from tickstockpl.store.migrate import HEAD, VERSION_TABLE, migrate
from tickstockpl.store.tables import metadata

NO, YES = "NO", "YES"  # information_schema's is_nullable

SPECIFIED_COLUMNS = {
    "streaming_sessions": [
        ("session_id", "uuid", NO, None),
        ("universe", "character varying(100)", NO, None),
        ("started_at", "timestamp with time zone", NO, None),
        ("stopped_at", "timestamp with time zone", YES, None),
        ("symbol_count", "integer", NO, None),
        ("total_patterns", "integer", YES, "0"),
        ("total_indicators", "integer", YES, "0"),
        ("final_status", "character varying(20)", YES, None),
        ("created_at", "timestamp with time zone", YES, "now()"),
    ],
    "intraday_patterns": [
        ("id", "bigint", NO, "nextval('intraday_patterns_id_seq'::regclass)"),
        ("session_id", "uuid", YES, None),
        ("symbol", "character varying(10)", NO, None),
        ("pattern_type", "character varying(50)", NO, None),
        ("confidence", "numeric(5,2)", NO, None),
        ("detected_at", "timestamp with time zone", NO, None),
        ("timeframe", "character varying(10)", YES, "'1min'::character varying"),
        ("bar_open", "numeric(12,2)", YES, None),
        ("bar_high", "numeric(12,2)", YES, None),
        ("bar_low", "numeric(12,2)", YES, None),
        ("bar_close", "numeric(12,2)", YES, None),
        ("bar_volume", "bigint", YES, None),
        ("metadata", "jsonb", YES, None),
        ("created_at", "timestamp with time zone", YES, "now()"),
    ],
    "intraday_indicators": [
        ("id", "bigint", NO, "nextval('intraday_indicators_id_seq'::regclass)"),
        ("session_id", "uuid", YES, None),
        ("symbol", "character varying(10)", NO, None),
        ("indicator", "character varying(50)", NO, None),
        ("value", "numeric(12,4)", NO, None),
        ("calculated_at", "timestamp with time zone", NO, None),
        ("timeframe", "character varying(10)", YES, "'1min'::character varying"),
        ("metadata", "jsonb", YES, None),
        ("created_at", "timestamp with time zone", YES, "now()"),
    ],
    "streaming_health_metrics": [
        ("id", "bigint", NO, "nextval('streaming_health_metrics_id_seq'::regclass)"),
        ("session_id", "uuid", YES, None),
        ("status", "character varying(20)", NO, None),
        ("active_symbols", "integer", YES, None),
        ("ticks_per_second", "numeric(10,2)", YES, None),
        ("bars_per_minute", "integer", YES, None),
        ("processing_lag_ms", "integer", YES, None),
        ("cpu_percent", "numeric(5,2)", YES, None),
        ("memory_mb", "integer", YES, None),
        ("issues", "jsonb", YES, None),
        ("measured_at", "timestamp with time zone", NO, None),
        ("created_at", "timestamp with time zone", YES, "now()"),
    ],
}

SPECIFIED_INDEXES = {
    "idx_intraday_patterns_symbol": "intraday_patterns USING btree (symbol)",
    "idx_intraday_patterns_detected_at": "intraday_patterns USING btree (detected_at DESC)",
    "idx_intraday_indicators_symbol": "intraday_indicators USING btree (symbol)",
    "idx_intraday_indicators_calculated_at": "intraday_indicators USING btree (calculated_at DESC)",
    "idx_streaming_health_measured_at": "streaming_health_metrics USING btree (measured_at DESC)",
}

COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), is_nullable, column_default
    FROM pg_attribute
    JOIN information_schema.columns ON column_name = attname AND table_name = %(table)s AND table_schema = 'public'
    WHERE attrelid = %(table)s::regclass AND attnum > 0
    ORDER BY attnum
"""


def alchemy(url: str) -> sa.Engine:
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sa.pool.NullPool)


@pytest.mark.parametrize("table", SPECIFIED_COLUMNS)
def test_the_specified_tables_have_exactly_the_specified_columns(database_url: str, table: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(COLUMNS, {"table": table}).fetchall() == SPECIFIED_COLUMNS[table]


def test_the_specified_indexes_are_there(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found: dict[str, str] = dict(connection.execute("SELECT indexname, indexdef FROM pg_indexes").fetchall())
    for name, definition in SPECIFIED_INDEXES.items():
        assert found[name] == f"CREATE INDEX {name} ON public.{definition}"


@pytest.mark.parametrize("table", ["intraday_patterns", "intraday_indicators", "streaming_health_metrics"])
def test_rows_belong_to_a_session(database_url: str, table: str) -> None:
    with psycopg.connect(database_url) as connection:
        definitions = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            (table,),
        ).fetchall()
    assert definitions == [("FOREIGN KEY (session_id) REFERENCES streaming_sessions(session_id)",)]


def test_the_migrated_database_is_what_the_code_declares(database_url: str) -> None:
    with alchemy(database_url).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", "tickstockpl.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    assert migrate(empty_database_url) == HEAD
    assert migrate(empty_database_url) == HEAD


def test_a_database_of_the_first_revision_is_brought_up_to_date_and_keeps_its_rows(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP TABLE streaming_catalogs, session_commands, audit_log, bar_revisions")
        for table in ("bars_1min", "indicator_alerts"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN backfilled")
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
        connection.execute(
            "INSERT INTO streaming_sessions (session_id, universe, started_at, symbol_count) "
            "VALUES (gen_random_uuid(), 'a:b', now(), 1)"
        )
    assert migrate(database_url) == HEAD
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM streaming_sessions").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM streaming_catalogs").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM session_commands").fetchone() == (0,)


def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(migrate, [empty_database_url] * 4)) == [HEAD] * 4


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(TickStockError, match=r"revision 9999.* update tickstockpl"):
        migrate(database_url)


def test_tables_of_another_origin_are_left_alone(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("CREATE TABLE streaming_sessions (something text)")
    with pytest.raises(TickStockError, match="tables of another origin"):
        migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert count == (1,)


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    with pytest.raises(TickStockError, match=r"cannot reach the database at 127\.0\.0\.1:1/x") as caught:
        migrate("postgresql://someone:hush@127.0.0.1:1/x")
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://u:hush@h/x", "postgresql://u:hush@h/x?nonsense=1", "hush"])
def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(TickStockError, match="postgresql://user:password@host:5432/name") as caught:
        migrate(url)
    assert "hush" not in str(caught.value)
