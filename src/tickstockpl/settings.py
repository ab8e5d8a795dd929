"""Every setting: name, unit, default. From ``TICKSTOCK_*`` variables or a TOML file, the variables first."""

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from tickstockpl.errors import TickStockError
from tickstockpl.setting_types import PasswordHash, RestUrl, Token, UserPath, WebSocketUrl

ENV_PREFIX = "TICKSTOCK_"
CONFIG_VARIABLE = "TICKSTOCK_CONFIG"


def _default_data_dir() -> Path:
    # PostgreSQL refuses to run as root and gets a user of its own, who cannot enter /root.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/tickstockpl")
    return Path(platformdirs.user_data_dir("tickstockpl", appauthor=False))


class Settings(BaseSettings):
    """All settings; frozen, and checked at start-up."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    redis_url: Annotated[
        str | None, Field(description="redis://, rediss:// or unix:// URL; without one an embedded Redis is started")
    ] = None
    database_url: Annotated[
        str | None, Field(description="postgresql:// URL; without one an embedded PostgreSQL is started")
    ] = None
    data_dir: Annotated[UserPath, Field(description="folder of the embedded servers' data and of the spool")] = Field(
        default_factory=_default_data_dir,
        json_schema_extra={
            "default_in_words": "the user's data folder: `~/.local/share/tickstockpl` on Linux, "
            "`~/Library/Application Support/tickstockpl` on macOS, `/var/lib/tickstockpl` for root"
        },
    )
    universe_dir: Annotated[UserPath | None, Field(description="folder of own universes, GROUP/NAME.csv")] = Field(
        default=None, json_schema_extra={"default_in_words": "`universes` in the folder of `TICKSTOCK_DATA_DIR`"}
    )
    indicators: Annotated[
        str,
        Field(
            description="default, or any of TA-Lib's indicators with parameters, separated by spaces: "
            "default ATR:14 STOCH:14,3,3"
        ),
    ] = "default"
    patterns: Annotated[
        str,
        Field(
            description="default, all, or pattern names, separated by commas; each may have a confidence of its own "
            "from which it is published: default,Doji:0.9"
        ),
    ] = "default"
    definitions: Annotated[
        UserPath | None,
        Field(description="Python file with indicators and patterns of one's own (docs/definitions.md)"),
    ] = None
    min_confidence: Annotated[
        float,
        Field(
            ge=0.0,
            le=1.0,
            description="confidence from which patterns are published; 0.2 is where context begins, 0 publishes all",
        ),
    ] = 0.2
    calibration: Annotated[
        UserPath | None, Field(description="file of tickstockpl calibrate, by which patterns are graded")
    ] = Field(default=None, json_schema_extra={"default_in_words": "the one that comes with the package"})
    pattern_batch: Annotated[
        int, Field(ge=1, le=50, description="patterns per message; 1 sends each pattern as a message of its own")
    ] = 1
    alert_hysteresis: Annotated[
        str | None,
        Field(
            description="by how much an alert's statement must have been false before it may fire again: RSI:2 BB:5 "
            "MACD:0.5 (RSI points, per cent of the width between the bands, basis points of the close)"
        ),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none"})
    alert_cooldown_minutes: Annotated[
        int, Field(ge=0, description="minutes after an alert in which the same one does not fire again; 0 is off")
    ] = 0
    warm_up_sessions: Annotated[
        int,
        Field(
            ge=0,
            description="stored trading days on whose bars the analysis starts where the feed has no history of its "
            "own; 0 starts it cold",
        ),
    ] = 3
    extended_hours: Annotated[
        bool, Field(description="stream pre-market and after-hours too, 04:00 to 20:00 in New York (docs/hours.md)")
    ] = False
    health_interval_s: Annotated[int, Field(ge=1, description="seconds of session time between two health events")] = 60
    cpu_warning_percent: Annotated[
        float, Field(gt=0, le=100, description="CPU use above which health warns, percent of all cores")
    ] = 70.0
    lag_warning_ms: Annotated[int, Field(gt=0, description="processing lag above which health warns, ms")] = 200
    lag_critical_ms: Annotated[int, Field(gt=0, description="processing lag above which health is critical, ms")] = 1000
    stale_feed_s: Annotated[
        int, Field(ge=0, description="seconds without data after which health calls a live feed stale; 0 never")
    ] = 30
    disk_warning_mb: Annotated[
        int,
        Field(ge=0, description="free MB on the disk of the spool below which health warns, with an alert; 0 never"),
    ] = 1024
    health_hold_s: Annotated[
        int,
        Field(
            ge=0,
            description="seconds for which a figure must have been back, 10 % below its threshold, before health is "
            "well again; where nothing paces the market at once",
        ),
    ] = 10
    simulator_runs_kept: Annotated[
        int, Field(ge=1, description="simulated sessions kept in the database; older ones are deleted")
    ] = 3
    spool_max_mb: Annotated[
        int,
        Field(ge=1, description="MB of rows that wait on disk while the database is away or too slow; the oldest stay"),
    ] = 2048
    retention_days: Annotated[
        int | None, Field(ge=1, description="days after which the service deletes ended sessions, once a day")
    ] = Field(default=None, json_schema_extra={"default_in_words": "none: everything is kept"})
    metrics_port: Annotated[
        int | None,
        Field(ge=0, le=65535, description="port on which the producer answers Prometheus; 0 takes a free one"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none: it does not"})
    metrics_host: Annotated[str, Field(description="address on which the producer answers Prometheus")] = "127.0.0.1"
    massive_api_key: Annotated[
        SecretStr | None, Field(description="key of an account at massive.com, for --feed massive")
    ] = Field(default=None, json_schema_extra={"default_in_words": "none"})
    massive_api_key_file: Annotated[UserPath | None, Field(description="file that holds the key instead")] = Field(
        default=None, json_schema_extra={"default_in_words": "none"}
    )
    massive_mode: Annotated[
        Literal["trades", "minutes", "seconds"],
        Field(description="what is subscribed to: every trade, minute bars, or second bars (docs/feeds.md)"),
    ] = "trades"
    massive_host: Annotated[
        Literal["real-time", "delayed"],
        Field(description="which of the two hosts, as the plan allows; delayed is 15 minutes behind the market"),
    ] = "real-time"
    massive_url: Annotated[
        WebSocketUrl | None, Field(description="ws:// or wss:// URL of another host of the stream")
    ] = Field(default=None, json_schema_extra={"default_in_words": "that of `TICKSTOCK_MASSIVE_HOST`"})
    massive_rest_url: Annotated[
        RestUrl | None,
        Field(description="http:// or https:// URL of the history; off fetches none: no missed minutes, no warm-up"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "Massive's own"})
    massive_settle_ms: Annotated[
        int | None,
        Field(ge=0, le=60_000, description="how long a minute that is over waits for latecomers, ms"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "300 for trades, 3000 for bars"})
    massive_mute_s: Annotated[
        float,
        Field(ge=1, description="silence of a busy market after which a connection that stands is given up, seconds"),
    ] = 10.0
    massive_requests_per_second: Annotated[
        float, Field(gt=0, description="requests to the history a second, at most")
    ] = 90.0
    massive_backfill_s: Annotated[
        float, Field(gt=0, description="how long missed minutes may be fetched before they are told as lost, seconds")
    ] = 120.0
    ticks_channel: Annotated[
        str, Field(min_length=1, description="Redis channel of trades, for --feed redis (docs/feeds.md)")
    ] = "tickstock:market:ticks"
    ticks_redis_url: Annotated[
        str | None, Field(description="redis://, rediss:// or unix:// URL of the Redis that carries them")
    ] = Field(default=None, json_schema_extra={"default_in_words": "that of `TICKSTOCK_REDIS_URL`"})
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="the least severe log lines that are written")
    ] = "info"
    log_format: Annotated[
        Literal["human", "json"], Field(description="log lines for people to read, or one JSON object a line")
    ] = "human"
    host: Annotated[str, Field(description="address on which the page is served")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port of the page; 0 takes a free one")] = 8450
    auth: Annotated[
        Literal["on", "off"],
        Field(description="whether the page asks who comes; off serves everybody on this machine, and nobody else"),
    ] = "on"
    sign_in_days: Annotated[int, Field(ge=1, le=365, description="days for which a browser stays signed in")] = 30
    dashboard_password_hash: Annotated[
        PasswordHash | None,
        Field(description="hash, from tickstockpl dashboard password, of a password with which the page can be opened"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none: links only"})
    dashboard_password_role: Annotated[
        Literal["viewer", "admin"], Field(description="what whoever knows the password may do")
    ] = "admin"  # noqa: S105 - a role
    admin_token: Annotated[
        Token | None,
        Field(description="secret of 16 characters or more; a script that sends it is an administrator"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none: those of tickstockpl dashboard token"})
    allowed_hosts: Annotated[
        str | None,
        Field(description="names, separated by commas, by which the page is called beside this machine's own"),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none"})
    tls_certificate: Annotated[
        UserPath | None, Field(description="PEM file of the page's certificate and those that vouch for it")
    ] = Field(default=None, json_schema_extra={"default_in_words": "none: plain HTTP"})
    tls_key: Annotated[UserPath | None, Field(description="PEM file of its key, not encrypted")] = Field(
        default=None, json_schema_extra={"default_in_words": "none"}
    )
    trusted_proxies: Annotated[
        str | None,
        Field(
            description="addresses or networks, separated by commas, of reverse proxies whose X-Forwarded-For and "
            "X-Forwarded-Proto are believed"
        ),
    ] = Field(default=None, json_schema_extra={"default_in_words": "none"})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over variables, variables over the file that ``TICKSTOCK_CONFIG`` names."""
        del dotenv_settings, file_secret_settings
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get(CONFIG_VARIABLE):
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=Path(path)))
        return tuple(sources)

    @model_validator(mode="after")
    def _warn_before_it_is_critical(self) -> Self:
        if self.lag_warning_ms > self.lag_critical_ms:
            raise ValueError(
                f"setting {ENV_PREFIX}LAG_WARNING_MS was {self.lag_warning_ms}, above {ENV_PREFIX}LAG_CRITICAL_MS "
                f"({self.lag_critical_ms}): health would never warn; lower the first or raise the second"
            )
        return self

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.massive_api_key is not None and self.massive_api_key_file is not None:
            raise ValueError(
                f"both {ENV_PREFIX}MASSIVE_API_KEY and {ENV_PREFIX}MASSIVE_API_KEY_FILE are set; leave one of them out"
            )
        return self

    @property
    def universes(self) -> Path:
        """The folder of the user's own universes."""
        return self.universe_dir if self.universe_dir is not None else self.data_dir / "universes"


