"""Commits without a work tree, and pushing them.

A :class:`ScratchStore` is a bare repository in a temporary directory that borrows the objects of
other repositories (``objects/info/alternates``). Commits are written into it by ``git fast-import``
from bytes: no work tree, so neither ``core.autocrlf`` nor ``core.filemode`` nor a path limit of the
platform has a say, and no clock, so that the same input gives the same commit id everywhere.

The token of a push travels in the environment of the git process alone (``GIT_CONFIG_COUNT`` …):
not in its arguments, not in a URL, not in a configuration file.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from contrib.clients.addresses import origin, shown
from contrib.clients.git import ASK_TIMEOUT, LOCAL_TIMEOUT, NETWORK_TIMEOUT, TOKENS
from contrib.clients.processes import MAX_FETCHED, TooLong, TooMuch, finish, not_beyond
from contrib.clients.programs import find_program, no_git
from contrib.clients.scratch import remove_tree
from contrib.clients.small import text_of
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from git.cmd import Git

#: Git waits no longer than this many seconds for a transfer that has stalled.
STALLED_AFTER = 60

#: Seconds for a push: a few small files. An answer that is cut leaves git waiting for the rest without end.
PUSH_TIMEOUT = 180.0

#: Seconds for the commands that talk to another machine.
_NETWORK = {"ls-remote": ASK_TIMEOUT, "fetch": NETWORK_TIMEOUT, "push": PUSH_TIMEOUT}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Change(Protocol):
    """A file to write, or (``content`` None) to delete: :class:`contrib.values.tree.FileChange`."""

    @property
    def path(self) -> str:
        """Relative, with ``/``."""
        ...

    @property
    def content(self) -> bytes | None:
        """What the blob holds, to the byte."""
        ...

    @property
    def mode(self) -> str:
        """``100644``, ``100755`` or ``120000``."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a commit, as git writes it: ``name <email>``."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def signs_commits(directory: Path | None = None) -> bool:
    """Whether the person's git is set to sign commits (``commit.gpgsign``)."""
    code, out, _ = _run(None, ["config", "--type=bool", "commit.gpgsign"], working_directory=directory)
    return code == 0 and out.strip() == b"true"


def git_version() -> str:
    """git's version, as it says it: ``2.39.5``.

    :raises OutsideError: when there is no git.
    """
    code, out, err = _run(None, ["version"])
    if code != 0:
        raise OutsideError(f"git does not work: {_first_line(err)}", kind="git")
    return out.decode("utf-8", "replace").strip().removeprefix("git version ")


def identity(directory: Path | None = None) -> Identity:
    """The person's git identity: ``GIT_AUTHOR_NAME``/``…_EMAIL``, then git's configuration.

    :param directory: repository whose configuration counts too.
    :raises BadInput: when there is none; git's guess from the host name is not taken.
    """
    code, out, _ = _run(
        None,
        ["-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"],
        working_directory=directory,
    )
    found = re.fullmatch(r"(.*\S) <([^<>]+)> \d+ [+-]\d{4}", out.decode("utf-8", "replace").strip())
    if code != 0 or found is None:
        raise BadInput(
            "git does not know who you are",
            kind="git-identity",
            hint='git config --global user.name "Your Name"; git config --global user.email you@example.com',
        )
    return Identity(found[1], found[2])


_PREFIX = "contrib-commits-"
#: A directory whose process cannot be asked for is removed when it is this old, seconds.
_ABANDONED = 86_400


def sweep(directory: Path) -> None:
    """Remove the scratch stores of runs that were killed; those of runs that go on stay."""
    with suppress(OSError):
        for each in directory.glob(f"{_PREFIX}*"):
            with suppress(OSError, ValueError):
                pid = int((each / "pid").read_text("ascii")) if (each / "pid").is_file() else 0
                age = time.time() - each.stat().st_mtime
                if age > _ABANDONED or (pid > 0 and age > 1 and not _alive(pid)):
                    remove_tree(each)


