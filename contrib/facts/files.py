"""Which actions touch a file: an index, so that the cost of a long Dockerfile stays in proportion to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contrib.facts import actions as act
from contrib.facts import paths
from contrib.facts.reading import Reading

_INTERPRETERS = frozenset(("python", "python3", "sh", "bash", "perl", "node", "powershell", "pwsh"))


class Files:
    """The actions of the stages that contribute, by the file that they touch."""

    def __init__(self, reading: Reading) -> None:
        self._platform = reading.platform
        self._by_key: dict[str, list[act.Action]] = {}
        self._by_name: dict[str, list[act.Action]] = {}
        self._piped: dict[int, list[act.Action]] = {}
        self._started: dict[str, list[act.Run]] = {}
        for action in reading.actions:
            if action.stage in reading.contributing:
                if isinstance(action, act.Run):
                    self._started.setdefault(action.name, []).append(action)
                for path in _touched(action, reading.workdir, reading.platform):
                    self._put(path, action)

    def _put(self, path: str, action: act.Action) -> None:
        if path == "-":
            self._piped.setdefault(id(action.instruction), []).append(action)
        elif path:
            self._by_key.setdefault(paths.key(path, self._platform), []).append(action)
            self._by_name.setdefault(paths.name(path).lower(), []).append(action)

    def touching(self, names: Iterable[str]) -> Iterator[act.Action]:
        """Actions on a file that goes by any of ``names``, in order, none twice.

        A name with a variable in it is known by its last part.
        """
        found: dict[int, act.Action] = {}
        for name in names:
            if name in ("", "-"):
                continue
            for action in self._by_key.get(paths.key(name, self._platform), ()):
                found[action.order] = action
            for action in self._by_name.get(paths.name(name).lower(), ()):
                if action.order not in found and ("$" in name or _unsettled(action)):
                    found[action.order] = action
        return iter([found[order] for order in sorted(found)])

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
        if action.name in _INTERPRETERS:
            return tuple(
                paths.join(workdir, argument, platform)
                for argument in action.arguments[:5]
                if argument and not argument.startswith("-")
            )
        return (action.path,) if action.path else ()
    return ()
