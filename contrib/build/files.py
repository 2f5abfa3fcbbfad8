"""Which actions touch a file: an index, so that the cost of a long Dockerfile stays in proportion to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build

#: Programs that look at a file, and do not use what is in it.
_LOOKING = frozenset(
    ("icacls", "takeown", "attrib", "unblock-file", "get-authenticodesignature", "get-acl", "set-acl", "get-item",
     "test-path", "certutil", "get-filehash", "git", "write-progress", "copy-item", "set-itemproperty")
)  # fmt: skip


_END = 10**9


def _order(action: act.Action) -> int:
    return action.order


def _between(actions: Sequence[act.Action] | None, after: int, before: int) -> Iterator[act.Action]:
    """Those in order that come after one place and before another."""
    if actions:
        for action in islice(actions, bisect_right(actions, after, key=_order), None):
            if action.order >= before:
                return
            yield action


class Files:
    """The actions of the stages that contribute (or of ``stages``), by the file that they touch."""

    def __init__(self, build: Build, stages: Container[int] | None = None) -> None:
        chosen = build.contributing if stages is None else stages
        self._platform = build.platform
        self._by_key: dict[str, list[act.Action]] = {}
        self._by_name: dict[str, list[act.Action]] = {}
        self._unsettled: set[str] = set()  # last parts of paths with a variable in them
        self._piped: dict[int, list[act.Action]] = {}
        self._started: dict[str, list[act.Run]] = {}
        for action in build.actions:
            if action.stage in chosen:
                if isinstance(action, act.Run):
                    self._started.setdefault(action.name, []).append(action)
                for path in _touched(action, build.workdir, build.platform):
                    self._put(path, action)

    def _put(self, path: str, action: act.Action) -> None:
        if path == "-":
            self._piped.setdefault(id(action.instruction), []).append(action)
        elif path:
            self._by_key.setdefault(paths.key(path, self._platform), []).append(action)
            last = paths.name(path).lower()
            self._by_name.setdefault(last, []).append(action)
            if "$" in path:
                self._unsettled.add(last)

    def touching(self, names: Iterable[str], after: int = -1, before: int = _END) -> list[act.Action]:
        """Actions on a file that goes by any of ``names``, in order, none twice.

        A name with a variable in it is known by its last part.

        :param after: only what comes after that place of the file, and before ``before``.
        """
        found: dict[int, act.Action] = {}
        for name in names:
            if name in ("", "-"):
                continue
            for action in _between(self._by_key.get(paths.key(name, self._platform)), after, before):
                found[action.order] = action
            last = paths.name(name).lower()
            if "$" in name or last in self._unsettled:
                for action in _between(self._by_name.get(last), after, before):
                    if action.order not in found and ("$" in name or _unsettled(action)):
                        found[action.order] = action
        return [found[order] for order in sorted(found)]

    def next_download(self, download: act.Download) -> int:
        """Where the same file is fetched again, whatever happens; the end when it is not."""
        actions = self._by_key.get(paths.key(download.file, self._platform)) or []
        at = bisect_right(actions, download.order, key=_order)
        for action in islice(actions, at, None):
            if isinstance(action, act.Download) and not action.conditional:
                return action.order
        return _END

    def started(self, programs: Iterable[str]) -> Iterator[act.Run]:
        """Runs of programs by their names."""
        for program in programs:
            yield from self._started.get(program, ())

    def piped(self, download: act.Download) -> list[act.Action]:
        """Actions of the same RUN that read a pipe."""
        return self._piped.get(id(download.instruction), [])


def _unsettled(action: act.Action) -> bool:
    return any("$" in path for path in _touched(action, "", "linux"))


def _touched(action: act.Action, workdir: str, platform: paths.Platform) -> tuple[str, ...]:
    """The files that an action reads."""
    if isinstance(action, (act.Download, act.Verify, act.Unpack)):
        return (action.file,)
    if isinstance(action, act.Move):
        return (action.source,)
    if isinstance(action, act.Run):
        if action.name in _LOOKING:
            return ()
        return (*((action.path,) if action.path else ()), *action.files)
    return ()
