"""How long a server may make us wait: one reader of its headers, one bound for every status and command.

A server asks for a pause with ``Retry-After`` (seconds or a date, RFC 9110) or, on GitHub, with
``X-RateLimit-Reset`` (seconds since 1970). Whatever it asks for, one command sleeps no longer than
:data:`LONGEST` in all for such requests; a longer wait is an error that says when to try again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

#: Seconds that one command sleeps at most, all waits together.
LONGEST = 60.0
#: A wait beyond this is shown as "much later": nobody plans with it.
_A_DAY = 86_400.0


def asked(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds that an answer asks us to wait: 0 or more, None when it asks for none that can be read.

    :param headers: any mapping; names are compared without case.
    :param now: seconds since 1970, for tests.
    """
    import email.utils  # slow, and most answers ask for no wait

    told = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    now = time.time() if now is None else now
    after = told.get("retry-after", "")
    if re.fullmatch(r"[0-9]+", after):
        return _number(after)
    if after:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(after[:100]).timestamp() - now)
        except (TypeError, ValueError, OverflowError, IndexError, OSError):
            pass
    reset = told.get("x-ratelimit-reset", "")
    if told.get("x-ratelimit-remaining") == "0" and re.fullmatch(r"[0-9]+", reset):
        return max(0.0, _number(reset) - now)
    return None


def _number(digits: str) -> float:
    """Seconds; more digits than any real wait has mean "for ever"."""
    return float(digits) if len(digits) <= 15 else float("inf")


def when(seconds: float | None) -> str:
    """For people: when to try again, ``in 30 min``, ``at 18:05``, ``much later``, ``later``."""
    if seconds is None:
        return "later"
    if seconds > _A_DAY:
        return "much later (the server names a time more than a day away)"
    if seconds >= 3600:
        return time.strftime("at %H:%M", time.localtime(time.time() + seconds))
    if seconds >= 90:
        return f"in {round(seconds / 60)} min"
    return f"in {max(1, round(seconds))} s"


class Waits:
    """What is left of the time that a command may sleep."""

    def __init__(self, longest: float = LONGEST) -> None:
        self.longest = longest
        self.left = longest

    def take(self, seconds: float) -> bool:
        """Whether ``seconds`` may be slept; if so, they are spent."""
        if not 0 <= seconds <= self.left:
            return False
        self.left -= seconds
        return True

    def renew(self) -> None:
        """A new command starts."""
        self.left = self.longest


#: Of the running command; every client takes its waits from it.
COMMAND = Waits()
