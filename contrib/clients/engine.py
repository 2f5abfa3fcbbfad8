"""Docker Engine, through its own SDK: build, run, watch, stop, and clean up again.

The only importer of the package ``docker``, and only where an engine is used. Every call is made in a thread
of its own and waited for with a limit, since neither the SDK nor a pipe on Windows can be trusted with one;
what comes back is bounded. An engine that is not there, dies or refuses gives one sentence
(:class:`~contrib.values.errors.OutsideError`); what it says of a build or a container is :class:`Refused`.

Everything made here has the label :data:`LABEL`, with the id of the run; nothing without it is removed.
"""

from __future__ import annotations

import io
import os
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from contrib.values.errors import OutsideError
from contrib.values.evidence import BuildStep, Place

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

#: On every container, volume, network and image of ours; its value is the id of the run.
LABEL = "io.github.contrib.try"

#: Seconds for a call that is not a build, a pull or a wait.
PATIENCE = 60.0
#: Lines of a build's output that are kept, and characters of a line.
KEPT_LINES = 400
KEPT_CHARACTERS = 2000
#: Bytes of a build's output after which it is given up: no build that works writes that much.
FLOOD = 64 << 20
#: Bytes that are kept of what a program in a container prints.
KEPT_OUTPUT = 1 << 20

_INSTALL = "python -m pip install docker"


