"""Runs the checks of one variant against a real engine, and says what was seen of each.

A check that fails quotes the line that should have matched. Waiting ends when the container has ended.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from contrib.clients.engine import Engine, ImageFacts, Output, Refused
from contrib.images.checks import Check, Checks, Says, Step, slug
from contrib.values.evidence import CheckResult
from contrib.values.exits import explain

#: Seconds between two looks at something that is awaited.
PAUSE = 0.2
#: Characters of a result's text.
SAID = 200
#: Lines of a log that a pattern is looked for in.
LOG_LINES = 400


@dataclass(frozen=True, slots=True)
class Container:
    """Where the checks run: the image, the network for clients (None where there is none), a prefix for names."""

    image: ImageFacts
    network: str | None
    prefix: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one attempt saw. :param ok: None when it could not be tried."""

    ok: bool | None
    said: str = ""
    why: str = ""


class Runner:
    """The checks of one image, in order."""

    def __init__(self, engine: Engine, place: Container, kind: str, version: str, checks: Checks) -> None:
        self._engine = engine
        self._place = place
        self._kind = kind
        self._version = version
        self._checks = checks
        self._containers: list[str] = []
        self._volumes: list[str] = []

    def results(self) -> Iterator[CheckResult]:
        """One result per check and step, as they come; it ends early when a default command never serves.

        :raises Refused: the engine refused what no check is about.
        :raises OutsideError: the engine went away.
        """
        for check in sorted(self._checks.checks, key=lambda each: each.serve):
            try:
                if not check.serve:
                    yield self._run(check)
                    continue
                good = True
                for result in self._serve(check):
                    good = good and not (result.check == slug(check.name) and result.result == "failed")
                    yield result
                if not good:
                    return
            finally:
                self.clean()

    def clean(self) -> None:
        """Remove the containers and volumes of the check."""
        for container in self._containers:
            self._engine.remove_container(container)
        for volume in self._volumes:
            self._engine.remove_volume(volume)
        self._containers.clear()
        self._volumes.clear()

    # -- other arguments ----------------------------------------------------------------------------------

    def _run(self, check: Check) -> CheckResult:
        name = slug(check.name)
        command = check.run.of(self._kind) if check.run is not None else None
        if command is None:
            return CheckResult(name, "not-run", why=f"it is not for {self._kind}")
        began = time.monotonic()
        seen = self._program(
            self._once(check, self._words(command)),
            check.says.of(self._kind) if check.says is not None else None,
            check.fails,
            check.code.of(self._kind) if check.code is not None else None,
        )
        return _result(name, seen, time.monotonic() - began)

    def _once(self, check: Check, command: Sequence[str]) -> Output | str:
        """A new container with that command: its output, or why it could not be started."""
        try:
            container = self._create(check, command, {}, network=None)
            self._engine.start(container)
        except Refused as error:
            self._host(error)
            return error.message
        code = self._engine.wait(container, self._checks.ready)
        return Output(code, self._engine.logs(container, LOG_LINES))

    def _create(
        self, check: Check, command: Sequence[str] | None, volumes: dict[str, str], network: str | None
    ) -> str:
        container = self._engine.create(
            self._place.image.id,
            command=command,
            network=network,
            volumes=volumes,
            workdir=check.workdir.of(self._kind) if check.workdir is not None else None,
            user=check.user.of(self._kind) if check.user is not None else None,
            environment={key: self._text(value) for key, value in check.environment.items()},
            hostname=check.hostname,
        )
        self._containers.append(container)
        return container

    # -- the default command ------------------------------------------------------------------------------

    def _serve(self, check: Check) -> Iterator[CheckResult]:
        serving = _Serving(self, check)
        began = time.monotonic()
        seen = serving.begin()
        name = slug(check.name)
        yield _result(name, seen, time.monotonic() - began)
        for step in check.steps:
            full = f"{name}/{slug(step.name)}"
            if seen.ok is not True:
                why = seen.why if seen.ok is None else f"not reached: {name} failed"
                yield CheckResult(full, "not-run", why=why)
                continue
            began = time.monotonic()
            result = serving.step(step)
            yield _result(full, result, time.monotonic() - began)

    # -- shared -------------------------------------------------------------------------------------------

    def _text(self, text: str) -> str:
        return text.replace("{version}", self._version)

    def _words(self, command: Sequence[str], address: str = "") -> list[str]:
        return [self._text(word).replace("{address}", address) for word in command]

    def _program(self, output: Output | str, says: Says | None, fails: bool, code: int | None) -> _Seen:
        """What a program's output and end amount to."""
        if isinstance(output, str):
            return _Seen(False, "", f"it cannot be started: {_cut(output)}")
        line = self._matching(says, output.text) if says is not None else ""
        last = output.lines[-1] if output.lines else "no output"
        if output.code is None:
            return _Seen(False, _cut(last), "it did not end in time")
        if fails:
            if output.code == 0:
                return _Seen(False, _cut(last), "it ended with 0, expected an error")
        elif output.code != (code or 0):
            return _Seen(
                False, _cut(last), f"it {_ended(output.code)}" + (f", expected {code}" if code else "")
            )
        if says is not None and line is None:
            return _Seen(False, _cut(self._nearest(says, output.lines)), f"no line matches {says.pattern!r}")
        if line:
            return _Seen(True, _cut(line))
        return _Seen(
            True,
            f"exit code {output.code}"
            if fails or code
            else _cut(output.lines[0] if output.lines else "exit code 0"),
        )

    def _matching(self, says: Says, text: str) -> str | None:
        pattern = says.compiled(self._version)
        return next((line for line in text.splitlines() if pattern.search(line)), None)

    def _nearest(self, says: Says, lines: Sequence[str]) -> str:
        """The line that should have matched: the one that is most like the pattern."""
        plain = re.sub(r"\(\?[a-z]+\)|\\[bdswBDSW]|[\^$\\()\[\]?*+{}|]", "", self._text(says.pattern))
        return max(
            lines[:2000],
            key=lambda line: SequenceMatcher(
                None, plain, line[: 2 * len(plain) + 20], autojunk=False
            ).ratio(),
            default="no output",
        )

    def _host(self, error: Refused) -> None:
        """:raises Refused: it is the host's fault, which fails no check."""
        from contrib.trial.causes import classify

        cause = classify(error.message)
        if cause is not None and cause.host:
            raise error


