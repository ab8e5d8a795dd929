"""What a command says when something goes wrong, in the format of its log lines and without secrets."""

import json
from collections.abc import Iterable, Mapping, Sequence

import structlog
from rich.console import Console
from rich.markup import escape

from tickstockpl.errors import TickStockError
from tickstockpl.logs import UNEXPECTED, LogFormat, configure_logs
from tickstockpl.redaction import Redactor
from tickstockpl.settings import ENV_PREFIX, Settings

FORMAT_VARIABLE = f"{ENV_PREFIX}LOG_FORMAT"
SECRET_VARIABLES = (
    f"{ENV_PREFIX}ADMIN_TOKEN",
    f"{ENV_PREFIX}DASHBOARD_PASSWORD_HASH",
    f"{ENV_PREFIX}MASSIVE_API_KEY",
)


class Reporter:
    """Sets up the log lines, and tells errors.

    Attributes:
        redactor: knows every password that the command was given.
    """

    def __init__(self) -> None:
        self.redactor = Redactor()
        self._errors = Console(stderr=True, highlight=False)
        self._format: LogFormat = "human"

    def begin(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Before there are settings, what is wrong with those has to be told: without a password of theirs."""
        self.redactor.learn(arguments)
        self.redactor.learn(value for name, value in environment.items() if name.startswith(ENV_PREFIX))
        self.redactor.learn_secrets(map(environment.get, SECRET_VARIABLES))
        self._configure("info", "json" if environment.get(FORMAT_VARIABLE) == "json" else "human")

    def follow(self, settings: Settings) -> None:
        """From now on as the settings say."""
        self.redactor.learn([settings.redis_url, settings.database_url, settings.ticks_redis_url])
        secrets = (settings.admin_token, settings.dashboard_password_hash, settings.massive_api_key)
        self.redactor.learn_secrets(secret.get_secret_value() for secret in secrets if secret is not None)
        self._configure(settings.log_level, settings.log_format)

    def refuse(self, error: TickStockError) -> None:
        """An error that is the user's: one sentence."""
        sentence = self.redactor.text(str(error))
        if self._format == "json":
            structlog.get_logger("tickstockpl").error(sentence)
        else:
            self._errors.print(f"[bold red]Error:[/bold red] {escape(sentence)}", soft_wrap=True)

    def fail(self, error: Exception) -> None:
        """An error that nobody expected: its traceback, which Python itself would show with all that it holds."""
        structlog.get_logger("tickstockpl").error(UNEXPECTED, exc_info=error)

    def _configure(self, level: str, log_format: LogFormat) -> None:
        self._format = log_format
        configure_logs(level, log_format, self.redactor)


def last_words(lines: Iterable[str]) -> str:
    """Why a child ended, from what it wrote to standard error, in whichever format."""
    said = [line for line in lines if line]
    if not said:
        return "it said nothing"
    try:
        return str(json.loads(said[-1])["event"])
    except (ValueError, LookupError, TypeError):
        return said[-1].removeprefix("Error: ")