class Refused(Exception):
    """The engine was asked and said no, with its reason: about a build, a container or an image."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.message = " ".join(message.split())
        self.status = status


@dataclass(frozen=True, slots=True)
class Output:
    """What a program in a container printed, stdout and stderr together, and how it ended.

    :param code: exit code; None when it had not ended in time.
    """

    code: int | None
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines, without those that are empty."""
        return tuple(line for line in self.text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Built:
    """How a build ended.

    :param image_id: None when it failed. :param error: what the engine says then.
    :param lines: the end of its output.
    :param instruction: the last instruction that it began, empty when none.
    """

    image_id: str | None
    error: str
    steps: tuple[BuildStep, ...]
    lines: tuple[str, ...]
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image declares. :param digests: its ``name@sha256:…`` in registries. :param layers: how many."""

    id: str
    digests: tuple[str, ...]
    os_version: str | None
    size: int
    layers: int
    exposed: tuple[str, ...]
    environment: Mapping[str, str]
    volumes: tuple[str, ...]
    workdir: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    labels: Mapping[str, str]
    healthcheck: bool
    stop_signal: str


@dataclass(frozen=True, slots=True)
class State:
    """How a container is. :param pid: of its first process on the host. :param error: why it did not start."""

    running: bool
    code: int
    pid: int
    error: str
    address: str | None


_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)")
_MADE = re.compile(r" ---> ([0-9a-f]{12,64})\s*")
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]{12,64})\s*")


class Engine:
    """A connection to an engine. A context manager."""

    def __init__(self, api: APIClient, run: str) -> None:
        self._api = api
        self.labels = {LABEL: run}
        #: Ids of the images that builds have made, in their order; also of builds that failed or were ended.
        self.made: list[str] = []
        #: Ids of the images that were fetched and not here before.
        self.pulled: set[str] = set()
        self._info = self._call("answer", api.info)
        self._version = self._call("answer", api.version)

    @classmethod
    def connect(cls, run: str, address: str | None = None) -> Engine:
        """The engine that docker's own command would use: ``DOCKER_HOST``, its context, the usual pipe.

        :param run: id of this run, for labels and names.
        :raises OutsideError: the SDK is not installed, or no engine answers.
        """
        try:
            import docker
            import docker.errors
            from docker.utils import kwargs_from_env
        except ImportError:
            raise OutsideError(
                "trying images needs the Docker SDK for Python, which is not installed",
                kind="engine",
                hint=_INSTALL,
            ) from None
        try:
            settings = {"base_url": address} if address is not None else kwargs_from_env()
            settings.setdefault("base_url", _context_address())
            api = _bounded(
                lambda: docker.APIClient(version="auto", timeout=int(PATIENCE), **settings), PATIENCE
            )
            return cls(api, run)
        except TimeoutError:
            why = "it does not answer"
        except OutsideError as error:
            why = error.message
        except Exception as error:  # the SDK raises its own, requests', paramiko's and pywin32's errors here
            why = _said(error)
        raise OutsideError(
            f"no Docker engine can be reached: {why}",
            kind="engine",
            hint="start Docker (on Windows switch it to Windows containers), or set DOCKER_HOST; "
            "`contrib try --workflow` writes a workflow that does it on GitHub's runners",
        )

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(Exception):
            self._api.close()

    # -- what it is ---------------------------------------------------------------------------------------

    @property
    def os(self) -> str:
        """``windows`` or ``linux``: what its containers are."""
        return str(self._info.get("OSType") or "linux").lower()

    @property
    def place(self) -> Place:
        """Engine, host and isolation, as a record names them."""
        isolation = str(self._info.get("Isolation") or "") if self.os == "windows" else ""
        return Place(
            engine=str(self._version.get("Version") or "?"),
            api=str(self._version.get("ApiVersion") or "?"),
            os=self.os,
            os_version=_os_version(self._info),
            isolation=isolation if isolation not in ("", "default") else None,
            builder="classic",
            runner=_runner(),
        )

    # -- images -------------------------------------------------------------------------------------------

    def image(self, name: str) -> ImageFacts | None:
        """What an image declares; None when it is not here."""
        found = self._found("look at an image", lambda: self._api.inspect_image(name))
        return None if found is None else _image_facts(found)

    def images(self) -> frozenset[str]:
        """The ids of all images that are here, those without a name among them."""
        listed = self._call("list its images", lambda: self._api.images(quiet=True, all=True))
        return frozenset(str(each) for each in listed)

    def pull(self, name: str, say: Callable[[str], None], seconds: float) -> None:
        """Fetch an image from its registry.

        :raises OutsideError: the registry, the network or the engine did not give it, or not in time.
        """
        what = f"pull {name}"
        before = self.images()
        deadline = time.monotonic() + seconds
        repository, _, tag = name.partition("@")[0].rpartition(":")
        if "/" in tag or not repository:
            repository, tag = name.partition("@")[0], "latest"
        if "@" in name:
            tag = name.partition("@")[2]
        stream = self._stream(
            what, lambda: self._api.pull(repository, tag=tag, stream=True, decode=True), deadline
        )
        shown = 0.0
        try:
            for event in stream:
                if event.get("error"):
                    raise Refused(str(event["error"]))
                if time.monotonic() - shown > 5:
                    shown = time.monotonic()
                    say(f"pulling {name}: {event.get('status', '')}")
        except Refused as error:
            raise OutsideError(
                f"{name} cannot be pulled: {error.message}",
                kind="pull",
                hint="is the name right, and is there a network?",
            ) from error
        except TimeoutError:
            raise OutsideError(
                f"{name} was not pulled in {seconds:.0f} s", kind="pull", hint="give it more time: --timeout"
            ) from None
        fetched = self.image(name)
        if fetched is not None and fetched.id not in before:
            self.pulled.add(fetched.id)

    def tag(self, image_id: str, name: str) -> None:
        """Give an image a name; another image of that name loses it."""
        repository, _, tag = name.rpartition(":")
        self._call("name an image", lambda: self._api.tag(image_id, repository, tag, force=True))

    def untag(self, name: str) -> None:
        """Take a name away; the image stays when it has another or when something was made from it."""
        self._quietly(lambda: self._api.remove_image(name, noprune=True))

    def remove_image(self, image_id: str) -> None:
        """Remove one image and none of its parents; what is in use stays."""
        self._quietly(lambda: self._api.remove_image(image_id, noprune=True))

    def build(
        self,
        context: bytes,
        tag: str,
        *,
        seconds: float,
        say: Callable[[str], None],
        dockerfile: str = "Dockerfile",
    ) -> Built:
        """Build an image with the classic builder, without its cache: every step is run.

        :param context: a tar of the build context. :param seconds: for the whole build.
        :raises OutsideError: the engine went away, the build did not end in time, or it floods its log. What it
            had started is stopped and removed.
        """
        deadline = time.monotonic() + seconds
        log = _BuildLog(say, self.made)
        captured: list[Any] = []

        def start() -> Iterator[dict[str, Any]]:
            self._api.hooks["response"] = lambda response, *a, **k: captured.append(response)
            try:
                built: Iterator[dict[str, Any]] = self._api.build(
                    fileobj=io.BytesIO(context),
                    custom_context=True,
                    dockerfile=dockerfile,
                    tag=tag,
                    rm=True,
                    forcerm=True,
                    nocache=True,
                    decode=True,
                    labels=self.labels,
                    timeout=int(seconds) + 60,
                )
            finally:
                self._api.hooks["response"] = []
            yield from built

        why = None
        try:
            for event in self._stream("build", start, deadline):
                log.take(event)
                if log.bytes > FLOOD:
                    why = f"the build wrote more than {FLOOD >> 20} MB of log and was stopped"
                    break
        except TimeoutError:
            why = f"the build did not end in {seconds:.0f} s and was stopped"
        except Refused as error:
            # What is wrong with the Dockerfile itself is refused before the first step.
            log.error = error.message
        except BaseException:
            self._abort(captured, log)
            raise
        if why is not None:
            self._abort(captured, log)
            raise OutsideError(
                f"{why}, at {_short(log.instruction)!r}" if log.instruction else why,
                kind="build",
                hint="give it more time with --timeout, or look at what it waits for",
            )
        return log.built()

    def _abort(self, captured: list[Any], log: _BuildLog) -> None:
        """End a build: hang up, which cancels it, and remove the container of the step that was running."""
        for response in captured:
            connection = getattr(response.raw, "_connection", None) or getattr(
                response.raw, "connection", None
            )
            sock: Any = getattr(connection, "sock", None)
            with suppress(Exception):
                sock.shutdown(2)
            with suppress(Exception):
                sock.close()
        if log.container is not None:
            self.remove_container(log.container)

    # -- containers ---------------------------------------------------------------------------------------

    def create(
        self,
        image: str,
        *,
        command: Sequence[str] | None = None,
        network: str | None = None,
        volumes: Mapping[str, str] | None = None,
        workdir: str | None = None,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        hostname: str | None = None,
    ) -> str:
        """Make a container; its id. :param volumes: name of a volume to where it is mounted.

        :raises Refused: the engine says why not.
        """
        api = self._api

        def make() -> Any:
            config = api.create_host_config(
                network_mode=network or ("none" if self.os == "linux" else None),
                binds={name: {"bind": path, "mode": "rw"} for name, path in (volumes or {}).items()} or None,
                # A server that floods its log must not fill the disk.
                log_config={"Type": "json-file", "Config": {"max-size": "8m"}},
            )
            return api.create_container(
                image,
                command=list(command) if command is not None else None,
                labels=self.labels,
                host_config=config,
                working_dir=workdir,
                user=user,
                environment=dict(environment) if environment else None,
                hostname=hostname,
            )

        return str(self._call("make a container", make)["Id"])

    def start(self, container: str) -> None:
        """Start a container. :raises Refused: the engine says why it cannot be started."""
        self._call("start a container", lambda: self._api.start(container))

    def state(self, container: str, network: str | None = None) -> State:
        """How a container is."""
        found = self._call("look at a container", lambda: self._api.inspect_container(container))
        state = found["State"]
        networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
        address = (networks.get(network) or {}).get("IPAddress") if network else None
        return State(
            running=bool(state.get("Running")),
            code=int(state.get("ExitCode") or 0) & 0xFFFFFFFF,
            pid=int(state.get("Pid") or 0),
            error=str(state.get("Error") or ""),
            address=address or None,
        )

    def wait(self, container: str, seconds: float) -> int | None:
        """The exit code; None when the container has not ended in that time."""
        try:
            ended = self._call("wait for a container", lambda: self._api.wait(container), seconds)
        except TimeoutError:
            return None
        return int(ended["StatusCode"]) & 0xFFFFFFFF

    def stop(self, container: str, seconds: int) -> float:
        """What ``docker stop -t`` does; the seconds that it took."""
        began = time.monotonic()
        limit = seconds + PATIENCE
        try:
            self._call("stop a container", lambda: self._api.stop(container, timeout=seconds), limit)
        except TimeoutError:
            raise OutsideError(
                f"the engine did not stop a container in {limit:.0f} s", kind="engine"
            ) from None
        return time.monotonic() - began

    def logs(self, container: str, lines: int = 200) -> str:
        """The end of what the container printed."""
        data = self._call("read a log", lambda: self._api.logs(container, tail=lines))
        return bytes(data)[-KEPT_OUTPUT:].decode("utf-8", "replace")

    def processes(self, container: str, pid: int) -> tuple[str, ...]:
        """The first process (on Windows, which has no first one, all of them), as ``docker top`` names them."""
        found = self._call("list processes", lambda: self._api.top(container))
        titles = [str(title).lower() for title in found.get("Titles") or ()]
        rows = [[str(cell) for cell in row] for row in found.get("Processes") or ()]
        if "cmd" in titles and "pid" in titles:
            command, number = titles.index("cmd"), titles.index("pid")
            first = [row[command] for row in rows if row[number] == str(pid)]
            return tuple(first or [row[command] for row in rows[:1]])
        return tuple(row[0] for row in rows if row)

    def execute(self, container: str, command: Sequence[str], seconds: float) -> Output:
        """Run a program in a running container. :raises Refused: it cannot be started there."""
        made = self._call(
            "run a program in a container", lambda: self._api.exec_create(container, list(command))
        )
        collected = _Collected()
        deadline = time.monotonic() + seconds
        try:
            for part in self._stream(
                "run a program in a container",
                lambda: self._api.exec_start(made["Id"], stream=True),
                deadline,
            ):
                collected.take(part)
        except TimeoutError:
            return Output(None, collected.text)
        found = self._call("look at a program", lambda: self._api.exec_inspect(made["Id"]))
        code = found.get("ExitCode")
        return Output(None if code is None else int(code) & 0xFFFFFFFF, collected.text)

    def remove_container(self, container: str) -> None:
        """Stop and remove a container and its anonymous volumes."""
        self._quietly(lambda: self._api.remove_container(container, v=True, force=True))

    # -- volumes and networks -----------------------------------------------------------------------------

    def create_volume(self, name: str) -> None:
        """Make a named volume."""
        self._call("make a volume", lambda: self._api.create_volume(name, labels=self.labels))

    def remove_volume(self, name: str) -> None:
        """Remove a named volume."""
        self._quietly(lambda: self._api.remove_volume(name, force=True))

    def create_network(self, name: str) -> str:
        """Make a network for this run; its id. :raises Refused: this engine makes none."""
        driver = "nat" if self.os == "windows" else "bridge"
        made = self._call(
            "make a network", lambda: self._api.create_network(name, driver=driver, labels=self.labels)
        )
        return str(made["Id"])

    def remove_network(self, name: str) -> None:
        """Remove a network."""
        self._quietly(lambda: self._api.remove_network(name))

    def ours(self) -> dict[str, tuple[str, ...]]:
        """What has this run's label: ids (names of volumes) by kind."""
        filters = {"label": [f"{key}={value}" for key, value in self.labels.items()]}
        api = self._api
        containers = self._call("list containers", lambda: api.containers(all=True, filters=filters))
        volumes = self._call("list volumes", lambda: api.volumes(filters=filters)).get("Volumes") or ()
        networks = self._call("list networks", lambda: api.networks(filters=filters))
        images = self._call("list images", lambda: api.images(all=True, filters=filters))
        return {
            "container": tuple(each["Id"] for each in containers),
            "volume": tuple(each["Name"] for each in volumes),
            "network": tuple(each["Id"] for each in networks),
            "image": tuple(each["Id"] for each in images),
        }

    # -- calls --------------------------------------------------------------------------------------------

    def _call(self, what: str, function: Callable[[], T], seconds: float | None = None) -> T:
        """One call to the engine, with a limit.

        :raises Refused: it says no. :raises TimeoutError: where the caller has set the limit.
        :raises OutsideError: it does not answer.
        """
        try:
            return _bounded(function, PATIENCE if seconds is None else seconds)
        except TimeoutError:
            if seconds is not None:
                raise
            raise OutsideError(
                f"the Docker engine does not answer: asked to {what}, nothing in {PATIENCE:.0f} s",
                kind="engine",
            ) from None
        except (Refused, OutsideError):
            raise
        except Exception as error:
            raise _translated(error, what) from error

    def _found(self, what: str, function: Callable[[], T]) -> T | None:
        try:
            return self._call(what, function)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def _quietly(self, function: Callable[[], Any]) -> None:
        """Remove something: what is gone already, in use or out of reach is not this call's problem."""
        with suppress(Refused, OutsideError):
            self._call("clean up", function)

    def _stream(self, what: str, start: Callable[[], Iterator[T]], deadline: float) -> Iterator[T]:
        """What a call gives bit by bit, until the deadline.

        :raises TimeoutError: the deadline has passed. :raises Refused: the engine says no.
        """
        waiting: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=256)
        gone = threading.Event()

        def put(kind: str, value: Any) -> bool:
            while not gone.is_set():
                try:
                    waiting.put((kind, value), timeout=0.5)
                    return True
                except queue.Full:
                    continue
            return False

        def pump() -> None:
            try:
                for item in start():
                    if not put("item", item):
                        return
            except BaseException as error:  # handed to the thread that asked
                put("error", error)
            else:
                put("end", None)

        threading.Thread(target=pump, daemon=True).start()
        try:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                try:
                    kind, value = waiting.get(timeout=min(left, 0.5))
                except queue.Empty:
                    continue
                if kind == "end":
                    return
                if kind == "error":
                    if isinstance(value, Exception) and not isinstance(value, (Refused, OutsideError)):
                        raise _translated(value, what) from value
                    raise value
                yield value
        finally:
            gone.set()


