"""Settings: where they come from, what is refused and how, and the page that documents them."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from tickstockpl import settings_page
from tickstockpl.errors import TickStockError
from tickstockpl.settings import ENV_PREFIX, Settings, load_settings

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own."""
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a TOML file that ``TICKSTOCK_CONFIG`` names; the test writes it."""
    path = tmp_path / "tickstockpl.toml"
    monkeypatch.setenv("TICKSTOCK_CONFIG", str(path))
    return path


class TestSources:
    def test_defaults_are_what_the_specification_and_the_design_say(self) -> None:
        settings = load_settings()
        assert (settings.redis_url, settings.database_url) == (None, None)
        assert (settings.patterns, settings.min_confidence, settings.pattern_batch) == ("default", 0.2, 1)
        assert settings.health_interval_s == 60
        assert (settings.alert_hysteresis, settings.alert_cooldown_minutes) == (None, 0)
        assert settings.warm_up_sessions == 3
        assert (settings.cpu_warning_percent, settings.lag_warning_ms, settings.lag_critical_ms) == (70, 200, 1000)
        assert (settings.stale_feed_s, settings.disk_warning_mb, settings.health_hold_s) == (30, 1024, 10)
        assert (settings.host, settings.port) == ("127.0.0.1", 8450)
        assert settings.data_dir.is_absolute()

    def test_a_variable_sets_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TICKSTOCK_PORT", "9000")
        assert load_settings().port == 9000

    def test_an_empty_variable_is_as_good_as_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TICKSTOCK_PORT", "")
        monkeypatch.setenv("TICKSTOCK_REDIS_URL", "")
        assert load_settings().port == 8450
        assert load_settings().redis_url is None

    def test_the_file_sets_it_the_variable_wins_and_the_option_wins_over_both(
        self, config: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config.write_text("port = 9001\npattern_batch = 10\nhealth_interval_s = 30\n")
        monkeypatch.setenv("TICKSTOCK_PORT", "9002")
        monkeypatch.setenv("TICKSTOCK_PATTERN_BATCH", "20")
        settings = load_settings(port=9003, pattern_batch=None)
        assert (settings.port, settings.pattern_batch, settings.health_interval_s) == (9003, 20, 30)

    def test_own_universes_are_in_the_data_folder_unless_told(self, tmp_path: Path) -> None:
        assert load_settings(data_dir=tmp_path).universes == tmp_path / "universes"
        assert load_settings(data_dir=tmp_path, universe_dir=tmp_path / "own").universes == tmp_path / "own"

    def test_the_tilde_is_the_users_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/sam")
        monkeypatch.setenv("TICKSTOCK_DATA_DIR", "~/market")
        monkeypatch.setenv("TICKSTOCK_UNIVERSE_DIR", "~/universes")
        assert load_settings().data_dir == Path("/home/sam/market")
        assert load_settings().universes == Path("/home/sam/universes")

    @pytest.mark.parametrize(("user", "folder"), [(0, "/var/lib/tickstockpl"), (1000, "/home/sam/share/tickstockpl")])
    def test_root_keeps_its_data_where_the_databases_user_can_get_at_them(
        self, user: int, folder: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: user)
        monkeypatch.setattr("platformdirs.user_data_dir", lambda name, appauthor: f"/home/sam/share/{name}")
        assert load_settings().data_dir == Path(folder)

    def test_they_are_frozen(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            load_settings().port = 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "value", "remedy"),
        [
            ("MIN_CONFIDENCE", "1.5", "less than or equal to 1"),
            ("MIN_CONFIDENCE", "-0.1", "greater than or equal to 0"),
            ("MIN_CONFIDENCE", "nan", "less than or equal to 1"),
            ("MIN_CONFIDENCE", "high", "a valid number"),
            ("PATTERN_BATCH", "0", "greater than or equal to 1"),
            ("PATTERN_BATCH", "51", "less than or equal to 50"),
            ("PATTERN_BATCH", "2.5", "a valid integer"),
            ("ALERT_COOLDOWN_MINUTES", "-1", "greater than or equal to 0"),
            ("WARM_UP_SESSIONS", "-1", "greater than or equal to 0"),
            ("HEALTH_INTERVAL_S", "0", "greater than or equal to 1"),
            ("CPU_WARNING_PERCENT", "0", "greater than 0"),
            ("CPU_WARNING_PERCENT", "101", "less than or equal to 100"),
            ("LAG_WARNING_MS", "0", "greater than 0"),
            ("LAG_CRITICAL_MS", "-1", "greater than 0"),
            ("SIMULATOR_RUNS_KEPT", "0", "greater than or equal to 1"),
            ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
            ("PORT", "65536", "less than or equal to 65535"),
            ("PORT", "http", "a valid integer"),
        ],
    )
    def test_a_wrong_value_is_one_sentence_with_name_value_and_remedy(
        self, name: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(f"TICKSTOCK_{name}", value)
        with pytest.raises(TickStockError) as refusal:
            load_settings()
        sentence = str(refusal.value)
        assert sentence.startswith(f"setting TICKSTOCK_{name} was {value!r}: it should be ")
        assert remedy in sentence
        assert sentence.endswith(f"({Settings.model_fields[name.lower()].description})")
        assert "\n" not in sentence

    def test_thresholds_that_leave_no_room_for_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TICKSTOCK_LAG_WARNING_MS", "2000")
        with pytest.raises(
            TickStockError, match=r"^setting TICKSTOCK_LAG_WARNING_MS was 2000, above .*\(1000\).*lower"
        ):
            load_settings()

    def test_a_name_in_the_file_that_is_no_setting(self, config: Path) -> None:
        config.write_text('redis_ulr = "redis://localhost"\n')
        with pytest.raises(
            TickStockError, match=r"no setting 'redis_ulr' \(.*tickstockpl.toml\); did you mean redis_url"
        ):
            load_settings()

    def test_an_address_of_a_wrong_type_is_not_shown(self, config: Path) -> None:
        config.write_text('database_url = ["postgresql://sam:sesame@host/db"]\n')
        with pytest.raises(TickStockError, match="TICKSTOCK_DATABASE_URL was of a wrong type") as refusal:
            load_settings()
        assert "sesame" not in str(refusal.value)

    @pytest.mark.parametrize("content", [b"port = \n", b"port 9000", b"port = 'caf\xe9'"])
    def test_a_file_that_is_not_toml(self, content: bytes, config: Path) -> None:
        config.write_bytes(content)
        with pytest.raises(TickStockError, match=r"TICKSTOCK_CONFIG names '.*tickstockpl.toml', which cannot be read"):
            load_settings()

    def test_a_file_that_is_not_there(self, config: Path) -> None:
        with pytest.raises(TickStockError, match=r"TICKSTOCK_CONFIG names '.*tickstockpl.toml', which is not a file"):
            load_settings()


class TestPage:
    def test_the_documented_settings_are_not_stale(self) -> None:
        page = DOCS.read_text("utf-8")
        assert page == settings_page.with_table(page), "run python -m tickstockpl.settings_page"

    def test_every_setting_has_a_row_with_what_it_is_and_its_default(self) -> None:
        rows = settings_page.settings_table().splitlines()[2:]
        assert len(rows) == len(Settings.model_fields)
        for row, (name, field) in zip(rows, Settings.model_fields.items(), strict=True):
            _, variable, what, values, default, _ = row.split("|")
            assert variable.strip() == f"`{ENV_PREFIX}{name.upper()}`"
            assert what.strip() == field.description
            assert default.strip() or field.default is None
            bounded = isinstance(field.default, int | float) or name in (
                "log_level",
                "log_format",
                "auth",
                "dashboard_password_role",
                "retention_days",
                "metrics_port",
                "massive_mode",
                "massive_host",
                "massive_settle_ms",
            )
            assert bool(values.strip()) == bounded, "every number says which numbers it may be"
        assert "| 1 to 50 | `1` |" in rows[list(Settings.model_fields).index("pattern_batch")]

    def test_it_says_nothing_of_the_machine_it_was_written_on(self) -> None:
        here = str(load_settings().data_dir.parent)
        assert here not in settings_page.settings_table() or here in ("/var/lib", "/")

    def test_writing_it_changes_the_table_only(self, tmp_path: Path) -> None:
        page = tmp_path / "settings.md"
        before, after = "# Settings\n\nAbove.\n", "\nBelow.\n"
        page.write_text(before + settings_page.BEGIN + "an old table\n" + settings_page.END + after, "utf-8")
        settings_page.main(page)
        text = page.read_text("utf-8")
        assert text.startswith(before)
        assert text.endswith(after)
        assert settings_page.settings_table() in text
        assert "an old table" not in text

    def test_a_page_without_a_place_for_the_table_is_left_alone(self) -> None:
        with pytest.raises(ValueError, match="lacks the line"):
            settings_page.with_table("# Settings\n")
