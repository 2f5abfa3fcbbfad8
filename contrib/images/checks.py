"""An image's checks as data: what ``checks.toml`` in its folder says, read strictly.

Shape (values that may differ per kind are also written as a table with the keys ``windowsservercore``,
``nanoserver``, ``windows``, ``linux``; the most specific one applies, and where none fits the check is not run)::

    [time]                       # seconds: until the default command answers; what `docker stop` gives
    ready = 30
    stop = 10
    [expect]                     # read from the image; nothing is run
    exposed = ["6379/tcp"]
    environment = { REDIS_VERSION = "{version}" }
    volumes, command, user, workdir, labels, entrypoint ("none", "present" or a list), healthcheck, size, layers
    [[check]]
    name = "version"
    run = ["redis-server", "--version"]       # replaces the command, in a new container
    says = 'v={version}\\b'                    # a regular expression over its lines
    [[check]]
    name = "default command"
    serve = true                 # the default command, on fresh named volumes
    ready = { exec = ["redis-cli", "ping"], says = '^PONG' }
    steps = [ { name = "…", exec | client | main | stop | again … } ]

A word that nothing knows, one that has no effect where it stands, and a check that cannot fail are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table, decode, read_file

T = TypeVar("T")

#: The kinds that a check may be written for, from the most to the least specific.
FAMILIES = ("windowsservercore", "nanoserver", "windows", "linux")

FILE = "checks.toml"

_PORT = re.compile(r"[0-9]{1,5}/(?:tcp|udp)")
_SIZE = re.compile(r"\+([0-9]{1,6})(KB|MB|GB)")
_UNITS = {"KB": 1000, "MB": 1000**2, "GB": 1000**3}
_HOSTNAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLACE = re.compile(r"\{([^{}]*)\}")
#: Longest wait that a check may ask for, in seconds.
LONGEST = 3600


@dataclass(frozen=True, slots=True)
class ByKind(Generic[T]):
    """A value that may differ per kind; ``""`` is the key of one that is the same for all."""

    values: Mapping[str, T]

    def of(self, kind: str) -> T | None:
        """The value for a kind (``windowsservercore``, ``nanoserver``, ``linux``), None where none fits."""
        family = "linux" if kind == "linux" else "windows"
        for key in (kind, family, ""):
            if key in self.values:
                return self.values[key]
        return None


@dataclass(frozen=True, slots=True)
class Says:
    """A regular expression that a line must match, with ``{version}`` still in it."""

    pattern: str

    def compiled(self, version: str) -> re.Pattern[str]:
        """The expression for a version."""
        return re.compile(self.pattern.replace("{version}", re.escape(version)))


@dataclass(frozen=True, slots=True)
class Ready:
    """How one knows that the default command serves: a program that says so, or a line of the log."""

    exec: ByKind[tuple[str, ...]] | None
    log: Says | None
    says: Says | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step after the default command is ready.

    :param action: ``exec`` (in the container), ``client`` (in a second container, against an address that is not
        loopback), ``main`` (the first process), ``stop``, ``again`` alone (a new container on the same volume).
    :param again: begins with a new container on the same volumes; all later steps go to it.
    :param code: exit code that is expected; None expects 0 of a program and says nothing of a stop.
    :param log: a line of the log after a stop. :param within: seconds to keep trying.
    """

    name: str
    action: Literal["exec", "client", "main", "stop", "again"]
    command: ByKind[tuple[str, ...]] | None = None
    again: bool = False
    main: ByKind[Says] | None = None
    says: ByKind[Says] | None = None
    fails: bool = False
    code: ByKind[int] | None = None
    log: ByKind[Says] | None = None
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``run`` (other arguments) or ``serve`` (the default command, or ``serve``'s own arguments).

    :param run: replaces the command. :param serve: the default command is started on fresh volumes.
    :param arguments: of a ``serve`` check that does not use the default command.
    :param hostname: of the container, and of those that take its place.
    :param volumes: where fresh volumes are mounted; None takes the image's own declarations.
    """

    name: str
    run: ByKind[tuple[str, ...]] | None = None
    serve: bool = False
    arguments: ByKind[tuple[str, ...]] | None = None
    says: ByKind[Says] | None = None
    fails: bool = False
    code: ByKind[int] | None = None
    workdir: ByKind[str] | None = None
    user: ByKind[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    hostname: str | None = None
    volumes: ByKind[tuple[str, ...]] | None = None
    ready: Ready | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Expect:
    """What the image itself must declare; None where nothing is said.

    :param size: most bytes above the base. :param layers: most layers above the base.
    :param environment: by kind, variable to value. :param entrypoint: ``none``, ``present``, or its words.
    """

    exposed: ByKind[tuple[str, ...]] | None = None
    environment: ByKind[Mapping[str, str]] | None = None
    volumes: ByKind[tuple[str, ...]] | None = None
    workdir: ByKind[str] | None = None
    entrypoint: ByKind[str | tuple[str, ...]] | None = None
    command: ByKind[tuple[str, ...]] | None = None
    user: ByKind[str] | None = None
    labels: ByKind[str] | None = None
    healthcheck: ByKind[str] | None = None
    size: ByKind[int] | None = None
    layers: ByKind[int] | None = None

    @property
    def declared(self) -> tuple[tuple[str, ByKind[Any]], ...]:
        """What is expected, by name, in the order of this class."""
        found = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return tuple((name, value) for name, value in found if value is not None)


@dataclass(frozen=True, slots=True)
class Checks:
    """All of ``checks.toml``. :param ready: and :param stop: seconds."""

    file: str
    expect: Expect
    checks: tuple[Check, ...]
    ready: float = 30.0
    stop: int = 10

    def names(self) -> tuple[str, ...]:
        """The names of all results, in order, as a record has them; the build is not among them."""
        found = [f"image/{slug(name)}" for name, _ in self.expect.declared]
        for check in self.checks:
            found.append(slug(check.name))
            found += [f"{slug(check.name)}/{slug(step.name)}" for step in check.steps]
        return tuple(found)


def slug(name: str) -> str:
    """A check's name as a record has it: ``default command`` is ``default-command``."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")


def load_checks(folder: Path, kinds: tuple[str, ...]) -> Checks:
    """The checks of an image's folder.

    :param kinds: the kinds that its variants have.
    :raises BadInput: there is no ``checks.toml``, or it is wrong: file, line and key.
    """
    path = folder / FILE
    if not path.is_file():
        raise BadInput(
            "there is no such file: nothing says what a variant of this image must do",
            file=str(path),
            hint="write one; the documentation of `contrib try` has an example",
        )
    return read_checks(read_file(path), str(path), kinds)


@bounded("file")
def read_checks(data: bytes, file: str, kinds: tuple[str, ...]) -> Checks:
    """The checks that a text declares.

    :param kinds: the kinds that the image's variants have; a value for another kind can never apply.
    :raises BadInput: what is wrong, with the key.
    """
    plain = decode(data, file)
    return _Reader(Table(plain, "", file, data.decode("utf-8")), file, kinds).read()


class _Reader:
    """Reads one file; knows which kinds there are."""

    def __init__(self, top: Table, file: str, kinds: tuple[str, ...]) -> None:
        self._top = top
        self._file = file
        self._families = {*kinds, "linux"} | ({"windows"} if set(kinds) - {"linux"} else set())

    def read(self) -> Checks:
        top = self._top
        time = top.table("time", required=False)
        ready = self._seconds(time, "ready", 30.0)
        stop = self._seconds(time, "stop", 10.0)
        said = {name for name in ("ready", "stop") if time.value(name) is not None}
        expect = self._expect(top.table("expect", required=False))
        checks = tuple(self._check(each) for each in top.tables("check", required=False))
        top.done()
        time.done()
        if not checks and not expect.declared:
            raise BadInput("declares no check", file=self._file)
        serving = [check for check in checks if check.serve]
        if "ready" in said and not serving:
            raise self._no_effect("time.ready", "no check has serve = true")
        if "stop" in said and not any(step.action == "stop" for c in serving for step in c.steps):
            raise self._no_effect("time.stop", "no step has stop = true")
        found = Checks(self._file, expect, checks, ready, int(stop))
        names = found.names()
        twice = next((name for name in names if names.count(name) > 1 or name == "build"), None)
        if twice is not None:
            raise BadInput(f"check: the name {twice!r} is there twice", file=self._file)
        return found

    def _no_effect(self, key: str, why: str) -> BadInput:
        return BadInput(f"{key}: has no effect: {why}", file=self._file)

    def _seconds(self, table: Table, name: str, default: float) -> float:
        value = table.value(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= LONGEST:
            raise table.wrong(name, f"seconds, from 1 to {LONGEST}")
        return float(value)

    # -- values per kind ----------------------------------------------------------------------------------

    def _by_kind(self, table: Table, name: str, read: Callable[[Any], T], expected: str) -> ByKind[T] | None:
        """A value, or a table of values by kind.

        :param read: gives the value of plain data, or raises ValueError.
        """
        value = table.value(name)
        if value is None:
            return None
        per_kind = isinstance(value, dict) and bool(value) and set(value) <= set(FAMILIES)
        if isinstance(value, dict) and not per_kind and set(value) & set(FAMILIES):
            unknown = next(key for key in value if key not in FAMILIES)
            raise BadInput(
                f"{table.key(name)}.{unknown}: there is no such kind",
                file=self._file,
                hint=f"kinds are {', '.join(FAMILIES)}",
            )
        given = value if per_kind else {"": value}
        for kind in given:
            if kind and kind not in self._families:
                raise self._no_effect(f"{table.key(name)}.{kind}", "the image has no such variant")
        try:
            return ByKind({kind: read(each) for kind, each in given.items()})
        except ValueError as error:
            raise table.wrong(name, str(error) or expected) from None

    def _texts(
        self, table: Table, name: str, *, places: tuple[str, ...] = ()
    ) -> ByKind[tuple[str, ...]] | None:
        def read(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list) or not value or not all(isinstance(e, str) and e for e in value):
                raise ValueError("a list of words, or such lists by kind")
            for each in value:
                for place in _PLACE.findall(each):
                    if place in ("version", "address") and place not in places:
                        raise ValueError(f"words without {{{place}}}, which is not known here")
            return tuple(value)

        return self._by_kind(table, name, read, "a list of words")

    def _says(self, table: Table, name: str) -> ByKind[Says] | None:
        def read(value: Any) -> Says:
            if not isinstance(value, str) or not value:
                raise ValueError("a regular expression, or such by kind")
            said = Says(value)
            try:
                pattern = said.compiled("1")
            except re.error as error:
                raise ValueError(f"a regular expression ({error})") from None
            if pattern.search("") is not None:
                raise ValueError(
                    "a regular expression that does not match an empty line: it could never fail"
                )
            return said

        return self._by_kind(table, name, read, "a regular expression")

    def _text(
        self, table: Table, name: str, expected: str, choices: tuple[str, ...] = ()
    ) -> ByKind[str] | None:
        def read(value: Any) -> str:
            if not isinstance(value, str) or (not value and "" not in choices):
                raise ValueError(expected)
            if choices and value not in choices:
                raise ValueError(expected)
            return value

        return self._by_kind(table, name, read, expected)

    def _number(self, table: Table, name: str, expected: str, most: int) -> ByKind[int] | None:
        def read(value: Any) -> int:
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
                raise ValueError(expected)
            return value

        return self._by_kind(table, name, read, expected)

    # -- what the image declares --------------------------------------------------------------------------

    def _expect(self, table: Table) -> Expect:
        def ports(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list) or not all(
                isinstance(e, str) and _PORT.fullmatch(e) for e in value
            ):
                raise ValueError('a list of ports such as "6379/tcp"')
            return tuple(value)

        def paths(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(e, str) and e for e in value):
                raise ValueError("a list of directories, which may be empty")
            return tuple(value)

        def variables(value: Any) -> Mapping[str, str]:
            if (
                not isinstance(value, dict)
                or not value
                or not all(isinstance(e, str) for e in value.values())
            ):
                raise ValueError("a table of variables and their values")
            return dict(value)

        def entrypoint(value: Any) -> str | tuple[str, ...]:
            if value in ("none", "present"):
                return str(value)
            if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
                return tuple(value)
            raise ValueError('"none", "present", or a list of words')

        def size(value: Any) -> int:
            found = _SIZE.fullmatch(value) if isinstance(value, str) else None
            if found is None:
                raise ValueError('a size above the base such as "+120MB"')
            return int(found[1]) * _UNITS[found[2]]

        expect = Expect(
            exposed=self._by_kind(table, "exposed", ports, "a list of ports"),
            environment=self._by_kind(table, "environment", variables, "a table"),
            volumes=self._by_kind(table, "volumes", paths, "a list"),
            workdir=self._text(table, "workdir", "a directory"),
            entrypoint=self._by_kind(table, "entrypoint", entrypoint, '"none", "present" or a list'),
            command=self._texts(table, "command"),
            user=self._text(table, "user", 'the name of a user; "" where the base decides', ("",))
            if table.value("user") == ""
            else self._text(table, "user", "the name of a user"),
            labels=self._text(table, "labels", '"none"', ("none",)),
            healthcheck=self._text(table, "healthcheck", '"none" or "present"', ("none", "present")),
            size=self._by_kind(table, "size", size, "a size"),
            layers=self._number(table, "layers", "a number of layers above the base", 127),
        )
        table.done()
        return expect

    # -- checks -------------------------------------------------------------------------------------------

    def _check(self, table: Table) -> Check:
        name = table.text("name", "the name of the check")
        serve = table.flag("serve", False)
        run = self._texts(table, "run", places=("version",))
        if serve == (run is not None):
            raise BadInput(
                f"{table.key('name')}: {name!r} needs either run (other arguments) or serve = true",
                file=self._file,
            )
        environment = table.value("environment") or {}
        if not isinstance(environment, dict) or not all(isinstance(e, str) for e in environment.values()):
            raise table.wrong("environment", "a table of variables and their values")
        check = Check(
            name=name,
            run=run,
            serve=serve,
            arguments=self._texts(table, "arguments", places=("version",)),
            says=self._says(table, "says"),
            fails=table.flag("fails", False),
            code=self._number(table, "code", "an exit code", 0xFFFFFFFF),
            workdir=self._text(table, "workdir", "a directory"),
            user=self._text(table, "user", "the name of a user"),
            environment=environment,
            hostname=table.optional("hostname", "a host name", _HOSTNAME),
            volumes=self._texts(table, "volumes"),
            ready=self._ready(table.table("ready")) if serve else None,
            steps=tuple(self._step(each) for each in table.tables("steps", required=False)) if serve else (),
        )
        for key in ("says", "fails", "code") if serve else ("ready", "steps", "arguments", "volumes"):
            if table.value(key) is not None:
                other = "a check with serve = true" if serve else "a check with run"
                raise self._no_effect(table.key(key), f"{name!r} is {other}")
        if check.fails and check.code is not None:
            raise self._no_effect(table.key("fails"), "code says which exit code is expected")
        table.done()
        self._order(check)
        return check

    def _ready(self, table: Table) -> Ready:
        command = self._texts(table, "exec", places=("version",))
        log = self._says(table, "log")
        says = self._says(table, "says")
        table.done()
        if (command is None) == (log is None):
            raise BadInput(f"{table.key('exec')}: expected either exec or log", file=self._file)
        if says is not None and command is None:
            raise self._no_effect(table.key("says"), "there is no exec that could say it")
        plain = {name: value for name, value in (("log", log), ("says", says)) if value is not None}
        for name, value in plain.items():
            if set(value.values) != {""}:
                raise BadInput(f"{table.key(name)}: expected one expression for all kinds", file=self._file)
        return Ready(command, log.values[""] if log else None, says.values[""] if says else None)

    def _step(self, table: Table) -> Step:
        name = table.text("name", "the name of the step")
        again = table.flag("again", False)
        exec_ = self._texts(table, "exec", places=("version",))
        client = self._texts(table, "client", places=("version", "address"))
        main = self._says(table, "main")
        stop = table.flag("stop", False)
        actions: list[tuple[Literal["exec", "client", "main", "stop", "again"], bool]] = [
            ("exec", exec_ is not None),
            ("client", client is not None),
            ("main", main is not None),
            ("stop", stop),
        ]
        chosen = [action for action, there in actions if there]
        if len(chosen) > 1 or not (chosen or again):
            raise BadInput(
                f"{table.key('name')}: {name!r} needs one of exec, client, main, stop (or again = true alone)",
                file=self._file,
            )
        action = chosen[0] if chosen else "again"
        if client is not None and not all(
            any("{address}" in word for word in words) for words in client.values.values()
        ):
            raise BadInput(
                f"{table.key('client')}: expected {{address}} among its words: without it the client does not "
                "reach the server",
                file=self._file,
            )
        step = Step(
            name=name,
            action=action,
            command=exec_ or client,
            again=again,
            main=main,
            says=self._says(table, "says"),
            fails=table.flag("fails", False),
            code=self._number(table, "code", "an exit code", 0xFFFFFFFF),
            log=self._says(table, "log"),
            within=None if table.value("within") is None else self._seconds(table, "within", 1),
        )
        allowed = {
            "exec": {"says", "fails", "code", "within"},
            "client": {"says", "fails", "code", "within"},
            "main": {"within"},
            "stop": {"code", "log"},
            "again": set(),
        }[action]
        for key in ("says", "fails", "code", "within", "log"):
            if table.value(key) is not None and key not in allowed:
                raise self._no_effect(table.key(key), f"{name!r} is a step with {action}")
        if step.fails and step.code is not None:
            raise self._no_effect(table.key("fails"), "code says which exit code is expected")
        if step.again and action == "stop":
            raise self._no_effect(table.key("again"), f"{name!r} would stop the new container at once")
        table.done()
        return step

    def _order(self, check: Check) -> None:
        """After a stop nothing runs until there is a new container."""
        stopped = False
        for step in check.steps:
            if step.again:
                stopped = False
            if stopped:
                raise self._no_effect(
                    f"step {step.name!r} of {check.name!r}",
                    "the container has been stopped; `again = true` begins a new one",
                )
            stopped = step.action == "stop"
