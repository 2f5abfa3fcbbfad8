"""What a build does, told the same for every shell: download, verify, unpack, remove, run, edit.

The walk over the parsed RUN bodies (:mod:`contrib.build.walk`) gives these in the order in which
they happen; extractors and rules look at them instead of at words of a shell. Paths are absolute
where the working directory is known, in the style of the platform.
"""

from __future__ import annotations

from typing import Literal

from contrib.dockerfile.model import Instruction, Span
from contrib.dockerfile.model import Word as DockerWord
from contrib.shells import model as shell
from contrib.values.records import dataclass, field

_MOST_SOURCES = 20
_LANGUAGES = frozenset(("pip", "npm", "yarn", "pnpm", "gem", "cargo", "go", "dotnet", "nuget", "conda"))


#: What verifies a file by a signature and a key.
SIGNATURES = frozenset(("gpg", "minisign", "cosign"))


@dataclass(frozen=True, slots=True)
class Digest:
    """That a value is the hash of a file, computed in the build.

    :param file: its path; "" when it is not known.
    """

    file: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file's digest compared with what is expected of it.

    :param expected: None when it is not to be seen.
    :param equal: the comparison is true when they are the same.
    :param exact: they are compared as a whole; with ``-match``, ``-like`` or ``findstr`` a part is enough.
    """

    digest: Digest
    expected: Value | None
    equal: bool
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A variable that a value was read through.

    :param kind: ``ENV``, ``ARG`` (of the Dockerfile), ``local`` (of the shell), ``platform`` (set by the system).
    """

    name: str
    kind: Literal["ENV", "ARG", "local", "platform"]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """What a word comes to.

    :param text: unknown parts as they are written.
    :param known: nothing in ``text`` is unknown.
    :param via: variables that it was read through, in order.
    :param fetched: it came over the network during the build.
    :param items: of a list.
    :param fields: of a table (``@{ … }``), by name.
    :param compared: it is the answer to a comparison with a digest.
    """

    text: str
    known: bool = True
    via: tuple[Source, ...] = ()
    digest: Digest | None = None
    fetched: bool = False
    items: tuple[Value, ...] = ()
    fields: tuple[tuple[str, Value], ...] = ()
    compared: Comparison | None = None

    def __post_init__(self) -> None:
        if len(self.via) > _MOST_SOURCES:
            # a variable made of itself would double them with every line
            object.__setattr__(self, "via", tuple(dict.fromkeys(self.via))[:_MOST_SOURCES])

    @property
    def each(self) -> tuple[Value, ...]:
        """The items of a list, else the value alone."""
        return self.items or (self,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Base of all.

    :param order: position in the whole file, rising.
    :param stage: index of the stage.
    :param span: where the command, or the instruction, stands in the file.
    :param node: the command (or condition) of the shell that does it; None for Docker's own instructions.
    :param conditional: whether it stands in a branch that need not be taken.
    """

    order: int
    stage: int
    instruction: Instruction = field(repr=False)
    span: Span
    node: shell.Node | None = field(default=None, repr=False)
    conditional: bool = False

    @property
    def line(self) -> int:
        """First line."""
        return self.span.line

    @property
    def end_line(self) -> int:
        """Last line."""
        return self.span.end_line

    @property
    def command(self) -> shell.Command | None:
        """The command that does it."""
        return self.node if isinstance(self.node, shell.Command) else None

    @property
    def by(self) -> str:
        """Name of the program or cmdlet that does it, lower case; "" for Docker's own instructions."""
        command = self.command
        return command.full_name.lower() if command is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Action):
    """A file or repository fetched.

    :param file: where it is put; ``-`` for a pipe, "" when it is not known.
    :param tool: ``wget``, ``curl``, ``Invoke-WebRequest``, ``WebClient``, ``BITS``, ``ADD``, ``git``, ``certutil``.
    :param revision: commit, tag or branch of a clone.
    :param word: that holds the address.
    :param target: that holds the file's name.
    :param directory: working directory at that place.
    :param checksum: ADD's ``--checksum``, resolved; builds of Windows images take it and compare nothing
        (moby/moby#46727).
    """

    url: Value
    file: str
    tool: str
    revision: str = ""
    word: shell.Word | DockerWord | None = field(default=None, repr=False)
    target: shell.Word | None = field(default=None, repr=False)
    directory: str = ""
    checksum: str = ""

    @property
    def url_span(self) -> Span:
        """Where the address, or the word that holds it, is written."""
        return self.word.span if self.word is not None else self.span

    @property
    def named_at(self) -> int:
        """Line of the program's name; of the address for ADD."""
        command = self.command
        if command is None:
            return self.url_span.line
        return command.name_span.line if command.name else command.span.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Hash(Action):
    """A file's digest computed; compared with something only if a :class:`Verify` says so.

    :param file: "" when it is not known.
    """

    file: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Action):
    """A file compared with what is expected.

    :param file: "" when it is not known.
    :param algorithm: ``sha256``, ``sha512``, ``sha1``, ``md5``, or one of :data:`SIGNATURES`.
    :param expected: the digest, or the key of a signature; None when it is not to be seen.
    :param acted_on: a mismatch ends the build.
    :param mismatch: what is done on a mismatch; None where that is not written as statements.
    :param exact: see :class:`Comparison`.
    """

    file: str
    algorithm: str
    expected: Value | None
    acted_on: bool
    tool: str = ""
    mismatch: tuple[shell.Node, ...] | None = field(default=None, repr=False)
    exact: bool = True

    @property
    def where(self) -> str:
        """Where the expected value is written: ``ENV X``, ``in the RUN``, ``key in the RUN``, ``fetched``, ``unknown``."""
        expected = self.expected
        if self.algorithm in SIGNATURES:
            if expected is None:
                return "key from elsewhere"
            return "fetched" if expected.fetched else "key in the RUN"
        if expected is None:
            return "unknown"
        if expected.fetched:
            return "fetched"
        for source in reversed(expected.via):
            if source.kind in ("ENV", "ARG"):
                return f"{source.kind} {source.name}" if expected.known or source.kind == "ENV" else "unknown"
        if not expected.known and not expected.via:
            return "unknown"
        return "in the RUN"

    @property
    def written(self) -> bool:
        """The expected value stands in the file."""
        return self.where not in ("fetched", "unknown")

    @property
    def digest(self) -> str | None:
        """The expected digest, where the file says it."""
        return self.expected.text if self.expected is not None and self.expected.known else None

    @property
    def variable(self) -> str | None:
        """The variable that holds the expected digest."""
        return self.expected.via[-1].name if self.expected is not None and self.expected.via else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpack(Action):
    """An archive unpacked, or an installer run.

    :param installer: it is an installer.
    :param strip: leading directories that are left out.
    :param arguments: of an installer, resolved.
    :param apart: an installer that ``Start-Process`` starts, or that is called from PowerShell without a pipe:
        whoever starts it goes on at once.
    :param starter: the command that starts an installer, where it is not called itself.
    :param started_with: the starter's own options, lower case: ``wait``, ``passthru``, ``nonewwindow`` ….
    :param msi: a package of Windows Installer.
    :param log: the file that an installer is told to write; "" for none.
    """

    file: str
    directory: str
    tool: str
    installer: bool = False
    strip: int = 0
    arguments: tuple[str, ...] = ()
    apart: bool = False
    starter: Literal["", "Start-Process", "start"] = ""
    started_with: frozenset[str] = frozenset()
    msi: bool = False
    log: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Action):
    """Files or directories removed; patterns as they are written.

    :param known: False where it cannot be told what is removed.
    """

    paths: tuple[str, ...]
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Action):
    """A file or directory moved, copied or linked to another place."""

    source: str
    target: str
    kind: Literal["move", "copy", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyIn(Action):
    """COPY or ADD: from the build context (``origin`` is None), a stage (its index) or an image (its reference)."""

    sources: tuple[str, ...]
    target: str
    origin: int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Action):
    """A program or cmdlet run.

    :param name: as :attr:`contrib.shells.model.Command.full_name`.
    :param arguments: resolved words.
    :param files: the arguments as absolute paths.
    :param quiet: part of a longer command (a condition, a substitution), not a statement of its own.
    """

    name: str
    path: str
    arguments: tuple[str, ...]
    files: tuple[str, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compile(Action):
    """Compiling: ``make``, ``./configure``, ``go build`` …; ``install`` when it puts things in place.

    :param prefix: of ``install``, as given.
    """

    tool: str
    install: bool
    directory: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages(Action):
    """A package manager's work.

    :param verb: ``add``, ``remove``, ``update``, ``clean``.
    :param virtual: apk's ``--virtual`` name.
    :param no_cache: nothing is kept.
    :param version: that is asked for, of all ``names``; "" for none.
    :param loose: those of ``names`` that no exact version is asked for (not said of a distribution's packages,
        which move with it).
    """

    manager: str
    verb: Literal["add", "remove", "update", "clean"]
    names: tuple[str, ...]
    virtual: str = ""
    no_cache: bool = False
    version: str = ""
    loose: tuple[str, ...] = ()

    @property
    def versions(self) -> dict[str, str]:
        """The exact version of each package that has one, by the package's name in lower case."""
        found = {}
        for name in self.names:
            bare, sign, asked = name.replace("==", "@").rpartition("@")
            if sign and bare and name not in self.loose:
                found[bare.strip().lower()] = asked.strip()
            elif self.version and not sign:
                found[name.lower()] = self.version
        return found

    @property
    def of_language(self) -> bool:
        """Libraries and tools of a language, or modules of PowerShell."""
        return self.manager in _LANGUAGES or ("-" in self.manager and self.manager[:1].isupper())


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEdit(Action):
    """PATH changed.

    :param directories: that are put on it.
    :param scope: ``machine``, ``user``, ``process``, ``image`` (ENV), ``installer``.
    :param literal: a variable in it stays unexpanded (``%PATH%`` under PowerShell).
    """

    directories: tuple[str, ...]
    scope: Literal["machine", "user", "process", "image", "installer"]
    literal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Action):
    """A text in a file replaced, added or taken out.

    :param kind: ``replace`` (``pattern`` by ``text``), ``append`` (``text``), ``drop`` (lines with ``pattern``),
        ``write`` (the whole file is ``text``).
    :param file: the file that has the result.
    :param origin: the file that was read, when it is another.
    :param address: of the lines that a replacement is made in, a regular expression; "" for all.
    """

    kind: Literal["replace", "append", "drop", "write"]
    file: str
    origin: str
    pattern: str
    text: str
    tool: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Action):
    """A text looked for in a file, the build ending when it is not there (``grep`` under ``set -e`` …)."""

    file: str
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Action):
    """An environment variable set for the machine (``setx /M``, ``SetEnvironmentVariable``), PATH apart."""

    name: str
    value: Value
    scope: Literal["machine", "user", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Action):
    """A user or group made, or its rights set: ``user``, ``group``, ``chown``, ``chmod``, ``umask``, ``icacls``."""

    kind: Literal["user", "group", "chown", "chmod", "umask"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory(Action):
    """Directories made."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Action):
    """A service made, started or set up.

    :param reason: what does it, for people.
    """

    reason: str