class _BuildLog:
    """What a build says, as it is said: its steps with their seconds, the images it makes, the end of its text."""

    def __init__(self, say: Callable[[str], None], made: list[str]) -> None:
        self._say = say
        self._made = made
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._partial = ""
        self._steps: list[tuple[str, float]] = []
        self.container: str | None = None
        self.bytes = 0
        self.error = ""
        self._id: str | None = None
        self._ended = 0.0

    @property
    def instruction(self) -> str:
        """The instruction that is being carried out."""
        return self._steps[-1][0] if self._steps else ""

    def take(self, event: Mapping[str, Any]) -> None:
        """One message of the engine."""
        if "error" in event:
            self.error = str(event["error"])
            self._add(self.error + "\n")
        elif "aux" in event and isinstance(event["aux"], dict):
            self._id = str(event["aux"].get("ID") or "") or self._id
        elif "stream" in event:
            text = str(event["stream"])
            self.bytes += len(text)
            if step := _STEP.match(text):
                self._steps.append((step[3][:KEPT_CHARACTERS], time.monotonic()))
                self._say(f"step {step[1]} of {step[2]}: {_short(step[3])}")
                self.container = None
            elif running := _RUNNING.fullmatch(text):
                self.container = running[1]
            elif made := _MADE.fullmatch(text):
                # What FROM names is there already; each later step makes an image.
                if len(self._steps) and not self._steps[-1][0].upper().startswith("FROM "):
                    self._made.append(made[1])
                self.container = None
            self._add(text)

    def _add(self, text: str) -> None:
        *whole, self._partial = (self._partial + text).split("\n")
        self._partial = self._partial[-KEPT_CHARACTERS:]
        for line in whole:
            # A progress bar redraws its line: what counts is how it looked in the end.
            line = line.rstrip("\r").rpartition("\r")[2][:KEPT_CHARACTERS]
            if line.strip():
                self._lines.append(line)

    def built(self) -> Built:
        """How it ended."""
        ended = time.monotonic()
        starts = [start for _, start in self._steps] + [ended]
        lines = [*self._lines, *([self._partial] if self._partial.strip() else [])]
        return Built(
            image_id=None if self.error else self._id,
            error=self.error or ("" if self._id else "the engine did not say which image it made"),
            steps=tuple(
                BuildStep(text, starts[number + 1] - start)
                for number, (text, start) in enumerate(self._steps)
            ),
            lines=tuple(lines),
            instruction=self.instruction,
        )


