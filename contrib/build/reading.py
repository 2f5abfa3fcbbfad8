"""A Dockerfile from its first line to its last: stages, what they inherit, COPY and ADD; bodies go to the walk."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.build.actions import Action, Value
from contrib.build.entry import script_in
from contrib.build.path_variable import path_edit
from contrib.build.walk import Walk
from contrib.dockerfile.expand import Environment, Environments
from contrib.dockerfile.inherited import Bases
from contrib.dockerfile.model import Dockerfile, Instruction, Stage
from contrib.shells import Shell, Shells, script_of
from contrib.shells import model as shell
from contrib.values.budgets import bounded
from contrib.values.patterns import lazy

_WITH_BODY = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"))
_ADDRESS = lazy(r"(?i)(https?|ftp|git)://|git@")
_POWERSHELL = lazy(
    r"\$env:\w|\$\w+\s*=|\b(Invoke|Expand|Remove|New|Start|Set|Get|Add|Write|Copy|Move)-[A-Z][a-z]+"
)

#: What Windows PowerShell does not read: ``&&``, ``%NAME%``, a caret at the end of a line.
_CMD = lazy(r"(?m)\s&&\s|%\w+%[\\/]|\^[ \t]*$")


def says_windows(path: str | None) -> bool:
    """Whether a file's path names Windows, nanoserver or servercore."""
    return any(word in (path or "").lower() for word in ("windows", "nanoserver", "servercore"))


@bounded("dockerfile.name")
def read(
    dockerfile: Dockerfile,
    copied: Mapping[str, bytes] | None = None,
    bases: Bases | None = None,
    *,
    windows: bool = False,
) -> Build:
    """What ``dockerfile`` does.

    :param copied: files of the build context by their path there.
    :param bases: knows what images hand on; without it, only what Microsoft's own bases do by default.
    :param windows: the file's path says that it builds a Windows image.
    """
    return Reader(dockerfile, dict(copied or {}), bases, windows).build()


