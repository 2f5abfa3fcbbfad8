"""An image's folder as values: what ``library_templates/<image>/image.toml`` says.

Frozen, complete and checked (:mod:`contrib.images.reading`); code asks these values and knows no image.
Regular expressions in it are Python's; texts are plain prose, one sentence without markup.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from contrib.values.findings import Evidence
from contrib.values.records import dataclass, field
from contrib.values.versions import Version

#: The layouts of an image's repository (DESIGN, "Facts of the field"); the keys of ``[layouts.…]``.
LAYOUTS = ("plain", "templated", "release-branches", "release-branches-jinja")

#: The two kinds of Windows base that official images build on.
KINDS = ("windowsservercore", "nanoserver")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so, and where that is written down."""

    why: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on GitHub.

    :param name: ``owner/name``.
    :param branch: the default branch.
    """

    name: str
    branch: str

    @property
    def url(self) -> str:
        """Where it is cloned from."""
        return f"https://github.com/{self.name}.git"

    @property
    def page(self) -> str:
        """Its page."""
        return f"https://github.com/{self.name}"


@dataclass(frozen=True, slots=True)
class LayoutFacts:
    """What the image says of one layout of its repository.

    :param key: one of :data:`LAYOUTS`.
    :param repository: the repository that has (or had) this layout.
    :param directory: of a Windows variant, with ``{series}``, ``{variant}``, ``{kind}``, ``{release}``.
    :param linux: path of the Linux Alpine twin's Dockerfile, with ``{series}``.
    :param template: file name of upstream's Windows template with ``{kind}`` (``windowsservercore``),
        ``{base}`` (``servercore``), ``{variant}``; empty where upstream keeps none.
    :param edits: file of the image's folder with the edits of upstream's scripts, relative; empty when none.
    :param expressions: upstream's expressions for the values of the template (``version`` to
        ``{{ .windows.version }}``), for layouts whose templates speak another language.
    """

    key: str
    repository: Repository
    directory: str
    linux: str
    template: str = ""
    edits: str = ""
    expressions: Mapping[str, str] = field(default_factory=dict)

    def directory_of(self, series: str, variant: str) -> str:
        """Directory of a variant, relative to the root of its branch."""
        kind, _, release = variant.partition("-")
        return self.directory.format(series=series, variant=variant, kind=kind, release=release)

    def linux_of(self, series: str) -> str:
        """Path of the twin's Dockerfile."""
        return self.linux.format(series=series)


@dataclass(frozen=True, slots=True)
class OfficialImages:
    """Where the image is listed.

    :param manifest: path of its library file.
    :param tests: path of the configuration that pull request B must edit.
    :param pins: directory of the allowed external bases.
    """

    repository: Repository
    manifest: str
    tests: str = "test/config.sh"
    pins: str = ".external-pins"


