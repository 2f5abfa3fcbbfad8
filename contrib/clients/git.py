"""Git, read: repositories, commits, trees and work trees as values.

Objects come from git itself: one ``git cat-file --batch`` a repository answers for commits, trees and
files, and for names of commits too, so that reading a whole repository costs one process. Local reads start
git without GitPython, whose import alone takes longer than most of the work here; what clones and fetches
goes through GitPython.

Nothing here writes into a repository of the user's: ``obtain`` writes into the cache directory only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, TYPE_CHECKING, NamedTuple

from contrib.clients.cache import default_cache_dir as default_cache_dir
from contrib.clients.processes import MAX_FETCHED, TooLong, TooMuch, finish, not_beyond
from contrib.clients.programs import find_program, no_git
from contrib.clients.small import text_of
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileMode, is_dot_git, path_bytes

if TYPE_CHECKING:
    from datetime import datetime

#: Seconds that a local git command may take before it is ended.
LOCAL_TIMEOUT = 120.0
#: Seconds for a clone, fetch or push; official-images, the largest, takes one to three minutes on a slow line.
NETWORK_TIMEOUT = 1800.0
#: Seconds to ask a repository elsewhere for its refs.
ASK_TIMEOUT = 120.0
#: Levels of the deepest.
_MAX_DEPTH = 200
#: Entries of the largest tree that is listed; official-images has three thousand files.
MAX_ENTRIES = 500_000
#: Seconds that git has to end by itself when nothing more is asked.
_GRACE = 2.0
#: Bytes of git's messages that are read.
_MAX_ERRORS = 64 * 1024
#: Bytes of the largest object that is read into memory.
MAX_OBJECT = 64 * 1024 * 1024

#: The reparse tag of junctions. Not any tag: those of cloud folders (OneDrive) are no links.
_MOUNT_POINT = 0xA0000003
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_URL = re.compile(r"(?i)(?:https?|ssh|git|file)://")
_SCP = re.compile(r"(?:[\w.+-]+@)?(?P<host>[\w.-]{2,}):(?!//|:)[^\\]")
#: Variables that point git at other repositories or change what it prints.
_FOREIGN = re.compile(
    r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|COMMON_DIR|"
    r"CEILING_DIRECTORIES|PREFIX|CONFIG|CONFIG_PARAMETERS|CONFIG_COUNT|CONFIG_KEY_\d+|CONFIG_VALUE_\d+|"
    r"LITERAL_PATHSPECS|GLOB_PATHSPECS|NOGLOB_PATHSPECS|ICASE_PATHSPECS|EXTERNAL_DIFF|DIFF_OPTS|PAGER|"
    r"TRACE\w*|REPLACE_REF_BASE|SHALLOW_FILE|GRAFT_FILE|REF_PARANOIA|DEFAULT_HASH|ATTR_SOURCE)\Z"
)
#: Settings of a user that would change output, ask questions or start programs.
_SETTINGS = {
    "core.quotepath": "false",
    "core.fsmonitor": "false",
    "core.hookspath": os.devnull,
    "core.pager": "cat",
    "color.ui": "false",
    "log.showsignature": "false",
    "diff.external": "",
    "diff.ignoresubmodules": "all",
    "advice.detachedhead": "false",
    "advice.graftfiledeprecated": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "fetch.recursesubmodules": "false",
}


#: GitHub's tokens: no git process that works on a repository here needs one.
TOKENS = (
    "CONTRIB_GITHUB_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
)
#: Most filters that a configuration may name; git-lfs is one.
_MAX_FILTERS = 200


def git_environment(
    extra: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment in which git is run: ours, without what would make git read or ask something else.

    The user's own configuration stays in force for what only they know (``safe.directory``, proxies,
    certificates); settings that change output or start programs are overridden.

    :param extra: variables to add (an access token belongs into ``settings``, never here or on a command line).
    :param settings: git configuration to add, as ``GIT_CONFIG_KEY_n``/``GIT_CONFIG_VALUE_n``.
    """
    env = {name: value for name, value in os.environ.items() if not _FOREIGN.match(name)}
    env.update(
        GIT_TERMINAL_PROMPT="0",
        GIT_ASKPASS="",
        GIT_OPTIONAL_LOCKS="0",
        GIT_PAGER="cat",
        GIT_ADVICE="0",
        # What a commit holds and what it comes from is what its id says, whatever a repository puts in its place.
        GIT_NO_REPLACE_OBJECTS="1",
        # A file that cannot be: of an empty one git says that grafts are deprecated.
        GIT_GRAFT_FILE=str(Path(__file__) / "none"),
        GIT_HTTP_LOW_SPEED_LIMIT="100",
        GIT_HTTP_LOW_SPEED_TIME="60",
        LC_ALL="C",
        LANGUAGE="C",
    )
    pairs = {**_SETTINGS, **(settings or {})}
    env["GIT_CONFIG_COUNT"] = str(len(pairs))
    for number, (key, value) in enumerate(pairs.items()):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    env.update(extra or {})
    return env