class _Serving:
    """A container with the default command, its volumes, and those that take its place."""

    def __init__(self, runner: Runner, check: Check) -> None:
        self._runner = runner
        self._engine = runner._engine
        self._check = check
        self._container = ""
        self._volumes: dict[str, str] = {}
        self._dead = ""

    def begin(self) -> _Seen:
        """Start it on fresh volumes, and wait until it serves."""
        runner, check = self._runner, self._check
        if (
            check.ready is not None
            and check.ready.exec is not None
            and check.ready.exec.of(runner._kind) is None
        ):
            return _Seen(None, why=f"it is not for {runner._kind}")
        if check.arguments is not None and check.arguments.of(runner._kind) is None:
            return _Seen(None, why=f"it is not for {runner._kind}")
        wanted = check.volumes.of(runner._kind) if check.volumes is not None else None
        for path in wanted if wanted is not None else runner._place.image.volumes:
            name = f"{runner._place.prefix}-{len(runner._volumes)}-{slug(check.name)[:40]}"
            self._engine.create_volume(name)
            runner._volumes.append(name)
            self._volumes[name] = path
        return self._start()

    def _start(self) -> _Seen:
        runner, check = self._runner, self._check
        command = check.arguments.of(runner._kind) if check.arguments is not None else None
        began = time.monotonic()
        try:
            self._container = runner._create(
                check,
                runner._words(command) if command is not None else None,
                self._volumes,
                runner._place.network,
            )
            self._engine.start(self._container)
        except Refused as error:
            runner._host(error)
            self._dead = f"it cannot be started: {_cut(error.message)}"
            return _Seen(False, "", self._dead)
        seen = self._await(began)
        self._dead = "" if seen.ok else seen.why
        return seen

    def _await(self, began: float) -> _Seen:
        """Ask until it answers, it has ended, or the time is up."""
        runner, ready = self._runner, self._check.ready
        assert ready is not None
        deadline = began + runner._checks.ready
        last = _Seen(False, "", "it did not answer")
        while True:
            if ended := self._ended():
                return _Seen(False, *ended)
            left = deadline - time.monotonic()
            if left <= 0:
                seconds = runner._checks.ready
                return _Seen(False, last.said, f"not ready in {seconds:.0f} s: {last.why or 'no answer'}")
            last = self._answer(left)
            if last.ok:
                # What answers and dies at once was not ready.
                if ended := self._ended():
                    return _Seen(False, *ended)
                return _Seen(True, f"ready in {time.monotonic() - began:.1f} s")
            time.sleep(PAUSE)

    def _answer(self, seconds: float) -> _Seen:
        runner, ready = self._runner, self._check.ready
        assert ready is not None
        if ready.log is not None:
            text = self._engine.logs(self._container, LOG_LINES)
            line = runner._matching(ready.log, text)
            return _Seen(
                line is not None, _cut(line or ""), f"no line of its log matches {ready.log.pattern!r}"
            )
        command = ready.exec.of(runner._kind) if ready.exec is not None else None
        assert command is not None
        return self._execute(runner._words(command), ready.says, False, None, seconds)

    def _ended(self) -> tuple[str, str] | None:
        """What is to be said of a container that has ended: its last line, and how; None while it runs."""
        state = self._engine.state(self._container)
        if state.running:
            return None
        lines = [line for line in self._engine.logs(self._container, 50).splitlines() if line.strip()]
        said = _cut(lines[-1]) if lines else "no output"
        return said, f"the container {_ended(state.code)}: {said}"

    def _execute(
        self, command: Sequence[str], says: Says | None, fails: bool, code: int | None, seconds: float
    ) -> _Seen:
        try:
            output: Output | str = self._engine.execute(self._container, command, seconds)
        except Refused as error:
            self._runner._host(error)
            if ended := self._ended():
                return _Seen(False, *ended)
            output = error.message
        return self._runner._program(output, says, fails, code)

    # -- steps --------------------------------------------------------------------------------------------

    def step(self, step: Step) -> _Seen:
        """One step."""
        kind = self._runner._kind
        for value in (step.command, step.main):
            if value is not None and value.of(kind) is None:
                return _Seen(None, why=f"it is not for {kind}")
        if step.again:
            self._engine.remove_container(self._container)
            seen = self._start()
            if not seen.ok:
                return _Seen(
                    False, seen.said, f"a new container on the same volume does not serve: {seen.why}"
                )
            if step.action == "again":
                return seen
        if self._dead:
            return _Seen(False, "", f"the container before does not serve: {self._dead}")
        deadline = time.monotonic() + (step.within or 0)
        while True:
            seen = self._act(step)
            if seen.ok is not False or step.within is None:
                return seen
            if time.monotonic() >= deadline:
                return _Seen(False, seen.said, f"{seen.why}, after {step.within:.0f} s")
            if ended := self._ended():
                return _Seen(False, *ended)
            time.sleep(PAUSE)

    def _act(self, step: Step) -> _Seen:
        kind = self._runner._kind
        says = step.says.of(kind) if step.says is not None else None
        code = step.code.of(kind) if step.code is not None else None
        if step.says is not None and says is None:
            return _Seen(None, why=f"nothing is expected of {kind}")
        if step.action == "main":
            return self._main(step)
        if step.action == "stop":
            return self._stop(step, code)
        command = step.command.of(kind) if step.command is not None else None
        assert command is not None
        if step.action == "client":
            return self._client(command, says, step.fails, code)
        patience = max(step.within or 0, self._runner._checks.ready)
        return self._execute(self._runner._words(command), says, step.fails, code, patience)

    def _main(self, step: Step) -> _Seen:
        says = step.main.of(self._runner._kind) if step.main is not None else None
        assert says is not None
        if ended := self._ended():
            return _Seen(False, *ended)
        state = self._engine.state(self._container)
        names = self._engine.processes(self._container, state.pid)
        pattern = says.compiled(self._runner._version)
        for name in names:
            # In the program itself: a shell that has the program's name among its arguments is a shell.
            found = pattern.search(name)
            if found is not None and found.start() < len(name.split(" ", 1)[0]):
                return _Seen(True, _cut(name))
        said = _cut(", ".join(names) or "no process")
        return _Seen(
            False, said, f"the first process is {said}" if self._engine.os == "linux" else f"among {said}"
        )

    def _client(self, command: Sequence[str], says: Says | None, fails: bool, code: int | None) -> _Seen:
        runner = self._runner
        if runner._place.network is None:
            return _Seen(None, why="the engine gives containers no network here")
        if ended := self._ended():
            return _Seen(False, *ended)
        address = self._engine.state(self._container, runner._place.network).address
        if address is None:
            return _Seen(None, why="the engine gives containers no address here")
        try:
            container = self._engine.create(
                runner._place.image.id, command=runner._words(command, address), network=runner._place.network
            )
            runner._containers.append(container)
            self._engine.start(container)
        except Refused as error:
            runner._host(error)
            return runner._program(error.message, says, fails, code)
        ended_with = self._engine.wait(container, runner._checks.ready)
        output = Output(ended_with, self._engine.logs(container, LOG_LINES))
        self._engine.remove_container(container)
        return runner._program(output, says, fails, code)

    def _stop(self, step: Step, code: int | None) -> _Seen:
        runner = self._runner
        if ended := self._ended():
            return _Seen(False, ended[0], f"{ended[1]} (before it was stopped)")
        seconds = self._engine.stop(self._container, runner._checks.stop)
        state = self._engine.state(self._container)
        text = self._engine.logs(self._container, LOG_LINES)
        lines = [line for line in text.splitlines() if line.strip()]
        last = f"last line: {lines[-1].strip()}" if lines else "no output"
        said = _cut(f"{seconds:.1f} s, exit code {_code(state.code)}, {last}")
        wrong = []
        if seconds >= runner._checks.stop:
            wrong.append(f"it did not stop in {runner._checks.stop} s and was killed")
        if code is not None and state.code != code:
            wrong.append(f"exit code {_code(state.code)}, expected {code}")
        log = step.log.of(runner._kind) if step.log is not None else None
        if log is not None and runner._matching(log, text) is None:
            wrong.append(f"no line of its log matches {log.pattern!r}")
        return _Seen(not wrong, said, "; ".join(wrong))


def _result(name: str, seen: _Seen, seconds: float) -> CheckResult:
    if seen.ok is None:
        return CheckResult(name, "not-run", why=seen.why)
    return CheckResult(
        name,
        "passed" if seen.ok else "failed",
        seconds,
        seen.said,
        "" if seen.ok else _cut(seen.why or "failed"),
    )


def _code(code: int) -> str:
    """An exit code: Windows' own ones as people look them up."""
    meaning = explain(code)
    return f"{code} ({meaning.hex})" if meaning is not None else str(code)


def _ended(code: int) -> str:
    meaning = explain(code)
    return f"ended with exit code {code}" + (
        f" ({meaning.hex}: {meaning.meaning})" if meaning is not None else ""
    )


def _cut(text: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= SAID else f"{text[: SAID - 1]}…"
