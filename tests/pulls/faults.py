"""What makes the stand-in fail on purpose, as GitHub does: hooks that answer in its place.

Each gives a hook for :attr:`contrib.sandbox.github.StandIn.hooks`; most fire a given number of times.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contrib.sandbox.github import Hook, StandIn
from contrib.sandbox.rest import Answer, Request

RATE_LIMIT = "API rate limit exceeded for user ID 1."
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class Fault:
    """A hook that answers ``times`` times where method and path fit, and counts.

    :param first: run before it answers (the request may have its effect and lose its answer).
    """

    method: str
    path: str
    answer: Callable[[Request], Answer]
    times: int = 1
    fired: int = field(default=0)
    first: Callable[[Request], Any] | None = None

    def __call__(self, request: Request) -> Answer | None:
        if (
            self.fired >= self.times
            or request.method != self.method
            or not re.fullmatch(self.path, request.path)
        ):
            return None
        self.fired += 1
        if self.first is not None:
            self.first(request)
        return self.answer(request)


def answering(
    status: int, message: str, errors: list[dict[str, str]] | None = None, **headers: str
) -> Callable[[Request], Answer]:
    """An error with GitHub's shape."""
    shape: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    if errors:
        shape["errors"] = errors
    return lambda request: Answer(status, shape, headers={k.replace("_", "-"): v for k, v in headers.items()})


def primary_limit(seconds: float, *, path: str = "/repos/[^/]+/[^/]+", times: int = 1) -> Fault:
    """The hourly limit, used up until ``seconds`` from now."""

    def answer(request: Request) -> Answer:
        reset = str(int(time.time() + seconds))
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": reset}
        return Answer(403, {"message": RATE_LIMIT}, headers=headers)

    return Fault("GET", path, answer, times)


def lost_answer(stand_in: StandIn, method: str, path: str, times: int = 1) -> Fault:
    """A 502 after the request has had its effect."""

    def effect(request: Request) -> None:
        stand_in.rest.answer(request)

    return Fault(method, path, answering(502, "Server Error"), times, first=effect)


def every_write_stops(limit: int) -> Hook:
    """Lets ``limit`` REST writes through and drops the connection at the next."""
    seen = 0

    def hook(request: Request) -> Answer | None:
        nonlocal seen
        if request.method == "GET":
            return None
        seen += 1
        if seen > limit:
            raise ConnectionError("dropped on purpose")
        return None

    return hook