def local_environment(
    protocols: str = "none",
    extra: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """As :func:`git_environment`, for a git that works on a repository that is here already.

    The configuration of a repository that was unpacked or shared may name programs. Git would start them to
    fetch an object that a partial clone lacks, so no protocol may be used; and whatever is started gets no token.

    :param protocols: those that git may use all the same, with colons between (``file:http``).
    """
    env = git_environment(
        {"GIT_ALLOW_PROTOCOL": protocols, "GIT_NO_LAZY_FETCH": "1", **(extra or {})}, settings
    )
    for name in TOKENS:
        env.pop(name, None)
    return env


def is_sha(text: str) -> bool:
    """Whether ``text`` is a full object id (40 or 64 lower-case hexadecimal digits)."""
    return _SHA.match(text) is not None


def is_url(spec: str) -> bool:
    """Whether ``spec`` names a repository elsewhere: a URL or ``[user@]host:path``; drive letters are none."""
    if _URL.match(spec):
        return True
    found = _SCP.match(spec)
    return found is not None and "/" not in spec.split(":", 1)[0]


def split_spec(spec: str) -> tuple[str, str | None]:
    """``REPO@REF`` as (repository, ref); the ref is None where there is none.

    A local path that exists as written is taken whole, with its ``@``. The ``@`` of ``git@host:path`` and of
    ``https://user@host/`` belongs to the URL.
    """
    if is_url(spec):
        start = spec.find("/", spec.find("://") + 3) if "://" in spec else spec.find(":")
        where = spec.rfind("@", max(start, 0))
        if start < 0:
            where = -1
    else:
        if os.path.exists(spec):  # noqa: PTH110 - Path.exists raises for a name that is too long
            return spec, None
        where = spec.rfind("@")
    if where <= 0:
        return spec, None
    ref = spec[where + 1 :]
    if not ref:
        raise BadInput("no ref after '@'", file=spec)
    return spec[:where], ref


def checked_ref(ref: str) -> str:
    """``ref`` when it can be given to git: no option, no range, no path, no search.

    :raises BadInput: for anything else.
    """
    if (
        not ref
        or ref.startswith(("-", "/"))
        or len(ref) > 1024
        or any(bad in ref for bad in ("..", ":", "@{", "^{", "\\", "//", "*", "?", "["))
        or any(ord(char) <= 32 or ord(char) == 127 for char in ref)
        or ref.startswith("^")
    ):
        raise BadInput(f"{ref!r} is not a name of a commit, branch or tag")
    return ref


class Person(NamedTuple):
    """Author or committer: name, address, seconds since 1970, offset as git writes it (``+0200``)."""

    name: str
    email: str
    time: int
    offset: str

    @property
    def date(self) -> datetime:
        """The time with its offset; one that no calendar has is 1970 or UTC, as git shows it."""
        from datetime import datetime, timedelta, timezone

        digits = self.offset[1:].rjust(4, "0")
        minutes = int(digits[:-2]) * 60 + int(digits[-2:])
        if minutes >= 24 * 60:
            minutes = 0
        zone = timezone(timedelta(minutes=-minutes if self.offset.startswith("-") else minutes))
        try:
            return datetime.fromtimestamp(self.time, zone)
        except (OverflowError, OSError, ValueError):
            return datetime.fromtimestamp(0, zone)


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit: ids of itself, its tree and parents, who and when, and the whole message."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    @property
    def subject(self) -> str:
        """First line of the message."""
        return self.message.split("\n", 1)[0]


class TreeEntry(NamedTuple):
    """One entry of a git tree object."""

    mode: str
    sha: str

    @property
    def is_directory(self) -> bool:
        """Whether it is a subtree."""
        return self.mode == "40000"


class _Objects:
    """The persistent ``cat-file --batch`` and the thread that ends it when it hangs."""

    def __init__(self, command: list[str], timeout: float) -> None:
        self._timeout = timeout
        self._deadline: float | None = None
        self._late = False
        self._lock = threading.Lock()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=local_environment(),
                # Its paths are absolute. Windows deletes no directory that some process stands in.
                cwd=Path(sys.executable).anchor or None,
            )
        except FileNotFoundError as error:
            raise no_git() from error
        assert self._process.stdin is not None and self._process.stdout is not None
        assert self._process.stderr is not None
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout
        self._errors: IO[bytes] = self._process.stderr
        self._said = bytearray()
        # Read all the while: a pipe of Windows holds 4 KiB of warnings, and git would wait for the rest.
        self._drain = threading.Thread(target=self._listen, daemon=True)
        self._drain.start()
        self._done = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _listen(self) -> None:
        # Not through the buffer: a thread that is stopped with the interpreter would keep its lock.
        with suppress(OSError, ValueError):
            while said := os.read(self._errors.fileno(), 4096):
                if len(self._said) < _MAX_ERRORS:
                    self._said += said

    def _watch(self) -> None:
        while not self._done.wait(1.0):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._late = True
                self._process.kill()
                return

    def ask(self, names: Sequence[str]) -> list[tuple[str, str, bytes] | None]:
        """``(sha, type, content)`` for each name, None where there is no such object."""
        answers: list[tuple[str, str, bytes] | None] = []
        with self._lock:
            self._deadline = time.monotonic() + self._timeout
            try:
                # A few names at a time: git answers while it reads, and both pipes are short.
                for start in range(0, len(names), 32):
                    chunk = names[start : start + 32]
                    self._in.write(b"".join(path_bytes(name) + b"\n" for name in chunk))
                    self._in.flush()
                    answers += [self._answer(name) for name in chunk]
            except (OSError, ValueError) as error:
                raise self._failure() from error
            finally:
                self._deadline = None
        return answers

    def _answer(self, name: str) -> tuple[str, str, bytes] | None:
        header = self._out.readline()
        if not header.endswith(b"\n"):
            raise self._failure()
        words = header.split()
        if words[-1] in (b"missing", b"ambiguous", b"submodule", b"dangling", b"loop", b"notdir"):
            return None
        size = int(words[2])
        if size > MAX_OBJECT:
            self.close()
            raise BadInput(f"the object {name} has {size} bytes, more than the {MAX_OBJECT} that are read")
        content = self._out.read(size + 1)
        if len(content) != size + 1:
            raise self._failure()
        return words[0].decode("ascii"), words[1].decode("ascii"), content[:-1]

    def _failure(self) -> OutsideError:
        if self._late:
            return OutsideError(f"git did not answer within {self._timeout:.0f} s", retry=True)
        self._process.kill()
        self._process.wait()
        self._drain.join(_GRACE)
        return _git_failed(bytes(self._said), "cat-file")

    def close(self) -> None:
        self._done.set()
        for stream in (self._in, self._out):
            with suppress(OSError):
                stream.close()
        try:
            # It ends when it has no input. On Windows `git` is often a launcher, and killing that would leave
            # the git behind it with files open that then cannot be deleted.
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._drain.join(_GRACE)
        self._errors.close()


