"""The next release as proof: upstream's own tools run over a copy of the result, and Windows is still there.

In January 2017 upstream's release bump stamped Linux's number on the Windows images, since nobody had shown
that it would not. Here upstream's scripts make the next Linux release, and the port's next release, on a copy:

1. what was written is what upstream's own templates give (``apply-templates.sh`` leaves no difference);
2. after Linux's next release the Windows directories are there, with the port's version and not Linux's;
3. upstream's generator prints their entries, complete, and claims no version that the port has not;
4. after the port's next release Windows has that.

The scripts look things up on the network. Here they find replacements, which the image's folder names
(``prove.toml``): commands of the same names stand first on PATH and answer from a table; an address that is
not in it fails. That is a convenience, not a wall. The wall is :mod:`contrib.clients.contained`: upstream's
scripts, and every git that works on a copy that they have touched, run in the containment that the proof names.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrib.clients.commits import Identity, ScratchStore
from contrib.clients.contained import (
    Containment,
    Done,
    find,
    forget_tokens,
    program_paths,
    python_paths,
    run,
)
from contrib.clients.git import Repository, WorkTree, local_environment
from contrib.clients.worktree import write
from contrib.upstream.layouts.base import BranchChanges, Layout, Pin, Series
from contrib.upstream.layouts.release_branches import ReleaseBranches, version_file
from contrib.upstream.layouts.scripts import env_value
from contrib.upstream.prove_recipe import Recipe, load_recipe
from contrib.upstream.prove_world import World
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from contrib.images.model import Image, Port
    from contrib.values.tree import Tree

#: Seconds that one of upstream's scripts may take.
PATIENCE = 300
#: Lines of a script's output that a failure shows.
SHOWN = 15

_SOMEBODY = Identity("contrib", "contrib@localhost")
_IDENTITY = {
    "GIT_AUTHOR_NAME": _SOMEBODY.name,
    "GIT_AUTHOR_EMAIL": _SOMEBODY.email,
    "GIT_COMMITTER_NAME": _SOMEBODY.name,
    "GIT_COMMITTER_EMAIL": _SOMEBODY.email,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
_SETTINGS = {
    "core.autocrlf": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.

    :param claim: what it shows, in one sentence that is true when ``ok``.
    :param detail: what was found otherwise, or the end of a script's output.
    """

    claim: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """All that was tried, in order; it stops at the first that failed.

    :param replaced: what was not upstream's own: sources and commands.
    :param containment: what held upstream's scripts: ``bubblewrap``, ``namespaces`` or ``none``.
    """

    steps: tuple[Step, ...]
    replaced: tuple[str, ...] = ()
    containment: str = "none"

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "ok": self.ok,
            "steps": [{"claim": s.claim, "ok": s.ok, "detail": s.detail or None} for s in self.steps],
            "replaced": list(self.replaced),
            "containment": self.containment,
        }


@dataclass(frozen=True, slots=True)
class Judge:
    """What is asked of the files that upstream's scripts have made; each gives problems, one sentence each.

    :param files: of the Windows Dockerfiles of a series: tree, series, what it is to carry, path of the twin.
    :param library: of the library file, as a change: before and after.
    """

    files: Callable[[Tree, str, Pin, str | None], Sequence[str]]
    library: Callable[[bytes, bytes], Sequence[str]]


