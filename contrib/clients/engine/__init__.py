"""Docker Engine, through its own SDK: build, run, watch, stop, and clean up again.

The only importer of the package ``docker``, and only where an engine is used. Every call is made in a thread
of its own and waited for with a limit, since neither the SDK nor a pipe on Windows can be trusted with one;
what comes back is bounded. An engine that is not there, dies or refuses gives one sentence
(:class:`~contrib.values.errors.OutsideError`); what it says of a build or a container is :class:`Refused`.

Everything made here has the label :data:`LABEL`, with the id of the run; nothing without it is removed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contrib.clients.engine.calls import PATIENCE, Refused, bounded, said
from contrib.clients.engine.images import Built, ImageFacts, Images
from contrib.values.errors import OutsideError
from contrib.values.evidence import Place

if TYPE_CHECKING:
    from docker import APIClient

__all__ = ["LABEL", "Built", "Engine", "ImageFacts", "Output", "Refused", "State"]

#: On every container, volume, network and image of ours; its value is the id of the run.
LABEL = "io.github.contrib.try"

#: Bytes that are kept of what a program in a container prints.
KEPT_OUTPUT = 1 << 20

_INSTALL = "python -m pip install docker"


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
class State:
    """How a container is. :param pid: of its first process on the host. :param error: why it did not start."""

    running: bool
    code: int
    pid: int
    error: str
    address: str | None


class Engine(Images):
    """A connection to an engine. A context manager."""

    def __init__(self, api: APIClient, run: str) -> None:
        super().__init__(api, {LABEL: run})
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
            api = bounded(
                lambda: docker.APIClient(version="auto", timeout=int(PATIENCE), **settings), PATIENCE
            )
            return cls(api, run)
        except TimeoutError:
            why = "it does not answer"
        except OutsideError as error:
            why = error.message
        except Exception as error:  # the SDK raises its own, requests', paramiko's and pywin32's errors here
            why = said(error)
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

    # -- what it is ---------------------------------------------------------------------------------------

    @property
    def os(self) -> str:
        """``windows`` or ``linux``: what its containers are."""
        return str(self._info.get("OSType") or "linux").lower()

    @property
    def id(self) -> str:
        """What tells this engine from others; empty where it does not say."""
        return str(self._info.get("ID") or "")

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

    def ours(self, run: str | None = None) -> dict[str, tuple[str, ...]]:
        """What has the label of this run, or of another: ids (names of volumes) by kind."""
        filters = {"label": [f"{LABEL}={run or self.labels[LABEL]}"]}
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
