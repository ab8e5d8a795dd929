"""What the server means when it says no, and what can be done about it."""

from dataclasses import dataclass
from typing import Final

from tickstockpl.feeds.massive.messages import StatusMessage

SIGN_UP: Final = "a key comes with an account at massive.com"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a connection cannot be had.

    Attributes:
        reason: one clause.
        action: what the operator can do; empty where trying again is all that can be done.
        is_final: whether trying again is of no use.
        pause_s: how long the server wants to be left alone at least, seconds.
    """

    reason: str
    action: str = ""
    is_final: bool = False
    pause_s: float = 0.0


WRONG_KEY: Final = Refusal(
    "Massive does not accept the API key",
    f"correct TICKSTOCK_MASSIVE_API_KEY or the file that TICKSTOCK_MASSIVE_API_KEY_FILE names ({SIGN_UP}), then start "
    "anew",
    is_final=True,
)

NOT_ENTITLED: Final = Refusal(
    "the plan of the API key does not cover this data",
    "set TICKSTOCK_MASSIVE_HOST=delayed or another TICKSTOCK_MASSIVE_MODE, or choose another plan at massive.com, then "
    "start anew",
    is_final=True,
)

TOO_MANY: Final = Refusal(
    "another program is connected with the same API key, and Massive allows one connection",
    "end the other program, or give this one a key of its own; it is tried again",
    pause_s=5.0,
)

TOO_LATE: Final = Refusal("Massive did not get the API key in time")

TOO_SLOW: Final = Refusal("Massive has cut the connection off because it was read too slowly")

FORCED: Final = Refusal("Massive has ended the connection")


def refusal_of(message: StatusMessage) -> Refusal | None:
    """What a status message refuses of the connection as a whole; ``None`` if it refuses nothing, or a topic only."""
    text = message.message.lower()
    match message.status:
        case "auth_failed":
            return WRONG_KEY
        case "auth_timeout":
            return TOO_LATE
        case "max_connections":
            return TOO_MANY
        case "slow_consumer":
            return TOO_SLOW
        case "force_disconnect":
            return FORCED
        case _ if message.status not in {"success", "connected", "auth_success"} and "have access" in text:
            return NOT_ENTITLED
        case _:
            return None


def is_topic_refused(message: StatusMessage) -> bool:
    """Whether a status message says that a topic is not to be had; it does not always say which."""
    return message.status == "error" and "not authorized" in message.message.lower()
