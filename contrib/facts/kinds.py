"""Packaging facts (PARITY): what a Dockerfile decides that a user or a maintainer can notice, one class per kind.

A fact's text is for a table cell; the fields of its class hold what a comparison needs beyond the text. Facts of
one kind about several things are told apart by what they are about: ``download:gosu``, ``environment:GOPATH``.
"""

from __future__ import annotations

from typing import Literal

from contrib.values.records import dataclass

Form = Literal["exec", "shell"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    :param name: of PARITY's catalogue (``download-verified``), with what it is about after a colon
        (``configuration:protected-mode``, ``installed-tools:redis-cli``).
    :param value: short text for a table cell (``sha256``, ``alpine:3.20``, ``6379/tcp``).
    :param line: first line that decides it; None when it is known from the absence of a line.
    """

    name: str
    value: str
    line: int | None = None
    end_line: int | None = None

    @property
    def about(self) -> str:
        """What the fact is about, where there are several of its kind; "" for the image itself."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Fact):
    """A fact that is in order or is not.

    :param ok: it is.
    """

    ok: bool


# -- base and version ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Base(Fact):
    """``base``: what the last stage stands on, through stages down to an image.

    :param repository: of the reference. :param kind: ``servercore``, ``nanoserver``, ``windows``; None for others.
    :param release: of Windows (``ltsc2022``); None where the tag names none.
    :param pinned: it cannot move to another release.
    :param known: False where a part of the reference is given at build time.
    """

    repository: str
    kind: str | None
    release: str | None
    pinned: bool
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BasePinned(Fact):
    """``base-pinned``: the base cannot move; absent where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Fact):
    """``version``: which version the image claims.

    :param origin: where it says so: ``ENV``, ``ARG``, ``download`` (its address), ``file`` (the name of what is unpacked
        from the build context), ``copy`` (the tag of an image), ``package`` (what a package manager is asked for).
    :param variable: that holds it; "" for none.
    :param download: the version in the address of the image's own download; None where it has none.
    :param agrees: the two do not contradict each other.
    """

    origin: Literal["ENV", "ARG", "download", "file", "copy", "package"]
    variable: str = ""
    download: str | None = None
    agrees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDeclared(Fact):
    """``version-declared``: the variable that tells a container its version, which is also the text.

    :param used: the download uses it, or repeats its value.
    """

    used: bool


# -- downloads -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Fact):
    """``download``: an address that is fetched, which is also the text.

    :param known: every part of the address is.
    :param version: in the address; None where it names none.
    :param tool: that fetches it. :param host: the site, with owner and repository on GitHub.
    :param revision: of a clone.
    :param unfollowed: its digest is computed, and with what it is compared could not be followed.
    """

    known: bool
    version: str | None
    tool: str
    host: str
    revision: str = ""
    unfollowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadScheme(Fact):
    """``download-scheme``: ``https``, ``http`` …, which is also the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPinned(Fact):
    """``download-pinned``: whether the address fixes the content, told where it does or where it moves.

    :param pin: the commit or digest in the address; None for none.
    :param moving: why the address moves, for people; None where it does not.
    """

    pin: str | None
    moving: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadVerified(Fact):
    """``download-verified``: by what a download is verified, and whether that has an effect.

    :param algorithm: the strongest. :param strength: of it, comparable.
    :param where: the expected value is written (``ENV X``, ``in the RUN``, ``fetched``, ``package`` …).
    :param expected: the digest; None where it cannot be told.
    :param written: the file itself vouches for the content.
    :param acted_on: a mismatch ends the build.
    :param before_use: nothing used the file before. :param use_line: where it is used; None where it is not.
    """

    algorithm: str
    strength: int
    where: str
    expected: str | None
    written: bool
    acted_on: bool
    before_use: bool
    use_line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedImage(Fact):
    """``copied-image``: an image that something is copied from; the text names what.

    :param image: its reference. :param sources: paths there.
    :param system: libraries of Windows alone, no program.
    """

    image: str
    sources: tuple[str, ...]
    system: bool


# -- installing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOrBinary(Fact):
    """``source-or-binary``: how the program comes into the image.

    :param kind: ``copied`` from another image; ``context``: from the build context.
    """

    kind: Literal["source", "binary", "package", "copied", "context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallLocation(Fact):
    """``install-location``: the directory of the programs, which is also the text.

    :param removed: programs that the build takes out of it again.
    """

    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPath(Outcome):
    """``on-path``: whether the program is found by its name.

    :param scope: of the change of PATH: ``machine``, ``user``, ``image``, ``installer``; "" for none.
    :param literal: a variable that this shell leaves as it is, so that PATH is lost.
    :param workdir: the program is found from the working directory alone.
    """

    scope: str = ""
    literal: str = ""
    workdir: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledTool(Fact):
    """``installed-tools``: a program that the file itself names, which is also the text.

    :param context: a file of that name comes from the build context: it may be a script.
    """

    context: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallChecked(Fact):
    """``install-checked``: the programs that the build runs to see that they work."""

    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedUp(Outcome):
    """``cleaned-up``: what the build fetched for itself is removed in the layer that made it.

    :param left: what is not.
    """

    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsLoudly(Outcome):
    """``build-fails-loudly``: a step that fails ends the build.

    :param unguarded: lines of the RUNs where it does not.
    """

    unguarded: tuple[int, ...] = ()


# -- running ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Fact):
    """``user``: as whom the main process runs.

    :param user: the name.
    :param explicit: USER says so, not the base.
    :param administrator: of a Windows container. :param nanoserver: the base is one.
    """

    user: str
    explicit: bool
    administrator: bool = False
    nanoserver: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Fact):
    """``environment``: a variable that a running container sees; the text is its value.

    :param variable: its name.
    :param entry: a script that the image copies reads it, and nothing else in the file does.
    :param inherited: the base sets it.
    :param known: False where the value is given at build time; the text is then as written.
    """

    variable: str
    known: bool = True
    entry: bool = False
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(Fact):
    """``configuration``: a default that is changed, by setting.

    :param setting: its name. :param to: what it is then; None where the built-in default holds again.
    :param means: ``source`` (compiled in), ``file``, ``entrypoint``, ``command`` (a flag of CMD).
    :param copied: it stands in a configuration file of the build context, beside defaults that are no change.
    :param checked: the build looks whether the change took place.
    """

    setting: str
    to: str | None
    means: str
    copied: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survives(Outcome):
    """``default-survives-arguments``: changed defaults hold whatever arguments a person gives.

    :param settings: those that do not. :param copied: likewise, of a configuration file of the build context.
    :param file: the configuration file that CMD names; None where it names none.
    :param command: the program and its arguments, as started.
    """

    settings: tuple[str, ...]
    copied: tuple[str, ...]
    file: str | None
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports(Fact):
    """``ports``: what EXPOSE names, here and in the base, each with its protocol (``6379/tcp``).

    :param inherited: the base alone says so.
    """

    ports: tuple[str, ...]
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes(Fact):
    """``volumes``: what VOLUME names, here and in the base, absolute.

    :param inherited: the base alone says so.
    """

    volumes: tuple[str, ...]
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdir(Fact):
    """``workdir``: the working directory, absolute, which is also the text.

    :param inherited: the base alone says so.
    """

    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrypoint(Fact):
    """``entrypoint``: what ENTRYPOINT starts.

    :param program: its name. :param script: it is a script.
    :param inherited: the base alone says so.
    """

    form: Form
    program: str
    script: bool
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Fact):
    """``command``: the program that starts by default, and its arguments.

    :param program: its name; "" where it cannot be told.
    :param words: of CMD in exec form, as written.
    :param around: the shell that becomes the main process, in exec form; "" for none.
    :param by_entrypoint: there is no CMD; ENTRYPOINT starts it.
    :param inherited: the base alone says so.
    """

    form: Form
    program: str
    arguments: tuple[str, ...]
    words: tuple[str, ...]
    around: str = ""
    by_entrypoint: bool = False
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreground(Outcome):
    """``foreground``: the main process is the program itself.

    :param program: that is meant to run. :param why: it is not the main process; "" where it is.
    """

    program: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentsAsProgram(Fact):
    """``arguments-as-program``: what becomes of the arguments of ``docker run IMAGE``.

    :param program: that gets them.
    """

    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck(Fact):
    """``healthcheck``: the command of HEALTHCHECK."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Fact):
    """``labels``: a label, or ``MAINTAINER``; the text is its value.

    :param label: its name.
    """

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile(Fact):
    """``copied-files``: a file of the build context that the image has.

    :param file: its name.
    :param purpose: ``entrypoint``, ``configuration``, ``binary``, ``script`` or ``file``.
    :param read: its content is part of the facts.
    """

    file: str
    purpose: str
    read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPlatform(Fact):
    """A fact that only one platform has a use for: ``timezone-data``, ``step-down``, ``build-tools`` …"""
