"""Every setting: name, unit, default. From ``TICKSTOCK_*`` variables or a TOML file, the variables first."""

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from tickstockpl.errors import TickStockError

ENV_PREFIX = "TICKSTOCK_"
CONFIG_VARIABLE = "TICKSTOCK_CONFIG"


def _default_data_dir() -> Path:
    # PostgreSQL refuses to run as root and gets a user of its own, who cannot enter /root.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/tickstockpl")
    return Path(platformdirs.user_data_dir("tickstockpl", appauthor=False))


class Settings(BaseSettings):
    """All settings; frozen, and checked at start-up."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid")

    redis_url: Annotated[
        str | None, Field(description="redis://, rediss:// or unix:// URL; without one an embedded Redis is started")
    ] = None
    database_url: Annotated[
        str | None, Field(description="postgresql:// URL; without one an embedded PostgreSQL is started")
    ] = None
    data_dir: Annotated[Path, Field(description="folder of the embedded servers' data")] = Field(
        default_factory=_default_data_dir
    )
    universe_dir: Annotated[
        Path | None, Field(description="folder of own universes, GROUP/NAME.csv; default: universes/ in data_dir")
    ] = None
    patterns: Annotated[str, Field(description="default, all, or pattern names separated by commas")] = "default"
    min_confidence: Annotated[
        float, Field(ge=0.0, le=1.0, description="patterns below this confidence are not published")
    ] = 0.0
    pattern_batch: Annotated[
        int, Field(ge=1, le=50, description="patterns per message; 1 sends each pattern as a message of its own")
    ] = 1
    health_interval_s: Annotated[int, Field(ge=1, description="seconds of session time between two health events")] = 60
    cpu_warning_percent: Annotated[float, Field(gt=0, le=100, description="CPU use above which health warns")] = 70.0
    lag_warning_ms: Annotated[int, Field(gt=0, description="processing lag above which health warns, ms")] = 200
    lag_critical_ms: Annotated[int, Field(gt=0, description="processing lag above which health is critical, ms")] = 1000
    simulator_runs_kept: Annotated[
        int, Field(ge=1, description="simulated sessions kept in the database; older ones are deleted")
    ] = 3
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="the least severe log lines that are written")
    ] = "info"
    host: Annotated[str, Field(description="address on which the page is served")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port of the page; 0 takes a free one")] = 8450

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
        name = ".".join(str(part) for part in first["loc"])
        raise TickStockError(
            f"setting {ENV_PREFIX}{name.upper()} was {first.get('input')!r}: {first['msg'].lower()}"
        ) from None
    except ValueError as error:  # a TOML file that cannot be parsed
        raise TickStockError(f"{CONFIG_VARIABLE} ({path}): {error}") from None