def prove(
    layout: Layout,
    changes: Sequence[BranchChanges],
    wanted: Mapping[str, Pin],
    *,
    repository: Path,
    commit_of: Callable[[str | None], str],
    official_images: Tree,
    port: Port,
    tags: Mapping[str, str] = {},
    containment: Containment | None = None,
    judge: Judge | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Proof:
    """Let upstream's next release, and the port's, pass over a copy of the result.

    :param wanted: series to what they are to carry; all of them are looked at.
    :param repository: the image's repository (any git directory or work tree); only read.
    :param commit_of: the commit of a base branch (None: of the tree that the layout was recognised in).
    :param official_images: for the parents, and ``library/<image>`` as it stands.
    :param tags: of the repository, name to commit; what release branches are released by.
    :param judge: asked of what the scripts have made; nothing more is asked when None.
    :param containment: what holds upstream's scripts; the best that works here when None. GitHub's tokens are
        taken out of this process before the first of them starts.
    :raises BadInput: the image's folder does not say how upstream makes a release.
    :raises OutsideError: upstream's tools cannot run here (no bash).
    """
    recipe = load_recipe(layout.image, layout.key)
    missing = [program for program in ("bash", "git", *recipe.needs) if shutil.which(program) is None]
    if missing:
        raise OutsideError(
            f"upstream's tools cannot run here: there is no {', '.join(missing)}",
            kind="tools",
            hint="prove it on Linux, in WSL, or in CI; everything else works without them",
        )
    held = containment or find()
    with tempfile.TemporaryDirectory(prefix="contrib-prove-") as directory:
        world = World(layout.image, recipe, port, official_images, Path(directory).resolve())
        bench = _Bench(layout, recipe, wanted, world, held, say)
        bench.judge = judge
        bench.copy(changes, repository, commit_of, tags)
        forget_tokens()
        return bench.run()


def _end(done: Done) -> str:
    """The end of what a program said."""
    text = done.out.decode("utf-8", "replace") + done.err.decode("utf-8", "replace")
    return "\n".join([line for line in text.splitlines() if line.strip()][-SHOWN:])


@dataclass
class _Bench:
    """A copy of upstream, and the tools that are put before it."""

    layout: Layout
    recipe: Recipe
    wanted: Mapping[str, Pin]
    world: World
    containment: Containment
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    judge: Judge | None = None
    printed: bytes = b""

    @property
    def image(self) -> Image:
        return self.layout.image

    @property
    def work(self) -> Path:
        return self.world.root / "copy"

    @property
    def branched(self) -> bool:
        return isinstance(self.layout, ReleaseBranches)

    # -- the copy -----------------------------------------------------------------------------------------

    def copy(
        self,
        changes: Sequence[BranchChanges],
        repository: Path,
        commit_of: Callable[[str | None], str],
        tags: Mapping[str, str],
    ) -> None:
        """Upstream with the changes committed on their branches: ``origin`` (bare) and a clone of it."""
        self.world.pins = {name: self.world.as_played(pin) for name, pin in self.wanted.items()}
        self.world.linux = {
            s.name: s.version for s in self.layout.series() if s.version is not None and not s.retired
        }
        origin = self.world.root / "origin.git"
        self._git("init", "--bare", "--quiet", "--template=", str(origin), cwd=self.world.root)
        when = datetime(2001, 1, 1, tzinfo=timezone.utc)
        refs = {f"refs/tags/{name}": commit for name, commit in tags.items()}
        with ScratchStore([repository]) as store:
            for change in changes:
                base = commit_of(change.branch)
                if change.files:
                    base = store.commit(base, "the contribution", change.files, date=when, author=_SOMEBODY)
                refs[f"refs/heads/{change.branch or 'main'}"] = base
            for series in self.layout.series():
                if series.branch is not None:
                    refs.setdefault(f"refs/heads/{series.branch}", commit_of(series.branch))
            refspecs = [f"{commit}:{ref}" for ref, commit in refs.items()]
            # git refuses to push what is not a ref over and over only for its own protocol's sake; local is fine
            for start in range(0, len(refspecs), 200):
                self._git("push", "--quiet", str(origin), *refspecs[start : start + 200], cwd=store.path)
        main = next((c.branch for c in changes if c.branch is not None and not c.series), None)
        self.main = main or next(iter(refs))[len("refs/heads/") :] if changes else "main"
        if f"refs/heads/{self.main}" not in refs:
            self.main = next(ref for ref in refs if ref.startswith("refs/heads/"))[len("refs/heads/") :]
        self._git("symbolic-ref", "HEAD", f"refs/heads/{self.main}", cwd=origin)
        self._git("clone", "--quiet", str(origin), str(self.work), cwd=self.world.root)

    def _git(self, *arguments: str, cwd: Path) -> None:
        """A git of ours, before any script has run."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd,
            env=local_environment("file", _IDENTITY, _SETTINGS),
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise OutsideError(f"git {arguments[0]} failed on the copy: {said}", kind="git")

    def _copy_git(self, *arguments: str) -> str:
        """A git on the copy, whose configuration, attributes and hooks are the scripts' by now.

        It runs where the scripts run, and starts no program that the repository names.
        """
        with Repository.open(self.work) as repository:
            settings = {**_SETTINGS, **repository.without_programs()}
        kept = ("PATH", "SYSTEMROOT", "HOME", *_IDENTITY)
        environment = local_environment(
            "file", {**_IDENTITY, "HOME": str(self.world.root / "home")}, settings
        )
        done = self._held(
            ["git", *arguments],
            {k: v for k, v in environment.items() if k in kept or k.startswith(("GIT_", "LC_", "LANG"))},
            self.world.root / "origin.git",
        )
        if done.code != 0:
            said = done.err.decode(errors="replace").strip()
            raise OutsideError(f"git {arguments[0]} failed on the copy: {said}", kind="git")
        return done.out.decode("utf-8", "surrogateescape")

    def _held(self, words: Sequence[str], environment: Mapping[str, str], *writable: Path) -> Done:
        """Run a program in the copy, contained."""
        package = Path(__file__).parents[1]
        scripts = os.environ.get("BASHBREW_SCRIPTS")
        readable = [
            self.world.root,
            package,
            *python_paths(),
            *program_paths(["bash", "git", *self.recipe.needs]),
        ]
        return run(
            words,
            containment=self.containment,
            cwd=self.work,
            environment=environment,
            readable=[*readable, Path(scripts)] if scripts else readable,
            writable=[self.work, self.world.root / "home", self.world.root / "library", *writable],
            seconds=PATIENCE,
        )

    # -- the run ------------------------------------------------------------------------------------------

    def run(self) -> Proof:
        """The four claims, in order, until one fails."""
        self.world.tools()
        for part in (self._reproduced, self._next_linux, self._next_port):
            if not part():
                break
        return Proof(tuple(self.steps), tuple(self.world.replaced), self.containment.name)

    def _claim(self, claim: str, problem: str) -> bool:
        self.steps.append(Step(claim, not problem, problem))
        self.say(f"{'proved' if not problem else 'NOT TRUE'}: {claim}")
        return not problem

    def _reproduced(self) -> bool:
        if not self.recipe.reproduce:
            return True
        for series in self._branches():
            done = self._script(self.recipe.reproduce, series)
            name = " ".join(self.recipe.reproduce)
            if done.code != 0:
                return self._claim(f"{name} runs over the result", _end(done))
            difference = self._copy_git("status", "--short", "--ignore-submodules=all")
            if not self._claim(f"{name} leaves the result as it is{_of(series)}", difference):
                return False
        return True

    def _next_linux(self) -> bool:
        for name in self.world.pins:
            before = self.world.linux.get(name)
            if before is None:
                return self._claim(f"{name} has a Linux release to go on from", "the tree names none")
            self.world.linux[name] = _following(before)
        for series in self._series():
            if not self._release(self.recipe.release, series):
                return False
        for series in self._series():
            if not self._still_there(series, f"after {series.name}'s next release"):
                return False
        return self._entries("the next release")

    def _next_port(self) -> bool:
        for name, pin in list(self.world.pins.items()):
            version = _following(pin.version)
            digest = hashlib.sha256(self.world.archive(version)).hexdigest()
            self.world.pins[name] = Pin(version, self.world.port.url(version), digest, pin.variants)
        self.world.write_table()
        if self.branched:
            return (
                True  # the port's releases are written down there by contrib, not by a script of upstream's
            )
        for series in self._series():
            if not self._release(self.recipe.port, series):
                return False
        for series in self._series():
            if not self._still_there(series, "after the port's next release"):
                return False
        return self._entries("the port's next release")

    def _series(self) -> list[Series]:
        return [series for series in self.layout.series() if series.name in self.world.pins]

    def _branches(self) -> list[Series]:
        """What must be looked at one by one: each series on its branch, or one of a single branch."""
        return self._series() if self.branched else self._series()[:1]

    def _release(self, commands: Sequence[Sequence[str]], series: Series) -> bool:
        if self.branched and self._by_hand(series):
            self._commit(series)
            return True
        for command in commands:
            done = self._script(command, series)
            if done.code != 0:
                return self._claim(f"{' '.join(command)} makes the next release{_of(series)}", _end(done))
        self._commit(series)
        return True

    def _by_hand(self, series: Series) -> bool:
        """On a branch without templates a maintainer writes the release into the Linux Dockerfiles; so do we."""
        self._checkout(series)
        if self._read(version_file(self.image.name)) is not None:
            return False
        url, digest = self.world.source_archive(self.world.linux[series.name])
        names = self.image.environment
        values = {names.version: self.world.linux[series.name], names.url: url, names.digest: digest}
        for path in self._copy_git("ls-files", "--", "*/Dockerfile").splitlines():
            if path.count("/") != 1:
                continue
            text = (self._read(path) or b"").decode("utf-8", "surrogateescape")
            for name, value in values.items():
                if name is not None:
                    pattern = rf"^((?:ENV|ARG)[ \t]+{re.escape(name)}[ \t=]+)\S+"
                    text = re.sub(pattern, rf"\g<1>{value}", text, flags=re.MULTILINE)
            write(self.work, [FileChange(path, text.encode("utf-8", "surrogateescape"))])
        return True

    def _commit(self, series: Series) -> None:
        if self._copy_git("status", "--short", "--ignore-submodules=all"):
            self._copy_git("add", "--all")
            self._copy_git("commit", "--quiet", "--no-verify", "--message", "the next release")
        if self.branched:
            tag = f"v{self.world.linux[series.name]}"
            self._copy_git("tag", tag)
            origin = str(self.world.root / "origin.git")
            self._copy_git("push", "--quiet", "--no-verify", origin, "HEAD", f"refs/tags/{tag}")

    def _still_there(self, series: Series, when: str) -> bool:
        self._checkout(series)
        names = self.image.environment
        pin = self.world.pins[series.name]
        linux = env_value(self._read(series.linux or ""), names.version)
        if linux != self.world.linux[series.name]:
            return self._claim(
                f"upstream's tools have made {self.world.linux[series.name]}",
                f"{series.linux} says {linux or 'nothing'}",
            )
        problems = []
        for variant in pin.variants:
            path = self.layout.dockerfile(series.name, variant)
            version = env_value(self._read(path), names.version)
            if version is None:
                problems.append(f"{path} is gone")
            elif version != pin.version:
                problems.append(f"{path} says {version}, and the port has {pin.version}")
        claim = f"{when} its {len(pin.variants)} Windows variants are there, at {pin.version}; Linux is at {linux}"
        if not self._claim(claim, "\n".join(problems)):
            return False
        if self.judge is None:
            return True
        found = self.judge.files(WorkTree(self.work), series.name, pin, series.linux)
        return self._claim(
            f"{when} each of these files is as it would be written anew, and its review finds no error",
            "\n".join(found),
        )

    def _entries(self, after: str) -> bool:
        """The generator's entries for Windows, as the library file has them then."""
        if not self.recipe.library:
            return True
        from contrib.library import parse

        folder = self.world.root / "library"
        file = folder / self.image.name
        before = self.world.official_images.read(self.image.official_images.manifest) or b""
        write(folder, [FileChange(self.image.name, before)])
        text = b""
        self._copy_git("checkout", "--quiet", self.main)
        for major in dict.fromkeys(series.name.partition(".")[0] for series in self._series()):
            done = self._script(self.recipe.library, None, major=major, file=str(file))
            if done.code != 0:
                return self._claim(f"upstream's generator runs after {after}", _end(done))
            inside = "{file}" in " ".join(self.recipe.library)
            # Through no link: the generator could have put one there.
            text = (WorkTree(folder).read(self.image.name) or b"") if inside else done.out
        try:
            library = parse(text, self.image.official_images.manifest)
        except BadInput as error:
            return self._claim(f"what the generator prints after {after} is a library file", str(error))
        problems = []
        count = 0
        for series in self._series():
            pin = self.world.pins[series.name]
            for name in pin.variants:
                variant = self.image.variant(name)
                tag = f"{pin.version}-{name}"
                entry = next((each for each in library.entries if tag in each.tags), None)
                if variant is None or entry is None:
                    problems.append(f"no entry has the tag {tag}")
                    continue
                count += 1
                if entry.directory != self.layout.directory(series.name, name):
                    problems.append(f"{tag} is built from {entry.directory}")
                if entry.architectures != variant.architectures:
                    problems.append(f"{tag} has the architectures {', '.join(entry.architectures)}")
                if entry.constraints != variant.constraints:
                    problems.append(f"{tag} has the constraints {', '.join(entry.constraints) or 'none'}")
                claimed = [
                    t
                    for t in entry.tags + entry.shared_tags
                    if t.startswith(f"{self.world.linux[series.name]}-")
                ]
                if claimed and self.world.linux[series.name] != pin.version:
                    problems.append(f"{tag} claims {claimed[0]}, which the port has not released")
        claim = f"upstream's generator prints {count or 'the'} Windows entries after {after}"
        if not self._claim(claim, "\n".join(problems)):
            return False
        if self.judge is None:
            return True
        before, self.printed = self.printed or before, text
        found = self.judge.library(before, text)
        return self._claim(f"as a change the library file has no error after {after}", "\n".join(found))

    # -- scripts ------------------------------------------------------------------------------------------

    def _checkout(self, series: Series | None) -> None:
        if self.branched and series is not None and series.branch is not None:
            self._copy_git("checkout", "--quiet", series.branch)

    def _read(self, path: str) -> bytes | None:
        return WorkTree(self.work).read(path) if path else None

    def _script(
        self, command: Sequence[str], series: Series | None, *, major: str = "", file: str = ""
    ) -> Done:
        self._checkout(series)
        name = series.name if series is not None else ""
        version = self.world.linux.get(name, "")
        url, digest = self.world.source_archive(version)
        values = {
            "series": name,
            "major": major or name.partition(".")[0],
            "version": version,
            "url": url,
            "digest": digest,
            "file": file,
            "python": sys.executable,
        }
        words = [re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), word) for word in command]
        environment = self.world.environment()
        while words and re.match(r"[A-Z_]+=", words[0]):
            key, _, value = words.pop(0).partition("=")
            environment[key] = value
        self.world.write_table()
        program = self.work / words[0]
        if words[0].startswith(".") and not program.is_file():
            return Done(127, b"", f"there is no {words[0]}".encode())
        return self._held(words, environment)


def _of(series: Series | None) -> str:
    return f" on {series.branch}" if series is not None and series.branch is not None else ""


def _following(version: str) -> str:
    """The release after a version: its last number, one higher.

    >>> _following("7.2.5"), _following("7.4-rc2")
    ('7.2.6', '7.4-rc3')
    """
    found = re.search(r"(?<!\d)(\d+)(\D*)$", version)
    if found is None:
        raise BadInput(f"{version!r} has no number that could be followed by another")
    return f"{version[: found.start()]}{int(found[1]) + 1}{found[2]}"
