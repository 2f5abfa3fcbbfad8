"""Images of an engine: looking, fetching, building with the classic builder, saving."""

from __future__ import annotations

import io
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from contrib.clients.engine.calls import Calls, Refused
from contrib.values.errors import OutsideError
from contrib.values.evidence import BuildStep

if TYPE_CHECKING:
    from docker import APIClient

#: Lines of a build's output that are kept, and characters of a line.
KEPT_LINES = 400
KEPT_CHARACTERS = 2000
#: Bytes of a build's output after which it is given up: no build that works writes that much.
FLOOD = 64 << 20
#: Bytes of a saved image, unpacked as the engine gives it: servercore with a large program has 8 GB.
MAX_SAVED = 32 << 30
#: Bytes of it that are taken at a time.
_PART = 1 << 18


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
    os: str = ""


_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)")
_MADE = re.compile(r" ---> ([0-9a-f]{12,64})\s*")
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]{12,64})\s*")


class Images(Calls):
    """A connection, for what is asked of images."""

    def __init__(self, api: APIClient, labels: Mapping[str, str]) -> None:
        super().__init__(api)
        self.labels = dict(labels)
        #: Ids of the images that builds have made, in their order; also of builds that failed or were ended.
        self.made: list[str] = []
        #: Told of each of them as it is made.
        self.on_made: Callable[[str], None] = lambda image: None
        #: Ids of the images that were fetched and not here before.
        self.pulled: set[str] = set()

    def image(self, name: str) -> ImageFacts | None:
        """What an image declares; None when it is not here."""
        found = self._found("look at an image", lambda: self._api.inspect_image(name))
        return None if found is None else _image_facts(found)

    def images(self) -> frozenset[str]:
        """The ids of all images that are here, those without a name among them."""
        listed = self._call("list its images", lambda: self._api.images(quiet=True, all=True))
        return frozenset(str(each) for each in listed)

    def built_on(self, images: frozenset[str]) -> frozenset[str]:
        """The nameless images that were built on those, directly or through others."""
        listed = self._call("list its images", lambda: self._api.images(all=True))
        found: frozenset[str] = frozenset()
        while True:
            more = {
                str(each["Id"])
                for each in listed
                if each.get("ParentId") in images | found
                and not any(tag != "<none>:<none>" for tag in each.get("RepoTags") or ())
            }
            if more <= found:
                return found
            found |= more

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

    def save(
        self,
        name: str,
        target: IO[bytes],
        seconds: float,
        progress: Callable[[int], None] = lambda number: None,
        most: int = MAX_SAVED,
    ) -> None:
        """Write an image as ``docker save`` does.

        :param progress: called with the bytes of each part.
        :param most: bytes that are taken.
        :raises Refused: the engine says why not.
        :raises OutsideError: it went away, is too slow, gives more than ``most``, or there is no space here.
        """
        deadline = time.monotonic() + seconds
        taken = 0

        def start() -> Iterator[bytes]:
            # An engine on Windows writes the whole image to its own disk before the first byte comes.
            usual, self._api.timeout = self._api.timeout, int(seconds) + 60
            try:
                parts: Iterator[bytes] = self._api.get_image(name, chunk_size=_PART)
            finally:
                self._api.timeout = usual
            yield from parts

        try:
            for part in self._stream(f"save {name}", start, deadline):
                taken += len(part)
                if taken > most:
                    raise OutsideError(f"{name} is larger than {most >> 20} MiB", kind="engine")
                target.write(part)
                progress(len(part))
        except TimeoutError:
            raise OutsideError(f"{name} was not saved in {seconds:.0f} s", kind="engine") from None
        except OSError as error:
            raise OutsideError(f"{name} cannot be saved here: {error.strerror or error}") from error

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
        log = _BuildLog(say, self._note)
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
                f"{why}, at {short(log.instruction)!r}" if log.instruction else why,
                kind="build",
                hint="give it more time with --timeout, or look at what it waits for",
            )
        return log.built()

    def remove_container(self, container: str) -> None:
        """Stop and remove a container and its anonymous volumes."""
        self._quietly(lambda: self._api.remove_container(container, v=True, force=True))

    def _note(self, image: str) -> None:
        self.made.append(image)
        self.on_made(image)

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


class _BuildLog:
    """What a build says, as it is said: its steps with their seconds, the images it makes, the end of its text."""

    def __init__(self, say: Callable[[str], None], made: Callable[[str], None]) -> None:
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
                self._say(f"step {step[1]} of {step[2]}: {short(step[3])}")
                self.container = None
            elif running := _RUNNING.fullmatch(text):
                self.container = running[1]
            elif made := _MADE.fullmatch(text):
                # What FROM names is there already; each later step makes an image.
                if len(self._steps) and not self._steps[-1][0].upper().startswith("FROM "):
                    self._made(made[1])
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
        os=str(found.get("Os") or "").lower(),
    )


def short(text: str, most: int = 100) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