#: What to do about a partial clone: what is missing is not fetched behind the person's back, one file at a time.
_PARTIAL = "git fetch --refetch --no-filter brings them"


def _git_failed(stderr: bytes, what: str) -> OutsideError:
    text = redact(stderr.decode("utf-8", "replace")).strip()
    if "dubious ownership" in text or "unsafe repository" in text:
        return OutsideError(
            "git refuses the repository, since it belongs to another user",
            hint="if you trust it: git config --global --add safe.directory DIRECTORY",
        )
    if "promisor remote" in text or "lazy fetching" in text:
        return OutsideError("the repository is a partial clone and lacks files", hint=_PARTIAL)
    lines = [line for line in text.splitlines() if line.startswith(("fatal:", "error:", "ERROR:", "remote:"))]
    last = (lines or text.splitlines() or ["no message"])[-1]
    return OutsideError(f"git {what} failed: {last}", retry=True)


def redact(text: str) -> str:
    """``text`` without user names and passwords in URLs."""
    return re.sub(r"://[^/@\s]+@", "://", text)


class Repository:
    """A git repository, opened for reading; a context manager, since it may keep a git process.

    :ivar path: where it was opened, as given.
    :ivar git_dir: the directory with ``HEAD`` and ``refs``.
    :ivar work_dir: top of the work tree, None for a bare repository.
    """

    def __init__(self, path: Path, git_dir: Path, work_dir: Path | None) -> None:
        self.path = path
        # Absolute: git is run inside the repository, where a relative path would be looked for again.
        self.git_dir = git_dir.absolute()
        self.work_dir = None if work_dir is None else work_dir.absolute()
        self.timeout = LOCAL_TIMEOUT
        #: Where the address that was asked for has moved to, when the server said so.
        self.moved: str | None = None
        self._objects: _Objects | None = None
        self._commits: dict[str, CommitInfo] = {}
        self._trees: dict[str, dict[str, TreeEntry]] = {}
        self._blobs: dict[str, bytes] = {}
        self._blob_bytes = 0

    # -- opening ------------------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path) -> Repository:
        """The repository at ``path``: a work tree's top, a bare repository, or a git directory without ``config``.

        :raises BadInput: where there is none.
        """
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name that is too long
            raise BadInput("there is no such directory", file=str(path))
        if not path.is_dir():
            raise BadInput("is a file, not a git repository", file=str(path))
        # git runs in the repository's own directory, where a relative path would mean another place.
        path = path.absolute()
        dot_git = path / ".git"
        if dot_git.is_file():
            return cls(path, _linked_git_dir(dot_git), path)
        if _is_git_dir(dot_git):
            return cls(path, dot_git, path)
        if _is_git_dir(path):
            return cls(path, path, None)
        hint = None
        for parent in path.resolve().parents:
            if (parent / ".git").exists():
                hint = f"it lies in the repository {parent}; name that one"
                break
        raise BadInput("is not a git repository", file=str(path), hint=hint)

    @classmethod
    def obtain(cls, spec: str, *, cache_dir: Path | None = None, offline: bool = False) -> Repository:
        """The repository that ``spec`` names (without ``@REF``, see :func:`split_spec`).

        A local directory is opened. A URL is cloned once into ``cache_dir``, all branches and tags, and
        fetched after that; ``offline`` takes the copy as it stands.

        :param cache_dir: default is the user's cache directory for ``contrib``.
        :raises BadInput: for a local path that does not exist, or an address that is none.
        :raises OutsideError: when it cannot be fetched.
        """
        if spec.startswith("-") or not spec.strip() or any(ord(char) < 32 for char in spec):
            raise BadInput(f"{spec!r} is neither a directory nor a URL")
        if not is_url(spec):
            if "::" in spec and not os.path.exists(spec):  # noqa: PTH110
                raise BadInput("helpers (name::address) are not supported", file=spec)
            # Path.expanduser raises where there is no such user; that is a directory that is not there.
            return cls.open(Path(os.path.expanduser(spec)))  # noqa: PTH111
        if re.match(r"(?i)[a-z+]+://[^/@:]*:[^/@]*@", spec):
            raise BadInput(
                "a password in a URL ends up in logs and configuration",
                file=redact(spec),
                hint="leave it out; git's credential helper or CONTRIB_GITHUB_TOKEN gives it",
            )
        target = (cache_dir or default_cache_dir()) / "git" / _cache_name(spec)
        if offline:
            if not _is_git_dir(target):
                raise OutsideError(
                    "there is no copy of it in the cache, and --offline forbids to fetch it",
                    file=redact(spec),
                )
            return cls(target, target, None)
        try:
            moved = _clone_or_fetch(spec, target)
        except OSError as error:
            raise OutsideError(f"the cache cannot be written: {error.strerror}", file=str(target)) from error
        repository = cls(target, target, None)
        repository.moved = moved
        return repository

    def close(self) -> None:
        """End the git process, if there is one; the repository may be used again."""
        if self._objects is not None:
            self._objects.close()
            self._objects = None

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_objects", None) is not None:
            self.close()

    # -- running git --------------------------------------------------------------------------------------

    def command(self, *arguments: str) -> list[str]:
        """The command line of git for this repository; for the modules of ``contrib.clients`` only."""
        where = ["git", "--no-pager", f"--git-dir={self.git_dir}"]
        if self.work_dir is not None:
            where.append(f"--work-tree={self.work_dir}")
        return [*where, *arguments]

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        timeout: float | None = None,
        accept: Iterable[int] = (0,),
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        protocols: str = "none",
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and wait; stdout and stderr are bytes.

        :param accept: exit codes that are no failure.
        :param env: variables to add.
        :param settings: git configuration to add.
        :param protocols: see :func:`local_environment`.
        :raises OutsideError: for other exit codes and after ``timeout`` seconds.
        """
        seconds = self.timeout if timeout is None else timeout
        try:
            # With input=None stdin would be inherited, and git could wait for a person.
            done = subprocess.run(
                self.command(*arguments),
                input=b"" if stdin is None else stdin,
                capture_output=True,
                timeout=seconds,
                env=local_environment(protocols, env, settings),
                cwd=self.work_dir or self.git_dir,
                check=False,
            )
        except FileNotFoundError as error:
            raise no_git() from error
        except subprocess.TimeoutExpired as error:
            raise OutsideError(
                f"git {arguments[0]} did not end within {seconds:.0f} s", retry=True
            ) from error
        if done.returncode not in set(accept):
            raise _git_failed(done.stderr, arguments[0])
        return done

    def spawn(
        self, *arguments: str, env: Mapping[str, str] | None = None, stderr: int | None = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Start git with pipes; the caller waits for it and ends it. For ``contrib.clients`` only."""
        try:
            return subprocess.Popen(
                self.command(*arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=local_environment(extra=env),
                cwd=self.work_dir or self.git_dir,
            )
        except FileNotFoundError as error:
            raise no_git() from error

    # -- objects ------------------------------------------------------------------------------------------

    def _ask(self, names: Sequence[str]) -> list[tuple[str, str, bytes] | None]:
        if self._objects is None:
            self._objects = _Objects(self.command("cat-file", "--batch"), self.timeout)
        try:
            return self._objects.ask(names)
        except (OutsideError, BadInput):
            self.close()
            raise

    def find(self, ref: str) -> str | None:
        """Id of the commit that ``ref`` names, None where it names none.

        ``ref`` is a branch, a tag (peeled), a possibly short id, or these with ``~n``/``^n``. A name that is
        only a branch of the remote ``origin`` is found too.

        :raises BadInput: for text that is no name at all (an option, a range, a path).
        """
        checked_ref(ref)
        for name in (ref, f"refs/remotes/origin/{ref}"):
            if name != ref and (is_sha(ref) or ref == "HEAD"):
                break
            found = self._ask([name + "^{commit}"])[0]
            if found is not None and found[1] == "commit":
                self._commits.setdefault(found[0], _parse_commit(found[0], found[2]))
                return found[0]
        return None

    def resolve(self, ref: str) -> str:
        """As :meth:`find`.

        :raises BadInput: where there is no such commit.
        """
        found = self.find(ref)
        if found is None:
            hint = None
            if self.shallow and is_sha(ref):
                hint = "the history is shallow: git fetch --unshallow brings the rest"
            raise BadInput(f"there is no commit {ref!r}", file=str(self.path), hint=hint)
        return found

    def has(self, sha: str) -> bool:
        """Whether the repository has the object."""
        return is_sha(sha) and self._ask([sha])[0] is not None

    def commit(self, sha: str) -> CommitInfo:
        """The commit with this full id.

        :raises BadInput: where there is none.
        """
        found = self._commits.get(sha)
        if found is None:
            if not is_sha(sha):
                raise BadInput(f"{sha!r} is not a full commit id", file=str(self.path))
            answer = self._ask([sha])[0]
            if answer is None or answer[1] != "commit":
                raise BadInput(f"there is no commit {sha}", file=str(self.path))
            found = self._commits[sha] = _parse_commit(sha, answer[2])
        return found

    def entries(self, tree: str) -> dict[str, TreeEntry]:
        """Entries of the tree object with this id: ``{name: (mode, sha)}``, in git's order.

        :raises BadInput: where there is none, or a name in it would leave the tree.
        """
        found = self._trees.get(tree)
        if found is None:
            answer = self._ask([tree])[0]
            if answer is None or answer[1] != "tree":
                raise BadInput(f"there is no tree {tree}", file=str(self.path))
            found = self._trees[tree] = _parse_tree(answer[2], len(tree) // 2, tree)
        return found

    def prefetch_entries(self, trees: Iterable[str]) -> None:
        """Read these tree objects in one go."""
        wanted = [tree for tree in dict.fromkeys(trees) if tree not in self._trees]
        for tree, answer in zip(wanted, self._ask(wanted), strict=True):
            if answer is not None and answer[1] == "tree":
                self._trees[tree] = _parse_tree(answer[2], len(tree) // 2, tree)

    def blobs(self, shas: Iterable[str]) -> dict[str, bytes]:
        """Contents of these files, read in one go.

        :raises BadInput: where one is missing.
        """
        names = list(dict.fromkeys(shas))
        wanted = [name for name in names if name not in self._blobs]
        result = {name: self._blobs[name] for name in names if name in self._blobs}
        for sha, answer in zip(wanted, self._ask(wanted), strict=True):
            if answer is None:
                raise BadInput(
                    f"there is no object {sha}",
                    file=str(self.path),
                    hint=f"a partial clone lacks files: {_PARTIAL}",
                )
            result[sha] = answer[2]
            # Enough for every Dockerfile and template of a history; large files are not kept.
            if len(answer[2]) < 1_000_000 and self._blob_bytes < 128_000_000:
                self._blobs[sha] = answer[2]
                self._blob_bytes += len(answer[2])
        return result

    def tree(self, commit: str) -> GitTree:
        """The files of a commit (full id), as a :class:`contrib.values.tree.Tree`."""
        return GitTree(self, self.commit(commit).tree, commit)

    def work_tree(self) -> WorkTree | None:
        """The files on disk, None for a bare repository."""
        return None if self.work_dir is None else WorkTree(self.work_dir, self)

    # -- refs and history ---------------------------------------------------------------------------------

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """``{full name: id of the commit}`` of the refs under ``prefix`` (``refs/tags/v8``), annotated tags peeled.

        Refs that lead to no commit are left out. Sorted by name.
        """
        if not prefix.startswith("refs/") or any(char in prefix for char in " *?[\\\n"):
            raise BadInput(f"{prefix!r} is no beginning of a ref's name")
        # for-each-ref matches whole components only: ask for the directory and choose here.
        done = self.run(
            "for-each-ref",
            "--format=%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)",
            prefix.rpartition("/")[0] + "/",
        )
        found: dict[str, str] = {}
        for line in done.stdout.decode("utf-8", "surrogateescape").splitlines():
            sha, kind, peeled, peeled_kind, name = line.split(" ", 4)
            if not name.startswith(prefix):
                continue
            if kind == "commit":
                found[name] = sha
            elif peeled_kind == "commit":
                found[name] = peeled
        return dict(sorted(found.items()))

    @property
    def head_ref(self) -> str | None:
        """Full name of the branch that HEAD is, None when it is detached."""
        text = (text_of(self.git_dir / "HEAD") or "").strip()
        return text[5:].strip() if text.startswith("ref:") else None

    @cached_property
    def shallow(self) -> frozenset[str]:
        """Commits whose parents are not in the repository since it was cloned with a depth; usually empty."""
        for directory in (self.git_dir, self._common_dir):
            text = text_of(directory / "shallow")
            if text is not None:
                return frozenset(text.split())
        return frozenset()

    @property
    def _common_dir(self) -> Path:
        text = text_of(self.git_dir / "commondir")
        return self.git_dir if text is None else self.git_dir / text.strip()

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether ``ancestor`` is reachable from ``descendant`` (a commit is its own ancestor). Full ids.

        :raises BadInput: where a shallow history cannot tell.
        """
        if ancestor == descendant:
            return True
        self.commit(ancestor)
        self.commit(descendant)
        done = self.run("merge-base", "--is-ancestor", ancestor, descendant, accept=(0, 1))
        if done.returncode == 1 and self.shallow:
            raise BadInput(
                f"the history is shallow and cannot tell whether {descendant[:12]} contains {ancestor[:12]}",
                file=str(self.path),
                hint="git fetch --unshallow",
            )
        return done.returncode == 0

    def changed_files(self) -> dict[str, str]:
        """``{path: two letters}`` of what differs from HEAD in the work tree or index, untracked files (``??``) too.

        Letters as ``git status --porcelain`` gives them. Empty for a bare repository.
        """
        if self.work_dir is None:
            return {}
        # Submodules are left out: git would be run in them, with the configuration that each has.
        done = self.run(
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--ignore-submodules=all",
            "--no-renames",
            settings=self.without_programs(),
        )
        found: dict[str, str] = {}
        for item in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
            if item:
                found[item[3:]] = item[:2]
        return found

    def without_programs(self) -> dict[str, str]:
        """Settings that, with :func:`local_environment`, keep git from starting a program that the repository names."""
        done = self.run(
            "config",
            "--null",
            "--name-only",
            "--get-regexp",
            r"^filter\..*\.(clean|process|required)$",
            accept=(0, 1),
        )
        names = [
            name for name in dict.fromkeys(done.stdout.decode("utf-8", "surrogateescape").split("\0")) if name
        ]
        if len(names) > _MAX_FILTERS:
            raise BadInput(f"its configuration has more than {_MAX_FILTERS} filters", file=str(self.path))
        return {name: "false" if name.endswith(".required") else "" for name in names}

    def setting(self, name: str) -> str | None:
        """Value of a git setting as it stands for this repository, None when it is not set."""
        done = self.run("config", "--get", name, accept=(0, 1))
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


class GitTree:
    """The files of a commit or tree object. Symbolic links are files that hold their target.

    Directories are read when they are asked for, and kept with the repository: two commits share what is equal.
    """

    def __init__(self, repository: Repository, tree: str, commit: str | None = None) -> None:
        self.repository = repository
        self.sha = tree
        self.commit = commit

    def entry(self, path: str) -> TreeEntry | None:
        """Mode and id of what is at ``path`` ("" for the tree itself), directory or file; None where nothing is."""
        entry = TreeEntry("40000", self.sha)
        if path:
            for part in path.split("/"):
                if not entry.is_directory:
                    return None
                following = self.repository.entries(entry.sha).get(part)
                if following is None:
                    return None
                entry = following
        return entry

    def read(self, path: str) -> bytes | None:
        """See :class:`contrib.values.tree.Tree`."""
        entry = self.entry(path)
        if entry is None or entry.is_directory or entry.mode == "160000":
            return None
        return self.repository.blobs([entry.sha])[entry.sha]

    def mode(self, path: str) -> FileMode | None:
        """See :class:`contrib.values.tree.Tree`. Old trees' 100664 is git's 100644 of today."""
        entry = self.entry(path)
        return None if entry is None else _file_mode(entry.mode)

    def paths(self, under: str = "") -> Iterator[str]:
        """See :class:`contrib.values.tree.Tree`. Submodules are left out."""
        return iter(sorted(self.files(under), key=path_bytes))

    def files(self, under: str = "") -> dict[str, TreeEntry]:
        """``{path: (mode, id)}`` of all files below a directory."""
        under = under.strip("/")
        top = self.entry(under)
        found: dict[str, TreeEntry] = {}
        if top is None or not top.is_directory:
            return found
        level = [(under + "/" if under else "", top.sha)]
        seen = 0
        while level:
            # Level by level, so that git is asked for many trees at once.
            self.repository.prefetch_entries(sha for _, sha in level)
            following: list[tuple[str, str]] = []
            for prefix, sha in level:
                entries = self.repository.entries(sha)
                # A few objects can stand for any number of files: each directory twice the one below it.
                seen += len(entries)
                if seen > MAX_ENTRIES or prefix.count("/") > _MAX_DEPTH:
                    raise BadInput(
                        f"the tree {self.sha[:12]} has more than {MAX_ENTRIES} entries or {_MAX_DEPTH} levels",
                        file=str(self.repository.path),
                    )
                for name, entry in entries.items():
                    if entry.is_directory:
                        following.append((prefix + name + "/", entry.sha))
                    elif _file_mode(entry.mode) is not None:
                        found[prefix + name] = entry
            level = following
        return found

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Contents of those of the ``paths`` that are files, read in one go."""
        found = {path: self.entry(path) for path in paths}
        shas = {
            path: entry.sha
            for path, entry in found.items()
            if entry is not None and _file_mode(entry.mode) is not None
        }
        contents = self.repository.blobs(shas.values())
        return {path: contents[sha] for path, sha in shas.items()}


class WorkTree:
    """The files on disk under ``root``, without ``.git``. No symbolic link is followed.

    A link to a file is a file that holds its target, as git keeps it; what lies behind a link to a directory
    is not in the tree. Line endings are LF where git would store them so (``core.autocrlf`` of Git for
    Windows), since upstream's files and templates are compared byte for byte.
    """

    def __init__(self, root: Path, repository: Repository | None = None) -> None:
        self.root = root
        self.repository = repository

    def _locate(self, path: str) -> Path | None:
        """Where ``path`` is on disk; None when a part of it is a link, leaves the tree or lies in ``.git``."""
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or "\0" in path or "\\" in path:
            return None
        if any(part == ".." or is_dot_git(part) for part in parts) or ":" in parts[0]:
            return None
        place = self.root
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink() or is_junction(place):
                return None
        return place / parts[-1]

    def read(self, path: str) -> bytes | None:
        """See :class:`contrib.values.tree.Tree`."""
        place = self._locate(path)
        if place is None:
            return None
        try:
            if place.is_symlink():
                # git keeps '/'; Windows gives '\\', and a prefix where the target is absolute.
                target = str(place.readlink())
                return path_bytes(
                    target.removeprefix("\\\\?\\").replace("\\", "/") if os.name == "nt" else target
                )
            if not place.is_file():
                return None
            if place.stat().st_size > MAX_OBJECT:
                raise BadInput(f"has more than the {MAX_OBJECT} bytes that are read", file=str(place))
            data = place.read_bytes()
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", file=str(place)) from error
        if b"\r\n" in data and b"\0" not in data and self._converts:
            data = data.replace(b"\r\n", b"\n")
        return data

    @cached_property
    def _converts(self) -> bool:
        setting = None if self.repository is None else self.repository.setting("core.autocrlf")
        return setting is not None and setting.lower() in ("true", "input", "yes", "on", "1")

    def mode(self, path: str) -> FileMode | None:
        """See :class:`contrib.values.tree.Tree`. On Windows, where files have no such bit, git's index tells."""
        place = self._locate(path)
        if place is None:
            return None
        if place.is_symlink():
            return "120000"
        if not place.is_file():
            return None
        if os.name == "nt":
            return self._index_modes.get(path, "100644")
        return "100755" if place.stat().st_mode & 0o100 else "100644"

    @cached_property
    def _index_modes(self) -> dict[str, FileMode]:
        modes: dict[str, FileMode] = {}
        if self.repository is not None:
            done = self.repository.run("ls-files", "-s", "-z")
            for item in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
                facts, _, name = item.partition("\t")
                mode = _file_mode(facts[:6])
                if mode is not None:
                    modes[name] = mode
        return modes

    def paths(self, under: str = "") -> Iterator[str]:
        """See :class:`contrib.values.tree.Tree`. Untracked and ignored files too."""
        under = under.strip("/")
        start = self.root if not under else self._locate(under)
        found: list[str] = []
        if start is not None and start.is_dir() and (start == self.root or not start.is_symlink()):
            for directory, directories, files in os.walk(start):
                here = Path(directory)
                prefix = here.relative_to(self.root).as_posix()
                prefix = "" if prefix == "." else prefix + "/"
                for name in list(directories):
                    if name.lower() == ".git" or is_junction(here / name):
                        directories.remove(name)
                    elif (here / name).is_symlink():
                        directories.remove(name)
                        found.append(prefix + name)
                found += [prefix + name for name in files if name.lower() != ".git"]
        return iter(sorted(found, key=path_bytes))


# -- helpers ----------------------------------------------------------------------------------------------


def _is_git_dir(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def is_junction(path: Path) -> bool:
    """Whether it is a Windows junction, a link that ``is_symlink`` does not tell (``Path.is_junction`` is 3.12's)."""
    try:
        tag = getattr(path.lstat(), "st_reparse_tag", 0)  # Windows alone has these
    except OSError:
        return False
    return tag == _MOUNT_POINT


def _linked_git_dir(dot_git: Path) -> Path:
    text = text_of(dot_git) or ""
    found = re.match(r"gitdir: (.+)", text)
    if found is not None:
        git_dir = dot_git.parent / found[1].strip()
        # A linked work tree's directory has HEAD alone; objects and refs are with the main one.
        if (git_dir / "HEAD").is_file():
            return git_dir
    raise BadInput("does not lead to a git directory", file=str(dot_git))


def _file_mode(mode: str) -> FileMode | None:
    if mode == "120000":
        return "120000"
    if mode.startswith("100"):
        return "100755" if int(mode, 8) & 0o100 else "100644"
    return None


_MODES = {b"100644": "100644", b"100755": "100755", b"40000": "40000", b"120000": "120000"}
_MODE = re.compile(rb"[0-7]{5,6}")
_NO_NAMES = ("", ".", "..")


def _parse_tree(data: bytes, width: int, name: str) -> dict[str, TreeEntry]:
    entries: dict[str, TreeEntry] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 7)
        end = data.find(b"\0", space) if space >= 0 else -1
        mode = data[at:space]
        if end < 0 or end + width >= len(data) or not (mode in _MODES or _MODE.fullmatch(mode)):
            raise BadInput(f"the tree {name} is not one that git writes")
        entry = data[space + 1 : end].decode("utf-8", "surrogateescape")
        at = end + 1 + width
        entries[entry] = TreeEntry(
            _MODES.get(mode) or mode.decode("ascii").lstrip("0"), data[end + 1 : at].hex()
        )
    hostile = next((one for one in entries if "/" in one or one in _NO_NAMES or one.lower() == ".git"), None)
    if hostile is not None:
        raise BadInput(f"the tree {name} holds an entry {hostile!r}, which would leave it")
    return entries


_PERSON = re.compile(
    r"(?P<name>[^<]*?) ?<(?P<email>[^>]*)>(?: (?P<time>-?[0-9]{1,15})(?![0-9])(?: (?P<offset>[+-][0-9]{1,6})(?![0-9]))?)?"
)


def _person(text: str) -> Person:
    found = _PERSON.match(text)
    if found is None:
        return Person(text, "", 0, "+0000")
    return Person(found["name"], found["email"], int(found["time"] or 0), found["offset"] or "+0000")


#: Names that git users write for ISO 8859-1. Every other encoding is read as UTF-8, with replacements.
_LATIN = frozenset({"iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "l1"})


def _parse_commit(sha: str, data: bytes) -> CommitInfo:
    head, _, message = data.partition(b"\n\n")
    fields: dict[str, str] = {}
    parents: list[str] = []
    encoding = "utf-8"
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif key == b"encoding":
            encoding = value.decode("ascii", "replace")
        elif key in (b"tree", b"author", b"committer"):
            fields.setdefault(key.decode("ascii"), value.decode("utf-8", "replace"))
    # The commit may name any codec of Python's: one that is not linear, or that raises. Two are decoded.
    text = message.decode("latin-1" if encoding.lower() in _LATIN else "utf-8", "replace")
    return CommitInfo(
        sha,
        fields.get("tree", ""),
        tuple(parents),
        _person(fields.get("author", "")),
        _person(fields.get("committer", "")),
        text,
    )


def _cache_name(url: str) -> str:
    """A directory's name for a URL: readable, valid on Windows, different for different URLs."""
    import hashlib

    normal = url.rstrip("/").removesuffix(".git")
    readable = re.sub(r"[^A-Za-z0-9.-]+", "+", re.sub(r"^[a-z]+://", "", normal))[-60:].strip("+.-")
    return f"{readable}-{hashlib.sha256(normal.encode()).hexdigest()[:12]}"


def _finished(
    process: subprocess.Popen[bytes],
    verb: str,
    seconds: float,
    *,
    stdin: bytes | None = None,
    file: str | None = None,
    into: Path | None = None,
) -> tuple[bytes, bytes]:
    """What a git printed, once it has ended.

    :param into: the directory of objects that it fetches into.
    :raises OutsideError: it was ended, since it took longer than ``seconds``, or printed or fetched without end.
    """
    watch = None if into is None else not_beyond(into, MAX_FETCHED)
    try:
        return finish(process, seconds, stdin=stdin, watch=watch)
    except TooLong:
        raise OutsideError(
            f"git {verb} did not end within {seconds:.0f} s", file=file, retry=True, kind="deadline"
        ) from None
    except TooMuch:
        what = "prints more than is read" if into is None else f"fetches more than {MAX_FETCHED} bytes"
        raise OutsideError(f"git {verb} {what}", file=file, kind="git") from None


def _network(
    arguments: Sequence[str], url: str, timeout: float = NETWORK_TIMEOUT, *, into: Path | None = None
) -> tuple[bytes, str | None]:
    """Run a git command that talks to another machine, through GitPython, and end it when it takes too long.

    :param into: the directory of objects that it fetches into, which may grow by :data:`MAX_FETCHED` bytes.
    :returns: stdout, and where the server said that the repository has moved to.
    """
    try:
        import git
    except ImportError as error:  # GitPython's own, where there is no git
        if find_program("git") is None:
            raise no_git() from error
        raise

    # Without a GIT_DIR git would take the configuration of whatever repository one stands in.
    inside = arguments[0].startswith("--git-dir")
    here, verb = ({}, "fetch") if inside else ({"GIT_DIR": os.devnull}, arguments[0])
    try:
        started = git.Git().execute(
            ["git", *arguments],
            as_process=True,
            env={**git_environment(here), **dict.fromkeys(TOKENS, "")},
            istream=subprocess.DEVNULL,
            # Its own group, so that the program that talks to the server is ended with it. Not for ssh, which
            # may have to ask the person for a passphrase on the terminal.
            start_new_session=os.name != "nt" and url.lower().startswith(("http://", "https://")),
        )
    except git.GitCommandNotFound as error:
        raise no_git() from error
    process = started.proc
    assert isinstance(process, subprocess.Popen)
    stdout, stderr = _finished(process, verb, timeout, file=redact(url), into=into)
    if process.returncode != 0:
        failure = _git_failed(stderr, verb)
        failure.file = redact(url)
        raise failure
    # --quiet would hide this one, too; without a terminal there is no progress anyway.
    found = re.search(rb"^warning: redirecting to (\S+)", stderr, re.MULTILINE)
    return bytes(stdout), None if found is None else redact(found[1].decode("utf-8", "replace")).rstrip("/")


def remote_tags(url: str) -> bytes:
    """What ``git ls-remote --tags`` prints for a repository: an address, or a directory of this machine.

    :raises OutsideError: it cannot be reached.
    """
    listed, _ = _network(["ls-remote", "--tags", "--", url], url, 120.0)
    return listed


def _clone_or_fetch(url: str, target: Path) -> str | None:
    """Bring the bare copy at ``target`` up to date, or make it; where the repository has moved to."""
    import tempfile

    from contrib.clients.scratch import remove_tree

    if _is_git_dir(target):
        _, moved = _network(
            [
                f"--git-dir={target}",
                "-c",
                "fetch.unpackLimit=1",
                "fetch",
                "--prune",
                "--no-write-fetch-head",
                "--",
                url,
                "+refs/heads/*:refs/heads/*",
                "+refs/tags/*:refs/tags/*",
            ],
            url,
            into=target / "objects",
        )
        listed, _ = _network(["ls-remote", "--symref", "--", url, "HEAD"], url, ASK_TIMEOUT)
        found = re.match(r"ref: (refs/heads/\S+)\tHEAD", listed.decode("utf-8", "replace"))
        if found is not None:
            (target / "HEAD").write_bytes(f"ref: {found[1]}\n".encode())
        return moved
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, then renamed: an interrupted clone never looks like a whole one.
    scratch = Path(tempfile.mkdtemp(prefix=".clone-", dir=target.parent))
    try:
        _, moved = _network(
            ["clone", "--bare", "--", url, str(scratch / "repo")], url, into=scratch / "repo" / "objects"
        )
        try:
            (scratch / "repo").rename(target)
        except OSError:
            # Somebody else was faster; theirs is as good.
            if not _is_git_dir(target):
                raise
        return moved
    finally:
        remove_tree(scratch)