def _alive(pid: int) -> bool:
    """Whether a process is there; where that cannot be asked for, it is taken to be."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class StoreTree:
    """The files of a commit in a scratch store: a :class:`contrib.values.tree.Tree`."""

    def __init__(self, store: ScratchStore, commit: str) -> None:
        self._store = store
        self._entries = store.entries(commit)

    def read(self, path: str) -> bytes | None:
        """A file's bytes, None where there is none."""
        entry = self._entries.get(path)
        return None if entry is None else self._store.blob(entry[1])

    def mode(self, path: str) -> Any:
        """A file's mode, None where there is none."""
        entry = self._entries.get(path)
        return None if entry is None else entry[0]

    def paths(self, under: str = "") -> Iterator[str]:
        """All paths, sorted; below a directory."""
        prefix = f"{under.strip('/')}/" if under.strip("/") else ""
        return iter(sorted(path for path in self._entries if path.startswith(prefix)))


class ScratchStore:
    """A bare repository in a temporary directory that borrows the objects of others.

    :param sources: git directories (bare, ``.git``, or work trees) to borrow from.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        sweep(Path(tempfile.gettempdir()))
        self._directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (self._directory / "pid").write_text(str(os.getpid()), encoding="ascii")
        self.path = self._directory / "scratch.git"
        try:
            self._lay_out(sources)
        except BaseException:
            self.close()
            raise

    def _lay_out(self, sources: Sequence[Path]) -> None:
        # Written by hand and not by `git init`: its templates and settings (core.ignorecase on
        # Windows, init.templateDir, hooks) are the machine's, and must have no say here.
        for name in ("objects/info", "objects/pack", "refs/heads", "info"):
            (self.path / name).mkdir(parents=True)
        (self.path / "HEAD").write_bytes(b"ref: refs/heads/scratch\n")
        (self.path / "config").write_bytes(
            b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfilemode = true\n"
            b"\tignorecase = false\n\tautocrlf = false\n\tlogAllRefUpdates = false\n"
            + f"\thooksPath = {os.devnull}\n".encode()
            # What is fetched is one pack, whose size is watched.
            + b"[fetch]\n\tunpackLimit = 1\n"
        )
        borrowed = []
        shallow = set()
        for source in sources:
            common = git_directory(source)
            borrowed.append((common / "objects").resolve().as_posix())
            shallow |= set((text_of(common / "shallow") or "").split())
        (self.path / "objects" / "info" / "alternates").write_bytes(
            "".join(f"{_quoted(path)}\n" for path in dict.fromkeys(borrowed)).encode("utf-8")
        )
        if shallow:
            (self.path / "shallow").write_bytes("".join(f"{i}\n" for i in sorted(shallow)).encode())

    def __enter__(self) -> ScratchStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary directory."""
        remove_tree(self._directory)

    def has(self, commit: str) -> bool:
        """Whether the commit is in this store or in one that it borrows from."""
        return self._git("cat-file", "-e", f"{commit}^{{commit}}")[0] == 0

    def commit(
        self,
        parent: str,
        message: str,
        files: Iterable[Change],
        *,
        date: datetime,
        author: Identity,
        committer: Identity | None = None,
    ) -> str:
        """Make a commit on ``parent`` and give its id; the same input gives the same id.

        :param parent: full id of a commit in this store.
        :param message: LF is put for CR LF, one newline at the end.
        :param files: every path at most once.
        :param date: aware; author's and committer's date.
        :raises BadInput: for a parent that is not there, a path that is there twice or leaves the tree.
        """
        if not _OBJECT_ID.fullmatch(parent):
            raise BadInput(f"{parent!r} is not the full id of a commit")
        if date.tzinfo is None:
            raise ValueError("the date of a commit needs its offset")
        text = message.replace("\r\n", "\n").strip("\n") + "\n"
        if "\0" in text or not text.strip():
            raise BadInput("the commit's message is empty or holds a NUL")
        when = f"{int(date.timestamp())} {date.strftime('%z')[:5]}"
        stream = bytearray()
        stream += b"commit refs/heads/scratch\nmark :1\n"
        stream += f"author {_clean(author)} {when}\n".encode()
        stream += f"committer {_clean(committer or author)} {when}\n".encode()
        stream += _data(text.encode("utf-8")) + f"from {parent}\n".encode()
        seen: set[str] = set()
        # Deletions first: a file may take the place of a directory.
        for change in sorted(files, key=lambda c: (c.content is not None, c.path.encode())):
            _check_path(change.path)
            if change.path in seen:
                raise BadInput(f"the path {change.path!r} is in the commit twice")
            seen.add(change.path)
            if change.content is None:
                stream += f"D {_quoted_always(change.path)}\n".encode()
            else:
                if change.mode not in ("100644", "100755", "120000"):
                    raise BadInput(f"the mode {change.mode!r} of {change.path!r} is none of git's for files")
                stream += f"M {change.mode} inline {_quoted_always(change.path)}\n".encode()
                stream += _data(change.content)
        stream += b"\nget-mark :1\ndone\n"
        try:
            return self._imported(bytes(stream))
        except OutsideError as error:
            if self.has(parent):
                raise
            raise BadInput(f"the commit {parent} is not in the repository", hint="fetch it first") from error

    def transplant(self, base: str, head: str, onto: str) -> str:
        """The commits between ``base`` and ``head`` again, on ``onto``: same changes, words, people and dates.

        Every path that they touch must be the same in ``base`` and ``onto``; the caller has looked.
        """
        parent = onto
        before = base
        for commit in self._text("rev-list", "--reverse", f"{base}..{head}").split():
            raw = self._git("cat-file", "commit", commit)[1]
            header, _, message = raw.partition(b"\n\n")
            people = [line for line in header.split(b"\n") if line.startswith((b"author ", b"committer "))]
            stream = b"commit refs/heads/scratch\nmark :1\n" + b"".join(line + b"\n" for line in people)
            stream += _data(message) + f"from {parent}\n".encode()
            for path, (mode, blob) in self.after(before, commit).items():
                name = _quoted_always(path)
                gone = mode == "000000"
                stream += (f"D {name}\n" if gone else f"M {mode} {blob} {name}\n").encode(
                    "utf-8", "surrogateescape"
                )
            parent = self._imported(stream + b"\nget-mark :1\ndone\n")
            before = commit
        return parent

    def _imported(self, stream: bytes) -> str:
        """Run a stream of one commit; gives its id."""
        # --force: each commit starts from its own parent, not from what the scratch ref held.
        code, out, err = self._git(
            "fast-import", "--quiet", "--done", "--force", "--date-format=raw", stdin=stream
        )
        made = out.decode("ascii", "replace").strip()
        if code != 0 or not _OBJECT_ID.fullmatch(made):
            raise OutsideError(f"git could not write the commit: {_first_line(err)}", kind="git")
        return made

    def tree(self, commit: str) -> str:
        """Id of the commit's tree: equal trees hold equal files and modes."""
        return self._text("rev-parse", "--verify", f"{commit}^{{tree}}")

    def is_ancestor(self, ancestor: str, commit: str) -> bool:
        """Whether ``commit`` contains ``ancestor``."""
        code, _, err = self._git("merge-base", "--is-ancestor", ancestor, commit)
        if code not in (0, 1):
            raise OutsideError(f"git could not compare the commits: {_first_line(err)}", kind="git")
        return code == 0

    def authors(self, since: str, commit: str) -> tuple[tuple[str, str, str], ...]:
        """``(id, author's address, subject)`` of the commits in ``commit`` and not in ``since``, oldest first."""
        out = self._text("log", "--reverse", "--format=%H%x00%ae%x00%s", f"{since}..{commit}", "--")
        found = []
        for line in out.splitlines():
            ident, address, subject = line.split("\0", 2)
            found.append((ident, address, subject))
        return tuple(found)

    def changed(self, before: str, after: str) -> tuple[tuple[str, int | None, int | None], ...]:
        """``(path, lines added, lines deleted)`` between two commits; None for binary files."""
        out = self._text("diff-tree", "-r", "-z", "--numstat", "--no-renames", before, after)
        found: list[tuple[str, int | None, int | None]] = []
        for record in out.split("\0"):
            if record:
                added, deleted, path = record.split("\t", 2)
                found.append((path, *(None if n == "-" else int(n) for n in (added, deleted))))  # type: ignore[arg-type]
        return tuple(found)

    def after(self, before: str, after: str) -> dict[str, tuple[str, str]]:
        """``{path: (mode, blob)}`` of what changed between two commits, as it is then; zeros where deleted."""
        out = self._text("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", before, after)
        fields = out.split("\0")
        found = {}
        for facts, path in zip(fields[0:-1:2], fields[1::2], strict=False):
            _, mode, _, blob, _ = facts.split(" ")
            found[path] = (mode, blob)
        return found

    def entries(self, commit: str) -> dict[str, tuple[str, str]]:
        """``{path: (mode, blob)}`` of all files of a commit."""
        found = {}
        for line in self._text("ls-tree", "-r", "-z", commit).split("\0"):
            if line:
                facts, path = line.split("\t", 1)
                mode, _, blob = facts.split(" ")
                found[path] = (mode, blob)
        return found

    def last_commit(self, commit: str, path: str) -> str:
        """Short id and subject of the last commit that touched a path; empty where none did."""
        return self._text("log", "-1", "--abbrev=10", "--format=%h %s", commit, "--", f":(literal){path}")

    def blob(self, ident: str) -> bytes:
        """The bytes of a blob."""
        code, out, err = self._git("cat-file", "blob", ident)
        if code != 0:
            raise OutsideError(f"git could not read {ident}: {_first_line(err)}", kind="git")
        return out

    def files(self, commit: str) -> StoreTree:
        """The files of a commit."""
        return StoreTree(self, commit)

    def renames(self, before: str, after: str) -> dict[str, str]:
        """Old to new path of the files that were renamed between two commits, by git's reckoning."""
        out = self._text("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", before, after)
        fields = out.split("\0")
        return dict(zip(fields[1::3], fields[2::3], strict=False))

    def count(self, commit: str) -> int:
        """How many commits it has, itself included."""
        return int(self._text("rev-list", "--count", commit))

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit that two histories have in common last; None for unrelated ones."""
        code, out, err = self._git("merge-base", one, other)
        if code not in (0, 1):
            raise OutsideError(f"git could not compare the commits: {_first_line(err)}", kind="git")
        return out.decode().strip() or None

    def messages(self, since: str, commit: str) -> tuple[str, ...]:
        """Messages of the commits in ``commit`` and not in ``since``, oldest first."""
        out = self._text("log", "--reverse", "-z", "--format=%B", f"{since}..{commit}", "--")
        return tuple(message.strip("\n") for message in _records(out))

    def signed_share(self, commit: str, count: int = 100) -> float:
        """Share of the last ``count`` commits that carry a ``Signed-off-by``: 0 to 1; merges left out."""
        out = self._text(
            "log", f"-{count}", "--no-merges", "-z", "--format=%(trailers:key=Signed-off-by,valueonly)", commit, "--"
        )  # fmt: skip
        trailers = _records(out)
        return sum(bool(trailer.strip()) for trailer in trailers) / len(trailers) if trailers else 0.0

    def patch(self, before: str, after: str) -> str:
        """The unified diff between two commits."""
        return self._text("diff-tree", "-r", "-p", "--no-color", "--no-ext-diff", before, after)

    def fetch(self, url: str, ref: str, *, token: str | None = None) -> str:
        """Get ``ref`` (or a commit's full id) of a remote repository into this store; gives the id.

        :raises OutsideError: when git cannot.
        """
        code, _, err = self._git(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--end-of-options",
            url,
            f"+{ref}:refs/scratch/fetched",
            environment=_network(url, token),
        )
        if code != 0:
            raise _remote_error("fetch from", url, err)
        return self._text("rev-parse", "--verify", "refs/scratch/fetched^{commit}")

    def fetch_all(self, url: str, *, token: str | None = None) -> None:
        """Get a remote repository's branches and tags into this store, under their own names.

        :raises OutsideError: when git cannot.
        """
        code, _, err = self._git(
            "fetch", "--quiet", "--no-write-fetch-head", "--recurse-submodules=no", "--end-of-options", url,
            "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
            environment=_network(url, token),
        )  # fmt: skip
        if code != 0:
            raise _remote_error("fetch from", url, err)

    def set_head(self, branch: str) -> None:
        """Make ``HEAD`` this branch."""
        (self.path / "HEAD").write_bytes(f"ref: refs/heads/{branch}\n".encode())

    def push(self, url: str, branch: str, commit: str, *, expected: str | None, token: str | None) -> None:
        """Put ``commit`` on a branch, if the branch holds what is ``expected`` (None: does not exist).

        Nothing else is pushed: no tag, no submodule; hooks of the person's git do not run.

        :raises OutsideError: of kind ``lease`` when the branch holds something else by now,
            ``workflow-scope`` when the token may not, ``authentication``, ``not-found``, ``network``.
        """
        reference = f"refs/heads/{branch}"
        code, out, err = self._git(
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--no-signed",
            f"--force-with-lease={reference}:{expected or ''}",
            "--end-of-options",
            url,
            f"{commit}:{reference}",
            environment=_network(url, token),
        )
        if code != 0:
            text = out + b"\n" + err
            rejected = re.search(rb"^!\t[^\t]*\t(.*)$", out, re.MULTILINE)
            if rejected and b"stale info" in rejected[1]:
                raise OutsideError(
                    f"the branch {branch} has changed since it was looked at; nothing was pushed",
                    file=url,
                    kind="lease",
                    hint="run the command again to plan anew",
                )
            if b"workflow" in text and b"scope" in text:
                raise OutsideError(
                    "GitHub refuses the push because the token may not touch workflow files",
                    file=url,
                    kind="workflow-scope",
                    hint="a classic token with the scope `workflow` (https://github.com/settings/tokens), "
                    "or `gh auth refresh -s workflow`",
                )
            if rejected:
                reason = rejected[1].decode("utf-8", "replace")
                hint = None
                if b"GH007" in text or b"private email" in text:
                    hint = "your noreply address is in https://github.com/settings/emails: git config user.email …"
                raise OutsideError(f"the push was refused: {reason}", file=url, kind="rejected", hint=hint)
            raise _remote_error("push to", url, text)

    def _git(
        self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, bytes]:
        return _run(self.path, list(arguments), stdin=stdin, environment=environment)

    def _text(self, *arguments: str) -> str:
        code, out, err = self._git(*arguments)
        if code != 0:
            raise OutsideError(f"git {arguments[0]} failed: {_first_line(err)}", kind="git")
        return out.decode("utf-8", "surrogateescape").rstrip("\n")


def ls_remote(url: str, *patterns: str, token: str | None = None) -> dict[str, str]:
    """``{ref: commit}`` that a remote repository has now, asked of git and not of REST.

    :param patterns: full refs; all where none is given.
    :raises OutsideError: of kind ``not-found`` when there is no such repository (or not yet).
    """
    code, out, err = _run(
        None,
        ["ls-remote", "--quiet", "--end-of-options", url, *patterns],
        # The repository that one stands in has no say: its proxy would get the token.
        environment=_network(url, token) | {"GIT_DIR": os.devnull},
    )
    if code != 0:
        raise _remote_error("read", url, err)
    found = {}
    for line in out.decode("utf-8", "replace").splitlines():
        ident, _, ref = line.partition("\t")
        found[ref] = ident
    return found


def git_directory(path: Path) -> Path:
    """The directory that holds ``objects`` of a repository: bare, a work tree's ``.git``, a linked work tree's.

    :raises BadInput: when it is no git repository.
    """
    for here in (path, path / ".git"):
        if here.is_file() and here.name == ".git":
            pointer = (text_of(here) or "").removeprefix("gitdir:").strip()
            here = (here.parent / pointer).resolve()
        common = text_of(here / "commondir")
        if common is not None:
            here = (here / common.strip()).resolve()
        if (here / "objects").is_dir() and (here / "HEAD").is_file():
            return here
    raise BadInput("is not a git repository", file=str(path))


def _run(
    git_dir: Path | None,
    arguments: list[str],
    *,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    working_directory: Path | None = None,
) -> tuple[int, bytes, bytes]:
    """Run git through GitPython; gives exit code, stdout, stderr.

    :raises OutsideError: there is no git, or it did not end in time.
    """
    network = arguments[0] in _NETWORK
    seconds = _NETWORK.get(arguments[0], LOCAL_TIMEOUT)
    git = _gitpython(working_directory or git_dir)
    command = ["git", "--no-pager"]
    # What the caller's shell says about *its* repository must not reach ours.
    variables = {"GIT_TERMINAL_PROMPT": "0", "GIT_NAMESPACE": "", "GIT_TRACE_REDACT": "1"}
    if git_dir is not None:
        command.append(f"--git-dir={git_dir}")
        variables |= {
            "GIT_OBJECT_DIRECTORY": str(git_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_INDEX_FILE": str(git_dir / "index"),
            "GIT_REPLACE_REF_BASE": "refs/no-replace/",
        }
    variables |= dict.fromkeys(
        TOKENS, ""
    )  # GitPython hands on our environment: what git starts gets no token
    variables |= environment or {}
    with tempfile.TemporaryFile() as source:
        if stdin is not None:
            source.write(stdin)
            source.seek(0)
        try:
            started = git.execute(
                command + arguments,
                istream=source,
                as_process=True,
                env=variables,
                # A group of its own, so that the program that talks to the server is ended with git.
                start_new_session=network and os.name != "nt",
            )
        except Exception as error:  # GitCommandNotFound; GitPython has no other for "no git"
            from git.exc import GitCommandNotFound

            if isinstance(error, GitCommandNotFound):
                raise no_git() from error
            raise
        process = started.proc
        assert isinstance(process, subprocess.Popen)
        try:
            fetching = arguments[0] == "fetch" and git_dir is not None
            watch = not_beyond(git_dir / "objects", MAX_FETCHED) if git_dir is not None and fetching else None
            out, err = finish(process, seconds, watch=watch)
        except TooLong:
            raise OutsideError(
                f"git {arguments[0]} did not end within {seconds:.0f} s", retry=True, kind="deadline"
            ) from None
        except TooMuch:
            what = f"fetches more than {MAX_FETCHED} bytes" if fetching else "prints more than is read"
            raise OutsideError(f"git {arguments[0]} {what}", kind="git") from None
    return process.returncode, out, err


def _gitpython(directory: Path | None) -> Git:
    try:
        from git.cmd import Git
    except ImportError as error:  # GitPython's own, where there is no git
        if find_program("git") is not None:
            raise
        raise no_git() from error
    return Git(directory)


def _network(url: str, token: str | None) -> dict[str, str]:
    """The environment for a git process that talks to ``url``.

    The person's proxy and certificate settings stay; credential helpers, hooks and other people's
    headers do not.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadInput("is not an address", file=_shown(url)) from None
    local = not parts.scheme or len(parts.scheme) == 1 or parts.scheme == "file"
    settings = [
        ("credential.helper", ""),
        ("core.hooksPath", os.devnull),
        ("push.gpgSign", "false"),
        ("push.followTags", "false"),
        # A header set for an address goes wherever git is sent from there: with a token it is sent nowhere.
        ("http.followRedirects", "initial" if token is None else "false"),
        ("http.lowSpeedLimit", "1000"),
        ("http.lowSpeedTime", str(STALLED_AFTER)),
        ("protocol.ext.allow", "never"),
    ]
    if not local:
        if parts.scheme not in ("https", "http") or parts.username or parts.password:
            raise BadInput("only plain https addresses can be read and pushed to", file=_shown(url))
        if token is not None:
            if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
                raise BadInput("a token is not sent over plain http", file=url)
            secret = base64.b64encode(f"x-access-token:{token}".encode()).decode("ascii")
            origin = f"{parts.scheme}://{parts.netloc}/"
            # An empty value first clears headers that the configuration holds (actions/checkout leaves one).
            settings.append((f"http.{origin}.extraheader", ""))
            # Spelt so, since git 2.31 takes it out of a trace (GIT_TRACE_CURL) in this spelling alone.
            settings.append((f"http.{origin}.extraheader", f"Authorization: basic {secret}"))
    try:
        taken = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    except ValueError:
        taken = 0
    variables = {"GIT_CONFIG_COUNT": str(taken + len(settings)), "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    if token is not None:
        # trace2.configParams would write the header into a file: no trace of a process that holds the token.
        for name in ("GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"):
            variables[name] = "0"
        variables |= {"GIT_TRACE2_CONFIG_PARAMS": "", "GIT_TRACE2_ENV_VARS": ""}
    for number, (key, value) in enumerate(settings, taken):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


_NAMED = re.compile(r"\b(?:repository|remote branch|remote ref)\b")


def _remote_error(what: str, url: str, err: bytes) -> OutsideError:
    """What git's stderr means, as one sentence."""
    text = err.decode("utf-8", "replace")
    shown = _shown(url)
    if re.search(r"returned error: 30[12378]", text):
        target = _redirect(url)
        return OutsideError(
            f"git was sent from {origin(url)} to {target or 'another address'}, and a token is given to one host alone",
            file=shown,
            kind="redirect",
            hint=f"if the repository has moved, name its new address{f': {target}' if target else ''}",
        )
    # What stands in an address says nothing: it is taken out before anything is concluded.
    low = text.replace(url, "").replace(shown, "").replace(url.removesuffix(".git"), "").lower()
    status = re.search(r"requested url returned error: (\d{3})\b", low)
    code = int(status[1]) if status else 0
    if "rate limit" in low or code == 429:
        return OutsideError(
            f"git could not {what} the repository: GitHub asks us to slow down",
            file=shown,
            kind="rate-limit",
            hint="run the same command again in a few minutes; what is done already is found and kept",
        )
    if (
        code == 404
        or any(_NAMED.search(line.rpartition("not found")[0]) for line in low.splitlines())
        or ("repository not found" in low or "does not appear to be a git repository" in low)
    ):
        return OutsideError(
            f"git could not {what} the repository: it was not found", file=shown, kind="not-found"
        )
    if 300 <= code < 400:
        return OutsideError(
            f"git could not {what} the repository: the server sends to another address, and the token does not go along",
            file=shown,
            kind="redirect",
            hint="run the command again: the repository may just have moved",
        )
    if code in (401, 403) or re.search(r"authentication failed|could not read (?:user|pass)", low):
        return OutsideError(
            f"git could not {what} the repository: access was refused",
            file=shown,
            kind="authentication",
            hint="contrib doctor tells what the token may do",
        )
    if re.search(r"couldn't find remote ref|not our ref|no such remote ref", low):
        return OutsideError(
            f"git could not {what} the repository: it has no such branch or commit",
            file=shown,
            kind="not-found",
        )
    reason = f"the server answered {code}" if code else _first_line(err)
    return OutsideError(
        f"git could not {what} the repository: {reason}", file=shown, kind="network", retry=True
    )


def _redirect(url: str) -> str | None:
    """Where a repository's address is redirected to; asked without a token, and not followed."""
    from contrib.clients.http import Http

    suffix = "/info/refs?service=git-upload-pack"
    target = Http(named={origin(url)}).redirect(f"{url.rstrip('/')}{suffix}")
    return None if target is None else shown(target.removesuffix(suffix).removesuffix("/info/refs"))


def _shown(url: str) -> str:
    """The address without what may be a secret in it."""
    return re.sub(r"://[^/@]*@", "://", url)


def _first_line(err: bytes) -> str:
    """The line of git's stderr that says what happened."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    for line in lines:
        if line.startswith(("fatal:", "error:", "remote:")):
            return _shown(line.split(":", 1)[1].strip())
    return _shown(lines[0]) if lines else "it gave no reason"


def _records(out: str) -> list[str]:
    """What ``-z`` ended with a NUL each."""
    return out.split("\0")[:-1]


def _clean(who: Identity) -> str:
    name = re.sub(r"[<>\x00-\x1f\x7f]", "", who.name).strip()
    email = re.sub(r"[<>\x00-\x20\x7f]", "", who.email)
    if not name or not email:
        raise BadInput("a commit needs a name and an address", kind="git-identity")
    return f"{name} <{email}>"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _check_path(path: str) -> None:
    parts = path.split("/")
    if (
        not path
        or "\\" in path
        or any(part in ("", ".", "..") or part.lower().rstrip(" .") == ".git" for part in parts)
        or any(ord(char) < 32 or ord(char) == 127 for char in path)
    ):
        raise BadInput(f"the path {path!r} would leave the tree or is not a plain relative path")


def _quoted_always(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(path: str) -> str:
    return _quoted_always(path) if path.startswith(('"', "#")) else path
