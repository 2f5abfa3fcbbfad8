"""What becomes of each download: how it is checked, when it is used, whether it is removed."""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.files import Files
from contrib.dockerfile.model import Instruction
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

#: Weakest first; a signature by a key that is written in the file stands beside sha256.
STRENGTH = {
    "": 0,
    "crc32": 0,
    "md5": 1,
    "sha1": 2,
    "sha224": 3,
    "sha256": 4,
    "gpg": 4,
    "minisign": 4,
    "cosign": 4,
    "authenticode": 4,
    "sha384": 5,
    "sha512": 5,
    "blake2": 5,
}
_CMDLETS = ("invoke-webrequest", "invoke-restmethod", "bits", "webclient", "httpclient")
#: An expression that may end the script: ``$good -or $(throw 'bad')``.
_ENDING = lazy(r"\b(throw|exit)\b", re.IGNORECASE)
_PRINTING = frozenset(
    ("write-host", "write-output", "write-verbose", "write-warning", "echo", "out-host", "out-default")
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A download with its fate.

    :param names: paths that the file goes by: where it is put, and the places it is moved to.
    :param checks: every comparison of it.
    :param check: the one that counts most; None when it is compared with nothing.
    :param hashed: its digest is computed, and compared with nothing.
    :param unfollowed: its digest is computed, and goes where it could not be followed.
    :param signed: the list of digests that it is compared with is fetched, and its signature is verified.
    :param use: what first unpacks or runs it.
    :param removal: what removes it, in the same instruction or later.
    :param removed: in the same instruction; None when that cannot be told.
    """

    download: act.Download
    names: tuple[str, ...] = ()
    checks: tuple[act.Verify, ...] = ()
    check: act.Verify | None = None
    hashed: act.Hash | None = None
    unfollowed: act.Hash | None = None
    signed: bool = False
    use: act.Action | None = None
    removal: act.Remove | None = None
    removed: bool | None = False

    @property
    def url(self) -> str:
        """The address, resolved as far as possible."""
        return self.download.url.text

    @property
    def url_known(self) -> bool:
        """Nothing in the address is unknown."""
        return self.download.url.known

    @property
    def instruction(self) -> Instruction:
        """The instruction that fetches it."""
        return self.download.instruction

    @property
    def added(self) -> bool:
        """ADD fetches it, not a command."""
        return self.download.node is None

    @property
    def file(self) -> str | None:
        """Where it is put; None when it goes nowhere by name."""
        return self.download.file if self.download.file not in ("", "-") else None

    @property
    def shown(self) -> str:
        """The file as people call it: by its name alone in the working directory."""
        file = self.file or ""
        return (
            paths.name(file) if paths.same(paths.parent(file), self.download.directory, "windows") else file
        )

    @property
    def line(self) -> int:
        """Line of the program's name (of the address for ADD)."""
        return self.download.named_at

    @property
    def kind(self) -> str:
        """What sort of file it is, by the address, else by its own name."""
        kind = products.kind(self.url)
        if self.download.tool == "git":
            return "repository"
        if self.file is not None and kind in ("other", "program", "repository"):
            by_name = products.kind("https://x/" + paths.name(self.file))
            if by_name in ("archive", "installer", "program") and kind != "program":
                return by_name
        return kind

    @property
    def unpacked(self) -> bool:
        """It is unpacked."""
        return isinstance(self.use, act.Unpack) and not self.use.installer

    @property
    def started(self) -> bool:
        """It is run: as a program, an installer, or by an interpreter."""
        return isinstance(self.use, act.Run) or (isinstance(self.use, act.Unpack) and self.use.installer)

    @property
    def by_powershell(self) -> bool:
        """A cmdlet or .NET class fetches it."""
        return self.download.tool.lower() in _CMDLETS

    @property
    def is_archive(self) -> bool:
        """An archive, to be unpacked."""
        return self.kind == "archive" or self.unpacked

    @property
    def is_installer(self) -> bool:
        """A setup: ``.msi``/``.msu``, or an ``.exe`` that installs."""
        return self.kind == "installer" or (isinstance(self.use, act.Unpack) and self.use.installer)

    @property
    def is_program(self) -> bool:
        """A program in its final place."""
        return self.kind == "program" and not self.is_installer

    @property
    def kept(self) -> bool | None:
        """The archive or installer stays in the layer that fetched it; None when that cannot be told."""
        if not (self.is_archive or self.is_installer) or self.file is None:
            return False
        return None if self.removed is None else not self.removed

    @property
    def looked_at(self) -> bool:
        """Only its text is read: it goes nowhere by name and is not run."""
        return self.download.node is not None and self.file is None and self.use is None

    @property
    def before_use(self) -> bool:
        """It is compared before it is used."""
        return self.check is not None and (self.use is None or self.check.order < self.use.order)

    @property
    def vouched(self) -> bool:
        """What it is compared with stands in the file, or in a list that is signed."""
        return self.check is not None and (self.check.written or self.signed)

    @property
    def verified(self) -> bool:
        """Compared with a digest of the file, before use, and acted on."""
        check = self.check
        return check is not None and self.vouched and check.acted_on and self.before_use


def fetched(build: Build, stages: Iterable[int] | None = None) -> tuple[Fetched, ...]:
    """Every download of the stages (of those that contribute, without ``stages``), in order."""
    chosen = frozenset(build.contributing if stages is None else stages)
    downloads = [a for a in build.actions if isinstance(a, act.Download) and a.stage in chosen]
    if not downloads:
        return ()
    files = Files(build, chosen)
    removals = Removals(build, chosen)
    nameless: dict[int, list[act.Verify]] = {}
    hashes: dict[int, list[act.Hash]] = {}
    for action in build.actions:
        if isinstance(action, act.Verify) and not action.file:
            nameless.setdefault(id(action.instruction), []).append(action)
        elif isinstance(action, act.Hash):
            hashes.setdefault(id(action.instruction), []).append(action)
    return tuple(_fate(build, files, removals, nameless, hashes, download) for download in downloads)


def _fate(
    build: Build,
    files: Files,
    removals: Removals,
    nameless: dict[int, list[act.Verify]],
    hashes: dict[int, list[act.Hash]],
    download: act.Download,
) -> Fetched:
    limit = files.next_download(download)
    names, touching = _followed(files, download, limit, build)
    mine = [a for a in touching if isinstance(a, act.Verify) and a.stage == download.stage]
    mine += [c for c in nameless.get(id(download.instruction), ()) if download.order <= c.order < limit]
    use = _first_use(files, download, names, touching, limit)
    astray = bool(mine) and all(_astray(check) and _could_be_written(build, check) for check in mine)
    if astray:
        mine = []
    ranked = sorted(mine, key=lambda c: _rank(c, use), reverse=True)
    hashed = None
    if not mine:
        for each in hashes.get(id(download.instruction), ()):
            ours = not each.file or any(paths.same(each.file, n, build.platform) for n in names)
            if ours and download.order <= each.order < limit:
                hashed = each
                break
    script = build.scripts.get(id(download.instruction))
    lost = (
        hashed is not None
        and _written(build, hashed.algorithm)
        and (astray or (script is not None and hashed.node is not None and escapes(script, hashed.node)))
    )
    removal, removed = removals.of(download, names, use)
    return Fetched(
        download=download,
        names=tuple(names),
        checks=tuple(mine),
        check=ranked[0] if ranked else None,
        signed=bool(ranked) and ranked[0].where == "fetched" and _signed(build, ranked[0]),
        hashed=None if lost else hashed,
        unfollowed=hashed if lost else None,
        use=use,
        removal=removal,
        removed=removed,
    )


_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_DIGITS = lazy(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{32,128}(?![0-9A-Za-z])")


def _written(build: Build, algorithm: str) -> bool:
    """A digest of that algorithm's length stands somewhere in the file: only then can one be compared with it."""
    length = _LENGTHS.get(algorithm)
    return any(length in (None, len(match[0])) for match in _DIGITS.finditer(build.dockerfile.data))


def _could_be_written(build: Build, check: act.Verify) -> bool:
    """Nothing that lists digests was fetched before, and one stands in the file."""
    return _written(build, check.algorithm) and not any(
        isinstance(a, act.Download) and a.order < check.order and products.kind(a.url.text) == "signature"
        for a in build.actions
    )


#: A variable of the Dockerfile that has no value here: what it is compared with is given at build time.
_GIVEN = lazy(r"\$\{?env:\w+\}?|%\w+%|\$\{?[A-Z][A-Z0-9_]*\}?|!\w+!", re.IGNORECASE)


def _astray(check: act.Verify) -> bool:
    """It is compared with something that could not be followed: nothing is known of where that is written."""
    expected = check.expected
    if expected is None:
        return check.algorithm not in ("gpg", "authenticode")
    return (
        not expected.known
        and not expected.fetched
        and not expected.via
        and _GIVEN.fullmatch(expected.text) is None
    )


def _signed(build: Build, check: act.Verify) -> bool:
    """A signature is verified in the same instruction, before the digest is compared."""
    return any(
        isinstance(a, act.Verify)
        and a.algorithm in act.SIGNATURES
        and a.acted_on
        and a.instruction is check.instruction
        and a.order < check.order
        for a in build.actions
    )


def _rank(check: act.Verify, use: act.Action | None) -> tuple[int, int, int, int]:
    early = int(use is None or check.order < use.order)
    return (int(check.acted_on), int(check.written), early, STRENGTH.get(check.algorithm, 3))


def _followed(
    files: Files, download: act.Download, limit: int, build: Build
) -> tuple[list[str], list[act.Action]]:
    """The file's path and the places it is moved to, and what is done with it there, up to ``limit``."""
    names = [download.file]
    for _ in range(8):
        touching = files.touching(names, download.order - 1, limit)
        more = []
        for action in touching:
            if isinstance(action, act.Move) and action.kind != "link":
                inside = paths.join(action.target, paths.name(action.source), build.platform)
                more += [place for place in (action.target, inside) if place not in names]
        if not more:
            return names, touching
        names += more
    return names, touching


def _first_use(
    files: Files, download: act.Download, names: list[str], touching: list[act.Action], limit: int
) -> act.Action | None:
    """The first action that unpacks or runs the file."""
    program = paths.program(names[0]) if names[0] not in ("", "-") else ""
    candidates = [a for a in touching if isinstance(a, (act.Unpack, act.Run)) and a.order > download.order]
    if download.file in ("-", ""):
        for action in files.piped(download):
            if isinstance(action, act.Unpack) and download.order < action.order < limit:
                candidates.append(action)
        for action in files.started(("sh", "bash", "iex", "invoke-expression")):
            if action.instruction is download.instruction and download.order < action.order < limit:
                candidates.append(action)
    if program and any(paths.program(name) == program and paths.parent(name) for name in names):
        # put in its final place and run by its name
        candidates += [a for a in files.started((program,)) if download.order < a.order < limit]
    return min(candidates, key=lambda action: action.order, default=None)


class Removals:
    """What is removed, by path; patterns apart."""

    def __init__(self, build: Build, stages: Container[int]) -> None:
        self._platform = build.platform
        self._exact: dict[str, list[act.Remove]] = {}
        self._patterns: list[tuple[str, act.Remove]] = []
        self._unknown: dict[int, list[act.Remove]] = {}
        for removal in build.actions:
            if not isinstance(removal, act.Remove) or removal.stage not in stages:
                continue
            if not removal.known:
                self._unknown.setdefault(id(removal.instruction), []).append(removal)
            for path in removal.paths:
                key = paths.key(path, build.platform)
                if any(char in key for char in "*?"):
                    self._patterns.append((key, removal))
                else:
                    self._exact.setdefault(key, []).append(removal)

    def after(self, file: str, order: int) -> act.Remove | None:
        """The first removal of the file, or of a directory that it is in, that comes after ``order``."""
        key = paths.key(file, self._platform)
        found: list[act.Remove] = []
        here, depth = key, 0
        while here and depth < 40:
            later = self._exact.get(here, [])
            found += later[bisect_right(later, order, key=lambda removal: removal.order) :][:1]
            above = paths.parent(here)
            if above == here:
                break
            here, depth = paths.key(above, self._platform) if above else "", depth + 1
        for pattern, removal in self._patterns[:500]:
            if removal.order > order and len(pattern) < 300 and fnmatch.fnmatchcase(key, pattern):
                found.append(removal)
        return min(found, key=lambda removal: removal.order, default=None)

    def of(
        self, download: act.Download, names: list[str], use: act.Action | None
    ) -> tuple[act.Remove | None, bool | None]:
        """What removes a download, and whether its own instruction does; None when that cannot be told."""
        if download.file in ("", "-"):
            return None, True
        found = [self.after(name, download.order) for name in names]
        removals = [r for r in found if r is not None]
        removal = min(removals, key=lambda r: r.order, default=None)
        if removal is not None and removal.instruction is download.instruction:
            return removal, True
        unknown = self._unknown.get(id(download.instruction), ())
        if any(r.order > download.order for r in unknown):
            return removal, None
        return removal, False


def escapes(script: shell.Script, wanted: shell.Node) -> bool:
    """Whether the digest that ``wanted`` computes goes where it cannot be followed.

    It does when it is part of a condition, an argument of a command that does more than print, or in a variable
    that something else reads.
    """
    names: set[str] = set()
    seen = False
    for node, above in _bounded(script.nodes):
        if node is wanted:
            seen = True
            for parent in above:
                if isinstance(parent, (shell.If, shell.Loop, shell.Function, shell.Case, shell.Flow)):
                    inside = not isinstance(parent, (shell.If, shell.Loop)) or _in_condition(parent, wanted)
                    if inside:
                        return True
                if isinstance(parent, shell.Assignment):
                    names.add(parent.name.lower())
                if isinstance(parent, shell.Expression) and _ENDING.search(parent.text):
                    return True
                if isinstance(parent, shell.Command) and parent.full_name.lower() not in _PRINTING:
                    return True
        elif seen and names:
            if isinstance(node, shell.Command) and node.full_name.lower() in _PRINTING:
                continue
            if any(f"${name}" in _text_of(node) for name in names):
                return True
    return False


def _in_condition(parent: shell.If | shell.Loop, wanted: shell.Node) -> bool:
    conditions = [c for c, _ in parent.arms] if isinstance(parent, shell.If) else [parent.condition]
    return any(
        inner is wanted
        for condition in conditions
        if condition is not None
        for inner, _ in _bounded(condition.nodes)
    )


def _text_of(node: shell.Node) -> str:
    """The words of a node, lower case."""
    texts: list[str] = []
    if isinstance(node, shell.Command):
        texts += [word.text for word in (*node.words, *node.positional)]
        texts += [p.value.text for p in node.parameters if p.value is not None]
    elif isinstance(node, shell.Expression):
        texts.append(node.text)
    elif isinstance(node, shell.Assignment) and isinstance(node.value, shell.Word):
        texts.append(node.value.text)
    elif isinstance(node, shell.If):
        texts += [condition.text for condition, _ in node.arms if condition is not None]
    elif isinstance(node, shell.Flow) and node.value is not None:
        texts.append(node.value.text)
    return " ".join(texts).lower()


def _bounded(nodes: tuple[shell.Node, ...]) -> Iterator[tuple[shell.Node, tuple[shell.Node, ...]]]:
    for count, pair in enumerate(shell.walk(nodes)):
        if count > 20_000:
            return
        yield pair
