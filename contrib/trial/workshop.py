"""What a run makes on an engine, and how it is taken away again: its own things, and those of a run that was killed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress

from contrib.clients.engine import Engine, ImageFacts, Refused
from contrib.trial.ledger import Ledger, Left
from contrib.trial.subject import Subject
from contrib.values.errors import OutsideError

#: Seconds to wait for images that are still in use.
_HELD = 10.0


class Workshop:
    """What a run makes on an engine, and how it is taken away again."""

    def __init__(
        self,
        engine: Engine,
        run: str,
        pull: bool,
        keep: bool,
        seconds: float,
        say: Callable[[str], None],
        ledger: Ledger | None = None,
    ) -> None:
        self.engine = engine
        self.seconds = seconds
        self.say = say
        self._pull = pull
        self._keep = keep
        self._ledger = ledger
        if ledger is not None:
            engine.on_made = ledger.made
        self.prefix = f"contrib-try-{run}"
        self.network: str | None = None
        #: Official name to image id, of what was built here.
        self.built: dict[str, str] = {}
        self._before: frozenset[str] = frozenset()
        #: Names that were given, with the image that had them before.
        self._named: dict[str, str | None] = {}

    def open(self) -> None:
        """Remember what is there, and make a network."""
        self._before = self.engine.images()
        try:
            self.engine.create_network(self.prefix)
            self.network = self.prefix
        except Refused as error:
            self.say(f"no network for clients: {error.message}")

    def bases(self, subject: Subject) -> ImageFacts | None:
        """Fetch what the build needs; what its last stage stands on.

        :raises OutsideError: a base cannot be had.
        """
        for name in subject.bases:
            if self._pull or self.engine.image(name) is None:
                self.say(f"  pulling {name}")
                self.engine.pull(name, self.say, self.seconds)
                if self.engine.image(name) is None:
                    raise OutsideError(f"{name} was pulled and is not there", kind="pull")
        return None if subject.base.lower() == "scratch" else self.engine.image(subject.base)

    def name(self, name: str, image_id: str) -> None:
        """Give an image its official name, for those that copy from it."""
        if name not in self._named:
            before = self.engine.image(name)
            self._named[name] = before.id if before is not None else None
            if self._ledger is not None:
                self._ledger.named(name, self._named[name])
        self.engine.tag(image_id, name)

    def clean(self) -> None:
        """Take away all that this run made; Ctrl+C waits until that is done."""
        clean = False
        with _undisturbed(), suppress(Refused):
            try:
                _remove_parts(self.engine, self.engine.ours())
                self._restore_names()
                if not self._keep:
                    self._remove_images()
                clean = True
            except OutsideError as error:
                key, value = next(iter(self.engine.labels.items()))
                self.say(f"could not clean up ({error.message}); what is left has the label {key}={value}")
        if self._ledger is not None:
            self._ledger.close(clean=clean)

    def _restore_names(self) -> None:
        for name, before in self._named.items():
            if before is not None:
                self.engine.tag(before, name)
            elif not self._keep:
                self.engine.untag(name)

    def _remove_images(self) -> None:
        """The images of this run, last first: those of builds, and the bases that it fetched."""
        new = self.engine.images() - self._before
        mine = {
            image
            for image in new
            if any(image.partition(":")[2].startswith(made) for made in self.engine.made)
        }
        mine |= set(self.engine.ours()["image"]) & new
        mine |= {image for image in new if image in self.engine.pulled}
        _remove_all(self.engine, mine)


def sweep(engine: Engine, left: Left, say: Callable[[str], None]) -> None:
    """Remove what a run that was killed had left on this engine, and give names back to whose they were."""
    with suppress(Refused):
        ours = engine.ours(left.run)
        images = engine.images()
        mine = set(ours["image"]) | {
            image for image in images if any(image.partition(":")[2].startswith(made) for made in left.made)
        }
        # A build that went on for a moment after its client was gone.
        mine |= engine.built_on(frozenset(mine))
        _remove_parts(engine, ours)
        for name, before in left.named.items():
            now = engine.image(name)
            if now is None or now.id in mine:
                if before in images:
                    engine.tag(str(before), name)
                elif now is not None:
                    engine.untag(name)
        _remove_all(engine, mine & images)
        # The engine holds on to the images of an abandoned build until it has ended its last step.
        deadline = time.monotonic() + _HELD
        while (held := engine.images() & mine) and time.monotonic() < deadline:
            time.sleep(0.25)
            _remove_all(engine, held)
        parts = {kind: len(ids) for kind, ids in {**ours, "image": tuple(mine & images)}.items() if ids}
        if parts:
            listed = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in parts.items())
            say(f"removed what an earlier run, {left.run}, had left when it was ended: {listed}")
        if not held:
            left.forget()  # what is still in use is for the next run


def _remove_parts(engine: Engine, ours: Mapping[str, Sequence[str]]) -> None:
    for container in ours["container"]:
        engine.remove_container(container)
    for volume in ours["volume"]:
        engine.remove_volume(volume)
    for network in ours["network"]:
        engine.remove_network(network)


def _remove_all(engine: Engine, mine: Set[str]) -> None:
    """Remove images, children before their parents; what somebody else uses stays."""
    for _ in range(len(mine)):
        left = engine.images() & mine
        if not left:
            return
        for image in left:
            engine.remove_image(image)
        if engine.images() & mine == left:
            return


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without interruption, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