class Reader:
    """Reads one file."""

    def __init__(
        self, dockerfile: Dockerfile, copied: dict[str, bytes], bases: Bases | None, windows: bool
    ) -> None:
        self.file = dockerfile
        self.copied = copied
        self.environments = Environments(dockerfile, bases, windows=windows)
        self.bases = self.environments.bases
        self.shells = Shells(dockerfile, self.bases)
        self.walk = Walk()
        self.scripts: dict[int, shell.Script | None] = {}
        self.shell_at: dict[int, Shell] = {}
        self.later: list[Action] = []
        self.triggered: list[Action] = []
        self.workdirs: dict[int, str] = {}
        self.earlier: dict[str, int] = {}  # names and numbers of the stages above

    def build(self) -> Build:
        """Read it."""
        for stage in self.file.stages:
            self._stage(stage)
        actions = tuple(self.walk.actions)
        own, contributing = self._stages(actions)
        notes = [*self.walk.notes, *((problem.line, problem.message) for problem in self.file.problems)]
        return Build(
            dockerfile=self.file,
            environments=self.environments,
            shells=self.shells,
            platform=self.bases[-1].platform if self.bases else "linux",
            bases=self.bases,
            own=own,
            contributing=contributing,
            actions=actions,
            later=tuple(self.later),
            triggered=tuple(self.triggered),
            bodies=tuple(self.walk.bodies),
            workdirs=self.workdirs,
            copied=self.copied,
            entry=self._entry_script(actions),
            notes=tuple(sorted(set(notes))),
            scripts=self.scripts,
            shell_at=self.shell_at,
            values=self.walk.values,
        )

    def _stages(self, actions: tuple[Action, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Stages that make the image, and those with the stages that they copy from."""
        if not self.bases:
            return (), ()
        own: list[int] = []
        here: int | None = len(self.bases) - 1
        while here is not None and here not in own:
            own.append(here)
            here = self.bases[here].origin
        copied: dict[int, list[int | str | None]] = {}
        for action in actions:
            if isinstance(action, act.CopyIn):
                copied.setdefault(action.stage, []).append(action.origin)
        found = set(own)
        todo = list(own)
        while todo:
            index = todo.pop()
            needed = [*copied.get(index, ()), self.bases[index].origin]
            for origin in needed:
                if isinstance(origin, int) and origin not in found:
                    found.add(origin)
                    todo.append(origin)
        return tuple(sorted(own)), tuple(sorted(found))

    def _stage(self, stage: Stage) -> None:
        if stage.index:
            before = self.file.stages[stage.index - 1]
            self.earlier[str(before.index)] = before.index
            if before.name:
                self.earlier[before.name.lower()] = before.index
        base = self.bases[stage.index]
        walk = self.walk
        walk.stage = stage.index
        walk.style = base.platform
        inherited = self.workdirs.get(base.origin) if base.origin is not None else None
        if inherited is None and base.origin is None and base.configuration is not None:
            inherited = base.configuration.workdir
        walk.directory = inherited or ("C:\\" if base.platform == "windows" else "/")
        if inherited is not None:
            self.workdirs[stage.index] = paths.clean(inherited, base.platform)
        for instruction in stage.instructions:
            walk.instruction = instruction
            environment = self.environments.before(instruction)
            keyword = instruction.keyword
            if keyword == "WORKDIR" and instruction.words:
                text = environment.resolve(
                    instruction.words[0].text if len(instruction.words) == 1 else instruction.body
                )
                walk.directory = paths.join(walk.directory, text, walk.style)
                self.workdirs[stage.index] = walk.directory
            elif keyword == "ENV":
                self._env(instruction, environment)
            elif keyword in ("COPY", "ADD"):
                self._copy(instruction, environment)
            elif keyword == "RUN":
                self._body(instruction, environment)
            elif keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
                self._aside(instruction, environment, self.later)
            elif instruction.trigger is not None and instruction.trigger.keyword in _WITH_BODY:
                run = instruction.trigger.keyword == "RUN"
                self._aside(instruction.trigger, environment, self.triggered if run else self.later)

    def _env(self, instruction: Instruction, environment: Environment) -> None:
        for name, word in instruction.pairs:
            windows = self.walk.style == "windows"
            if word is None or (name.text.upper() if windows else name.text) != "PATH":
                continue
            path_edit(self.walk, environment.resolve(word.text), "image", instruction.span)

    # -- bodies ------------------------------------------------------------------------------------

    def _body(self, instruction: Instruction, environment: Environment) -> None:
        in_force = self._shell(instruction)
        self.shell_at[id(instruction)] = in_force
        script = script_of(instruction, in_force)
        self.scripts[id(instruction)] = script
        if script is not None:
            self.walk.run(script, in_force, environment)

    def _aside(self, instruction: Instruction, environment: Environment, into: list[Action]) -> None:
        """A body that does not run in this build: its words are read, what it does is kept apart."""
        walk = self.walk
        actions, bodies, fetched = walk.actions, walk.bodies, set(walk.fetched)
        walk.actions, walk.bodies = [], []
        self._body(instruction, environment)
        into.extend(walk.actions)
        walk.actions, walk.bodies, walk.fetched = actions, bodies, fetched

    def _shell(self, instruction: Instruction) -> Shell:
        """The shell in force; where nobody knows what the base hands on, the one that the body seems written for."""
        found = self.shells.before(instruction)
        if found.known or instruction.exec_form or found.name != "cmd":
            return found
        body = instruction.body
        if (
            _POWERSHELL.search(body)
            and not re.match(r"(?i)\s*(powershell|pwsh)\b", body)
            and not _CMD.search(body)
        ):
            return Shell(("powershell", "-Command"), "powershell", known=False)
        return found

    # -- COPY and ADD ------------------------------------------------------------------------------

    def _copy(self, instruction: Instruction, environment: Environment) -> None:
        words = instruction.words
        values = [
            environment.resolve_item(text) if instruction.exec_form else environment.resolve(text)
            for text in instruction.values
        ]
        if len(values) < 2:
            return
        walk = self.walk
        *sources, target = values
        place = paths.join(walk.directory, target, walk.style)
        origin: int | str | None = None
        source = instruction.flag("from")
        if source:
            named = environment.resolve(source)
            origin = self.earlier.get(named.lower(), named)
        local: list[str] = []
        for index, path in enumerate(sources):
            if instruction.keyword == "ADD" and _ADDRESS.match(path):
                file = place
                if target.endswith(("/", "\\")):
                    file = paths.join(place, paths.name(path.split("?")[0]), walk.style)
                checksum = environment.resolve(instruction.flag("checksum") or "")
                known = environment.expand(words[index].text).known if index < len(words) else True
                walk.add(
                    act.Download, instruction.span, url=Value(path, known), file=file, tool="ADD",
                    word=words[index] if index < len(words) else None, checksum=checksum,
                )  # fmt: skip
                walk.fetched.add(file)
                if checksum and walk.style == "linux":
                    algorithm, _, digest = checksum.partition(":")
                    walk.add(
                        act.Verify, instruction.span, file=file, algorithm=algorithm.lower(),
                        expected=Value(digest), acted_on=True, tool="ADD --checksum",
                    )  # fmt: skip
            elif origin is not None:
                # seen from the root of what it is copied from
                local.append(paths.join("C:\\" if walk.style == "windows" else "/", path, walk.style))
            else:
                local.append(path)
                if path.lower().endswith((".exe", ".msi", ".msu")):
                    into = target.endswith(("/", "\\", ".")) or len(sources) > 1
                    walk.brought.add(paths.join(place, paths.name(path), walk.style) if into else place)
        if local:
            walk.add(act.CopyIn, instruction.span, sources=tuple(local), target=place, origin=origin)
            if instruction.flag("chown"):
                walk.add(
                    act.Account, instruction.span, kind="chown", text=f"--chown={instruction.flag('chown')}"
                )

    # -- the script that the image starts ----------------------------------------------------------

    def _entry_script(self, actions: tuple[Action, ...]) -> shell.Script | None:
        """The copied script that ENTRYPOINT (or CMD) starts, read as POSIX shell or PowerShell."""
        for keyword in ("ENTRYPOINT", "CMD"):
            for word in self._words_of(keyword):
                name, data = self._copied_as(word, actions)
                script = script_in(name, data) if data is not None else None
                if script is not None:
                    return script
        return None

    def _words_of(self, keyword: str) -> list[str]:
        """Words of the CMD or ENTRYPOINT that is in force at the end."""
        index: int | None = len(self.bases) - 1 if self.bases else None
        while index is not None:
            found = [i for i in self.file.stages[index].instructions if i.keyword == keyword]
            if found:
                return list(found[-1].values) or found[-1].body.split()
            index = self.bases[index].origin
        return []

    def _copied_as(self, word: str, actions: tuple[Action, ...]) -> tuple[str, bytes | None]:
        """The file of the build context that ``word`` names in the image: by where COPY puts it, else by its name."""
        for copy in actions:
            if not isinstance(copy, act.CopyIn) or copy.origin is not None or copy.stage >= len(self.bases):
                continue
            style = self.bases[copy.stage].platform
            for source in copy.sources:
                places = (copy.target, paths.join(copy.target, paths.name(source), style))
                if any(paths.same(word, place, style) for place in places):
                    tidy = source.removeprefix("./")
                    data = self.copied.get(tidy, self.copied.get(paths.name(source)))
                    if data is not None:
                        return paths.name(word), data
        name = paths.name(word)
        return name, next((data for path, data in self.copied.items() if paths.name(path) == name), None)