class _Collected:
    """Bytes up to a limit: the beginning and the end."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def take(self, part: bytes) -> None:
        """More of them."""
        room = KEPT_OUTPUT // 2 - len(self._head)
        self._head += part[:room]
        self._tail += part[max(room, 0) :]
        del self._tail[: max(0, len(self._tail) - KEPT_OUTPUT // 2)]

    @property
    def text(self) -> str:
        """As text."""
        return (self._head + self._tail).decode("utf-8", "replace")


def _bounded(function: Callable[[], T], seconds: float) -> T:
    """What the function gives, when it does in that time; Ctrl+C is heard meanwhile.

    :raises TimeoutError: it does not; it is left to itself.
    """
    done: queue.Queue[tuple[bool, Any]] = queue.Queue(maxsize=1)

    def work() -> None:
        try:
            done.put((True, function()))
        except BaseException as error:  # handed to the thread that asked
            done.put((False, error))

    threading.Thread(target=work, daemon=True).start()
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            good, value = done.get(timeout=min(left, 0.5))
        except queue.Empty:
            continue
        if good:
            result: T = value
            return result
        raise value


def _translated(error: Exception, what: str) -> Exception:
    """An error of the SDK: what the engine said, or that it is gone."""
    import docker.errors

    if isinstance(error, docker.errors.APIError):
        explanation = error.explanation
        if isinstance(explanation, bytes):
            explanation = explanation.decode("utf-8", "replace")
        status = error.response.status_code if error.response is not None else 0
        return Refused(str(explanation or error), status)
    return OutsideError(
        f"the Docker engine went away when it was asked to {what}: {_said(error)}",
        kind="engine",
        hint="is it running, and is there space on its disk? Its own log says more",
    )


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    # requests nests the cause in several layers of parentheses and quotes
    if found := re.search(r"(?:\[Errno \d+\] |\()(?:\d+, )?'?([A-Z][a-z][^()']{3,80})'?\)*$", text):
        return found[1]
    return text[:300]


def _context_address() -> str | None:
    """The address that docker's current context names, None when it names none."""
    try:
        from docker.context import ContextAPI

        context = ContextAPI.get_current_context()
        host = getattr(context, "Host", None)
        return str(host) if host else None
    except Exception:  # a broken ~/.docker is docker's own matter; the usual pipe is tried
        return None


