"""From settings to how Massive is connected to."""

from pathlib import Path

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.massive.options import DELAYED_URL, REAL_TIME_URL, REST_URL, MassiveOptions, Mode
from tickstockpl.feeds.massive.refusals import SIGN_UP
from tickstockpl.settings import ENV_PREFIX, Settings

_KEY = f"{ENV_PREFIX}MASSIVE_API_KEY"
_FILE = f"{ENV_PREFIX}MASSIVE_API_KEY_FILE"


def massive_options(settings: Settings) -> MassiveOptions:
    """How Massive is connected to.

    Raises:
        TickStockError: if there is no key; says how to get one.
    """
    host = DELAYED_URL if settings.massive_host == "delayed" else REAL_TIME_URL
    return MassiveOptions(
        api_key=_api_key(settings),
        url=settings.massive_url or host,
        rest_url=None if settings.massive_rest_url == "off" else settings.massive_rest_url or REST_URL,
        mode=Mode(settings.massive_mode),
        settle_ms=settings.massive_settle_ms,
        mute_s=settings.massive_mute_s,
        requests_per_second=settings.massive_requests_per_second,
        backfill_s=settings.massive_backfill_s,
    )


def _api_key(settings: Settings) -> str:
    if settings.massive_api_key is not None:
        key = settings.massive_api_key.get_secret_value().strip()
        where = _KEY
    elif settings.massive_api_key_file is not None:
        key = _read(settings.massive_api_key_file)
        where = f"{_FILE} ({settings.massive_api_key_file})"
    else:
        raise TickStockError(
            f"--feed massive needs an API key, and there is none: {SIGN_UP}; set {_KEY} to it, or {_FILE} to a file "
            "that holds it. --feed simulator and --file need no key"
        )
    if not key or not key.isprintable() or " " in key:
        raise TickStockError(f"{where} holds no API key; {SIGN_UP}, one line without spaces")
    return key


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise TickStockError(f"{_FILE} names {path}, which cannot be read: {reason}; correct it or unset it") from None