def load_settings(**overrides: object) -> Settings:
    """Read the settings; ``overrides`` that are not ``None`` win.

    Raises:
        TickStockError: if a value is wrong; names the setting, the value and what would be right.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if path and not Path(path).is_file():
        raise TickStockError(f"{CONFIG_VARIABLE} names {path!r}, which is not a file; correct it or unset it")
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TickStockError(_sentence(first["type"], first["loc"], first["input"], first["msg"])) from None
    except (ValueError, OSError) as error:  # a TOML file that cannot be parsed, or not be read
        raise TickStockError(f"{CONFIG_VARIABLE} names {path!r}, which cannot be read as TOML: {error}") from None


def _sentence(kind: str, place: tuple[int | str, ...], value: object, complaint: str) -> str:
    """What is wrong with a setting and what would be right."""
    if not place:
        return complaint.removeprefix("Value error, ")
    name = str(place[0])
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        return (
            f"there is no setting {name!r} ({os.environ.get(CONFIG_VARIABLE)}); {hint}"
            f"There are: {', '.join(Settings.model_fields)}"
        )
    # An address may hold a password, and a key is one.
    unshown = {"url": "of a wrong type", "token": "not usable", "hash": "not usable", "key": "not usable"}
    shown = unshown.get(name.rpartition("_")[2], repr(value))
    should = complaint.removeprefix("Value error, ").replace("Input should", "it should", 1)
    return f"setting {ENV_PREFIX}{name.upper()} was {shown}: {should} ({Settings.model_fields[name].description})"