@dataclass(frozen=True, slots=True)
class Environment:
    """Names of the variables of the twin that the Windows file uses too; ``None`` where the twin has none."""

    version: str
    url: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Port:
    """A project that builds (or built) the software for Windows.

    :param name: short, as the other tables refer to it.
    :param repository: ``owner/name`` on GitHub.
    :param former: other names it was or is known under.
    :param alive: whether it still releases; a dead one is used only with ``--force``.
    :param source: name of its releases in ``sources.toml``; empty for a dead one without.
    :param tag: tag of a release, with ``{version}``.
    :param asset: file name of the archive, with ``{version}``.
    :param archive_top: the one directory at the archive's top, with ``{version}``; empty when there is none.
    :param configuration: configuration file inside the archive that the settings are made in.
    :param command: arguments after the program in CMD; ``{configured}`` is the configuration file that the
        settings are written to, as this build reads paths.
    :param paths: how its programs take paths on the command line: ``relative`` (with ``/``, to the data
        directory; for builds that know no drives) or ``windows``.
    :param libraries: files of ``C:\\Windows\\System32`` that a program needs and nanoserver lacks.
    :param flags: arguments after the program that make the image's settings without a file, from version
        ``flags_since`` on; with them no file is written.
    :param ended: date of the last release (ISO) of a dead one.
    :param last: its last version.
    """

    name: str
    repository: str
    former: tuple[str, ...]
    alive: bool
    source: str
    tag: str
    asset: str
    archive_top: str
    configuration: str
    command: tuple[str, ...]
    paths: Literal["relative", "root", "windows"]
    libraries: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    flags_since: str | None = None
    ended: str | None = None
    last: str | None = None
    reason: Reason = Reason("")
    command_line: Reason = Reason("")
    libraries_reason: Reason = Reason("")
    flags_reason: Reason = Reason("")

    def takes_flags(self, version: str) -> bool:
        """Whether the image's settings are flags of CMD at a version, and not a file that CMD names."""
        if not self.flags or self.flags_since is None:
            return False
        found = Version.maybe(version)
        return found is not None and found >= Version.parse(self.flags_since)

    def asset_name(self, version: str) -> str:
        """File name of the archive of a version."""
        return self.asset.format(version=version)

    def url(self, version: str) -> str:
        """Where a release's archive is downloaded from."""
        tag = self.tag.format(version=version)
        return f"https://github.com/{self.repository}/releases/download/{tag}/{self.asset_name(version)}"

    def version_of_tag(self, tag: str) -> str | None:
        """The version that a tag names, None when the tag is of another form."""
        pattern = re.escape(self.tag).replace(re.escape("{version}"), "(.+)")
        found = re.fullmatch(pattern, tag)
        return found.group(1) if found else None

    def makes(self, url: str) -> bool:
        """Whether a download's file name is that of this build's archives."""
        pattern = re.escape(self.asset).replace(re.escape("{version}"), "[0-9][0-9A-Za-z.-]*")
        return re.fullmatch(pattern, url.rpartition("/")[2], re.IGNORECASE) is not None

    def owns(self, url: str) -> bool:
        """Whether a download's address is of this project, under whichever of its names."""
        names = "|".join(re.escape(name) for name in (self.repository, *self.former))
        return re.match(rf"https?://github\.com/(?:{names})/", url, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Variant:
    """One Windows variant.

    :param name: ``windowsservercore-ltsc2025``; directory, tag suffix and constraint.
    :param kind: one of :data:`KINDS`.
    :param release: of Windows, ``ltsc2025``.
    :param base: reference of the base image.
    :param copies_from: the variant whose image the programs are copied from; None when it installs them.
    :param architectures: as in the library file.
    :param constraints: as the library file needs them.
    """

    name: str
    kind: str
    release: str
    base: str
    copies_from: str | None
    architectures: tuple[str, ...]
    constraints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathRule:
    """A directory of the twin and where it is on Windows."""

    linux: str
    windows: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that the image promises by name, and its file in the port's archive.

    :param since: first version that has it, None for all.
    :param checked: run with ``--version`` at the end of the build, as the twin does.
    """

    name: str
    file: str
    since: str | None = None
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A default that the image changes.

    :param name: of the setting, as the configuration file writes it.
    :param was: the line's value in the port's file, a regular expression of .NET and Python alike; empty for a
        line that is not there and is added.
    :param value: what it is set to; None takes the line out of force, so that the built-in default holds.
    :param default: the built-in default that holds then, for people.
    :param comment: lines for the Dockerfile, without the ``#``.
    :param port: name of the port whose file has it, None for all.
    """

    name: str
    was: str
    value: str | None
    default: str
    comment: tuple[str, ...]
    reason: Reason
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Justified:
    """A difference between the twins that the platform forces, for this image.

    :param fact: of PARITY's catalogue, also ``configuration:NAME``.
    """

    fact: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Loss:
    """A difference that the platform or the port forces, and that costs the user something: never ``justified``.

    :param fact: of PARITY's catalogue. :param port: name of the port that it is true for, None for all.
    """

    fact: str
    reason: Reason
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """A finding that is accepted for this image, with the reason; shown and not counted.

    :param rule: its id. :param path: glob over the file's path.
    """

    rule: str
    path: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class TestExclusion:
    """A test of official-images that cannot run for a kind of Windows variant.

    :param variant: the word of the tag that ``test/config.sh`` matches (``windowsservercore``).
    :param test: its name (``redis-basics``).
    """

    __test__ = False  # its name begins with "Test", and it is none of pytest's

    variant: str
    test: str
    why: str


@dataclass(frozen=True, slots=True)
class PlanNote:
    """Something that a maintainer will ask and the plan answers unasked.

    :param topic: a word or two.
    :param text: with ``{command}`` for what CMD starts.
    :param since: first version that it is true for, None for all.
    :param port: name of the port that it is true for, None for all.
    :param unseen: true for what cannot be seen without Windows ("not run here").
    """

    topic: str
    text: str
    since: str | None = None
    unseen: bool = False
    evidence: tuple[Evidence, ...] = ()
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """All of an image's folder.

    :param folder: where it was read from; templates are beside it.
    :param program: the program that CMD starts.
    :param install: directory of the programs on Windows.
    :param configured: name of the configuration file that the settings are written to, beside the programs.
    :param defaults: built-in defaults of settings: what is set to these is as good as not set.
    :param decided: settings that are not a person's to decide, and why.
    :param linux_source: and ``pins_source``: names in ``sources.toml``.
    """

    name: str
    title: str
    folder: Path
    program: str
    install: str
    configured: str
    layouts: tuple[LayoutFacts, ...]
    official_images: OfficialImages
    environment: Environment
    linux_sources: tuple[str, ...]
    linux_source: str
    pins_source: str
    ports: tuple[Port, ...]
    variants: tuple[Variant, ...]
    templates: Mapping[str, str]
    path_map: tuple[PathRule, ...]
    data: str
    tools: tuple[Tool, ...]
    settings: tuple[Setting, ...]
    defaults: Mapping[str, str]
    decided: Mapping[str, str]
    exposed: tuple[str, ...]
    justified: tuple[Justified, ...]
    accepted: tuple[Accept, ...]
    test_exclusions: tuple[TestExclusion, ...]
    notes: tuple[PlanNote, ...]
    losses: tuple[Loss, ...] = ()

    @property
    def port(self) -> Port:
        """The living port that is used unasked: the first; reading makes sure that there is one."""
        return next(port for port in self.ports if port.alive)

    def port_named(self, name: str) -> Port | None:
        """The port of that name."""
        return next((port for port in self.ports if port.name == name), None)

    def port_of(self, url: str) -> Port | None:
        """The port that a download's address belongs to; of several builds of a project the one it is of."""
        owners = [port for port in self.ports if port.owns(url)]
        return next((port for port in owners if port.makes(url)), owners[0] if owners else None)

    def command(self, port: Port, install: str, *, flags: bool = False) -> tuple[str, ...]:
        """Program and arguments of CMD.

        :param install: on the drive of the data directory, as containers have one only.
        :param flags: the settings are flags (:meth:`Port.takes_flags`).

        >>> from contrib.images import load
        >>> load("redis").command(load("redis").port, "C:\\\\app")
        ('redis-server', '/app/redis.docker.conf')
        """
        if flags:
            return (self.program, *port.flags)
        path = f"{install}\\{self.configured}"
        if port.paths == "relative":
            path = ntpath.relpath(path, self.data or install).replace("\\", "/")
        elif port.paths == "root":
            path = ntpath.splitdrive(path)[1].replace("\\", "/")
        return (self.program, *(argument.replace("{configured}", path) for argument in port.command))

    def layout(self, key: str) -> LayoutFacts | None:
        """What is said of a layout; None when the image never had it."""
        return next((layout for layout in self.layouts if layout.key == key), None)

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """The image's own repositories, today's first, none twice."""
        return tuple(dict.fromkeys(layout.repository for layout in reversed(self.layouts)))

    def variant(self, name: str) -> Variant | None:
        """The variant of that name."""
        return next((variant for variant in self.variants if variant.name == name), None)

    def windows_path(self, linux: str) -> str | None:
        """Where a directory of the twin is on Windows, None when nothing is said of it.

        A path below a directory that is mapped is mapped with it.
        """
        path = PurePosixPath(linux)
        best = max(
            (rule for rule in self.path_map if path.is_relative_to(rule.linux)),
            key=lambda rule: len(rule.linux),
            default=None,
        )
        if best is None:
            return None
        rest = path.relative_to(best.linux).parts
        return "\\".join((best.windows, *rest))

    def reason_for(self, fact: str) -> Reason | None:
        """Why a difference in this fact is justified, None when nothing is said."""
        return next((entry.reason for entry in self.justified if entry.fact == fact), None)

    def loss_of(self, fact: str, port: Port | None) -> Reason | None:
        """Why a forced difference in this fact is a loss, None when it is none.

        :param port: that the programs come from; None where it is not one of the image's.
        """
        name = port.name if port is not None else None
        return next(
            (each.reason for each in self.losses if each.fact == fact and each.port in (None, name)), None
        )

    def is_source(self, url: str, platform: Literal["linux", "windows"]) -> bool:
        """Whether a download's address is one that the image names as that platform's source."""
        if platform == "windows":
            return self.port_of(url) is not None
        return any(re.match(pattern, url) for pattern in self.linux_sources)

    def accepts(self, rule: str, path: str) -> Reason | None:
        """Why a finding of that rule at that path is accepted, None when it is not."""
        return next(
            (a.reason for a in self.accepted if a.rule == rule and PurePosixPath(path).match(a.path)), None
        )