def _os_version(info: Mapping[str, Any]) -> str | None:
    """Of the host: ``10.0.26100.1742`` on Windows, the name of the distribution elsewhere."""
    system = str(info.get("OperatingSystem") or "")
    if found := re.search(r"\(OS Build (\d+\.\d+)\)", system):
        return f"10.0.{found[1]}"
    if found := re.match(r"(\d+\.\d+) (\d+) \((\d+\.\d+)", str(info.get("KernelVersion") or "")):
        return f"{found[1]}.{found[2]}"
    return system or None


def _runner() -> str | None:
    """The label of the GitHub runner that this is, None elsewhere (its images set ``ImageOS``: win25)."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return None
    image = next((value for name, value in os.environ.items() if name.upper() == "IMAGEOS"), "")
    if found := re.fullmatch(r"(win|ubuntu|macos)(\d\d)", image):
        year, name = found[2], {"win": "windows-20", "ubuntu": "ubuntu-", "macos": "macos-"}[found[1]]
        return f"{name}{year}" + (".04" if found[1] == "ubuntu" else "")
    return os.environ.get("RUNNER_OS") or None


def _image_facts(found: Mapping[str, Any]) -> ImageFacts:
    config = found.get("Config") or {}
    environment = dict(entry.partition("=")[::2] for entry in config.get("Env") or ())
    return ImageFacts(
        id=str(found["Id"]),
        digests=tuple(found.get("RepoDigests") or ()),
        os_version=str(found.get("OsVersion") or "") or None,
        size=int(found.get("Size") or 0),
        layers=len((found.get("RootFS") or {}).get("Layers") or ()),
        exposed=tuple(sorted(config.get("ExposedPorts") or ())),
        environment=environment,
        volumes=tuple(sorted(config.get("Volumes") or ())),
        workdir=str(config.get("WorkingDir") or ""),
        entrypoint=tuple(config.get("Entrypoint") or ()),
        command=tuple(config.get("Cmd") or ()),
        user=str(config.get("User") or ""),
        labels=dict(config.get("Labels") or {}),
        healthcheck=bool(config.get("Healthcheck")),
        stop_signal=str(config.get("StopSignal") or ""),
    )


def _short(text: str, most: int = 100) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
