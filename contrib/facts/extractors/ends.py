"""``stop-signal``, ``healthcheck``, ``labels``: how the container ends and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.account import Build
from contrib.facts.kinds import Fact, Healthcheck, Label, OfPlatform
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    stop = build.last("STOPSIGNAL")
    if stop is not None:
        text = build.resolve(stop, stop.words[0].text) if stop.words else stop.body
        if build.platform == "windows":
            text = f"CTRL_SHUTDOWN_EVENT (STOPSIGNAL {text} has no effect)"
        yield OfPlatform("stop-signal", text, stop.line, stop.end_line)
    elif build.platform == "linux":
        yield OfPlatform("stop-signal", "SIGTERM (default)")
    else:
        yield OfPlatform("stop-signal", "CTRL_SHUTDOWN_EVENT")
    health = build.last("HEALTHCHECK")
    if health is not None and health.body.strip().upper() != "NONE":
        yield Healthcheck("healthcheck", " ".join(health.body.split())[:80], health.line, health.end_line)
    maintainer = build.last("MAINTAINER")
    if maintainer is not None:
        text = maintainer.body.strip()[:80]
        yield Label("labels:MAINTAINER", text, maintainer.line, maintainer.end_line, label="MAINTAINER")
    for instruction in build.instructions("LABEL"):
        for name, value in instruction.pairs:
            key = build.resolve(instruction, name.text)
            text = build.resolve(instruction, value.text) if value is not None else ""
            yield Label(f"labels:{key}", text[:200], instruction.line, instruction.end_line, label=key)
