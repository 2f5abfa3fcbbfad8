"""A person's own Windows Dockerfile, laid over the image's data.

What is theirs to decide is taken (:func:`take`): the source of the binaries, the archive, the version, the
install directory, further settings, ports and variables. What the rules and the twin decide is ours. When
the Dockerfile is made, both are compared fact by fact, and every fact is told as kept or replaced, by which
rule and why (:func:`decide`): what is told is what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from contrib.facts.kinds import (
    Base,
    Command,
    Configuration,
    CopiedImage,
    Download,
    DownloadVerified,
    Environment,
    Fact,
    InstallLocation,
    OnPath,
    Outcome,
    Ports,
    SourceOrBinary,
    User,
)
from contrib.facts.model import FactSheet
from contrib.generate.model import Decision, Overlay
from contrib.images.model import Image, Port, Reason, Setting
from contrib.images.templates import Options
from contrib.releases import Catalogue, Checksum, Release, Version
from contrib.values.errors import BadInput
from contrib.values.guards import Guards

_INSTALL = re.compile(r"[Cc]:(?:\\[A-Za-z0-9._-]+)+")
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9 ._:/*@%+,=-]{1,200}")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/releases/download/([^/]+)/([^/?#]+\.zip)")
_SETTING_NAME = re.compile(r"[a-z0-9_.-]+")
_PORT = re.compile(r"[0-9]{1,5}/(?:tcp|udp)")

#: Fact -> rule and reason, for what the rules or the twin decide. ``{theirs}`` and ``{ours}`` are filled in.
REPLACED: Mapping[str, tuple[str, str]] = {
    "base": (
        "base-not-allowed",
        "official images build on the few Windows bases that are pinned, one tag for each release",
    ),
    "base-pinned": (
        "moving-base-tag",
        "the tag decides on which hosts the image runs, and Constraints must say the same",
    ),
    "version-declared": (
        "hard-coded-version",
        "users and the update scripts read the version from the environment",
    ),
    "download-scheme": ("plain-http-download", "https wherever the site has it"),
    "download-verified": (
        "unverified-download",
        "a checksum in the file, compared before the archive is unpacked",
    ),
    "source-or-binary": (
        "",
        "the port's archive is unpacked; an installer brings a service and leaves a log behind",
    ),
    "install-location": (
        "install-path-with-spaces",
        "quoting differs in Docker, cmd and PowerShell; a path without spaces needs none",
    ),
    "on-path": (
        "setx-without-machine",
        "PATH is set for the machine, so that every user and every shell finds the programs",
    ),
    "install-checked": (
        "no-post-install-check",
        "a missing library or a wrong PATH shows at build time, not in users' hands",
    ),
    "cleaned-up": ("layer-keeps-archive", "removing the archive in a later RUN saves nothing"),
    "build-fails-loudly": (
        "missing-error-preference",
        "without it PowerShell goes on after a failed download",
    ),
    "user": ("user-not-restored", "the image runs as the base's own user"),
    "volumes": (
        "data-volume",
        "the Linux image of this series declares it so, and users mount what it documents",
    ),
    "workdir": (
        "data-volume",
        "the server writes to its working directory: the data directory, as in the Linux image",
    ),
    "entrypoint": (
        "entrypoint-script",
        "Windows has no exec, so a script would stay between Docker and the program",
    ),
    "command": (
        "shell-form-cmd",
        "in exec form the program itself is the main process, and docker stop reaches it",
    ),
    "foreground": ("keep-alive-loop", "the container has to end when its program does"),
    "healthcheck": ("healthcheck", "official images have none: users and orchestrators decide"),
    "labels": ("maintainer-instruction", "maintainers are named in the library file"),
    "copied-files": (
        "copied-binary",
        "nothing comes from the build context that can be downloaded and verified",
    ),
    "ports": ("", "the Linux image's ports are exposed, and theirs"),
    "stop-signal": ("no-signals-on-windows", "Windows containers get no signals"),
    "installed-tools": ("", "all programs that the image promises by name are there"),
    "environment": ("", "it is none that a running container needs"),
    "configuration": ("", "the Linux image decides it"),
}

#: Consequences of other facts, told there.
_NOT_TOLD = frozenset({"default-survives-arguments", "base-pinned", "stop-signal", "arguments-as-program"})


def take(image: Image, sheet: FactSheet, guards: Guards) -> Overlay:
    """What a person's Dockerfile decides.

    :param guards: told when the source has ended (``ended-port``); it is kept where that is lifted.
    :raises BadInput: it is no Windows Dockerfile.
    """
    if sheet.platform != "windows":
        raise BadInput(
            "builds a Linux image",
            file=sheet.source,
            hint="--from takes your Windows Dockerfile; the twin is upstream's",
        )
    taken = _Taking(image, sheet, guards)
    port, version = taken.port()
    install = taken.install()
    settings = taken.settings()
    options = Options(
        port=port,
        settings=settings,
        install=install,
        exposed=taken.exposed(),
        environment=taken.environment(),
    )
    return Overlay(
        source=sheet.source,
        port=port,
        version=version,
        sha256=taken.digest() if version is not None else None,
        options=options,
        decisions=tuple(taken.decisions),
        notes=tuple(taken.notes),
        theirs=sheet,
    )


class _Taking:
    def __init__(self, image: Image, sheet: FactSheet, guards: Guards) -> None:
        self.image, self.sheet, self.guards = image, sheet, guards
        self.decisions: list[Decision] = []
        self.notes: list[str] = []

    def replaced(self, fact: Fact, ours: str, rule: str, why: str) -> None:
        self.decisions.append(Decision(fact.name, fact.value, ours, "replaced", rule, why, fact.line))

    def kept(self, fact: Fact, why: str) -> None:
        self.decisions.append(Decision(fact.name, fact.value, fact.value, "kept", "", why, fact.line))

    # -- the source of the binaries --------------------------------------------------------------------------

    def port(self) -> tuple[Port, str | None]:
        """Whose binaries, and which version; the image's own where theirs cannot be used."""
        living = self.image.port
        fact = self.sheet.of(Download, "")
        if fact is None:
            self.notes.append(
                f"{self.sheet.source} downloads nothing that is known here: {living.repository} is used."
            )
            return living, None
        url = fact.value
        port = self.image.port_of(url)
        if port is None:
            return self._foreign(fact, url)
        if not port.alive:
            return self._dead(fact, port)
        if not port.makes(url):
            service = "service" in url.lower()
            self.replaced(
                fact,
                port.asset_name("VERSION"),
                "windows-service" if service else "",
                "a service would run beside the foreground process"
                if service
                else "this archive of the port is the one that is known here",
            )
        else:
            self.kept(fact, f"{port.reason.why}")
        return port, self._version(fact)

    def _version(self, fact: Download) -> str | None:
        text = fact.version or self.sheet.version or ""
        version = Version.maybe(text)
        return text if version is not None else None

    def _dead(self, fact: Download, port: Port) -> tuple[Port, str | None]:
        told = f"{port.repository} has ended ({port.last}, {port.ended}): {port.reason.why}."
        if self.guards.offer("ended-port", told.rstrip(".")):
            self.notes.append(f"{told} It is kept, as --allow ended-port asks.")
            self.kept(fact, "it has ended, and is kept as --allow ended-port asks")
            return port, self._version(fact)
        living = self.image.port
        self.notes.append(
            f"{told} {living.repository} is used instead; to keep the ended one takes --allow ended-port."
        )
        version = self.sheet.get("version")
        if version is not None:
            self.replaced(
                version, "the newest", "", f"its source has ended; {living.repository} has later ones"
            )
        self.replaced(
            fact, living.repository, "", f"{port.reason.why}; {living.repository} {living.reason.why}"
        )
        return living, None

    def _foreign(self, fact: Download, url: str) -> tuple[Port, str | None]:
        """A source that the image's data does not name: kept where it can be unpacked and told by version."""
        living = self.image.port
        version = self._version(fact)
        found = _GITHUB.fullmatch(url)
        why = None
        if found is None:
            why = "only archives (.zip) of releases on GitHub can be taken from elsewhere"
        elif version is None or version not in url:
            why = "its address names no version, so that nothing could keep it current"
        if why is not None or found is None or version is None:
            self.replaced(
                fact, living.repository, "" if url.startswith("https:") else "plain-http-download", why or ""
            )
            return living, None
        repository, tag, asset = (part.replace(version, "{version}") for part in found.groups())
        install = self.sheet.first(InstallLocation)
        top = ""
        if install is not None and install.value.endswith(asset.replace("{version}", version)[:-4]):
            top = asset[:-4]
        self.kept(fact, "the source of the binaries is theirs to decide")
        self.notes.append(
            f"{repository} is none of the sources that the image's data names: what stands in its archives is not known here."
        )
        return (
            replace(
                living,
                name="own",
                repository=repository,
                former=(),
                alive=True,
                source="",
                tag=tag,
                asset=asset,
                archive_top=top,
                reason=Reason("the contributor's own choice"),
            ),
            version,
        )

    def digest(self) -> str | None:
        """The sha256 that their file holds of the archive."""
        fact = self.sheet.of(DownloadVerified, "")
        if fact is None or fact.algorithm != "sha256":
            return None
        digest = (fact.expected or "").lower()
        return digest if re.fullmatch(r"[0-9a-f]{64}", digest) else None

    # -- the rest ------------------------------------------------------------------------------------------

    def install(self) -> str | None:
        """Their install directory; None where the image's is used."""
        fact = self.sheet.first(InstallLocation)
        if fact is None:
            return None
        directory = fact.value.rstrip("\\")
        top = directory.split("\\")[1].lower() if "\\" in directory else ""
        if not _INSTALL.fullmatch(directory) or top in ("windows", "program files", "users", "programdata"):
            return None
        if self.image.data and directory.lower() == self.image.data.lower():
            return None
        return directory

    def settings(self) -> tuple[Setting, ...]:
        """The image's settings, and theirs that are nobody else's to decide."""
        own = {setting.name for setting in self.image.settings}
        settings = list(self.image.settings)
        for fact in self.sheet.each(Configuration):
            name, value = fact.setting, fact.to
            if name in own or not _SETTING_NAME.fullmatch(name):
                continue
            if value is not None and self.image.defaults.get(name) == value:
                self.kept(fact, "it is the built-in default")
            elif name in self.image.decided:
                self.replaced(fact, "not set", "", self.image.decided[name])
            elif value is None or not _PLAIN_VALUE.fullmatch(value):
                self.replaced(
                    fact, "not set", "", "its value could not be read, or cannot be written into a RUN"
                )
            else:
                self.kept(fact, "further settings are theirs to decide")
                settings.append(Setting(name, "", value, "", (), Reason(f"{self.sheet.source} sets it")))
        return tuple(settings)

    def exposed(self) -> tuple[str, ...]:
        """The image's ports, and theirs."""
        fact = self.sheet.first(Ports)
        theirs = fact.ports if fact is not None else ()
        return tuple(dict.fromkeys((*self.image.exposed, *(p for p in theirs if _PORT.fullmatch(p)))))

    def environment(self) -> dict[str, str]:
        """Their variables for a running container."""
        names = self.image.environment
        own = {names.version, names.url, names.digest}
        found = {}
        for fact in self.sheet.each(Environment):
            name, value = fact.variable, fact.value
            if name in own or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                continue
            if _PLAIN_VALUE.fullmatch(value) and " " not in value:
                self.kept(fact, "further variables are theirs to decide")
                found[name] = value
            else:
                self.replaced(
                    fact, "not set", "", "its value needs quotes or other variables, and is not carried over"
                )
        return found


def single(overlay: Overlay) -> Catalogue:
    """The one release of a source that has no list of releases here: theirs, by their own file."""
    port = overlay.port
    if overlay.version is None:
        raise BadInput(
            f"the version of the binaries of {port.repository} cannot be told",
            file=overlay.source,
            hint="name it in the address of the download",
        )
    checksums = () if overlay.sha256 is None else (Checksum("your Dockerfile", "sha256", overlay.sha256),)
    absent = ("your Dockerfile",) if overlay.sha256 is None else ()
    version = Version.parse(overlay.version)
    release = Release(
        version,
        port.url(overlay.version),
        port.asset_name(overlay.version),
        None,
        version.prerelease,
        checksums,
        absent,
    )
    return Catalogue.of(port.name, overlay.source, [release])


def with_theirs(release: Release, overlay: Overlay) -> Release:
    """The release, with the digest that their own file holds of the same archive beside the others."""
    if overlay.sha256 is None or overlay.version != release.version.text:
        return release
    own = Checksum("your Dockerfile", "sha256", overlay.sha256)
    return release if own in release.checksums else replace(release, checksums=(*release.checksums, own))


def decide(image: Image, overlay: Overlay, theirs: FactSheet, ours: FactSheet) -> tuple[Decision, ...]:
    """Every fact of both files: kept or replaced, by which rule and why."""
    told = {decision.fact: decision for decision in overlay.decisions}
    return tuple(_decisions(image, told, theirs, ours))


def _decisions(
    image: Image, told: dict[str, Decision], theirs: FactSheet, ours: FactSheet
) -> Iterator[Decision]:
    names = dict.fromkeys([fact.name for fact in theirs.facts] + [fact.name for fact in ours.facts])
    for name in names:
        if name in _NOT_TOLD:
            continue
        their, our = theirs.get(name), ours.get(name)
        if our is None and name.startswith("download-pinned"):
            continue  # of an address that is told by itself
        if name in told:
            yield _current(told[name], our)
        elif their is not None and our is not None and _same(their, our):
            yield Decision(name, their.value, our.value, "kept", "", "as it was", their.line)
        elif their is None and name.startswith("installed-tools:"):
            continue  # all of the archive's programs are there on both sides; only the checked ones are named
        else:
            rule, why = _gone(ours, name) if our is None else _reason(image, name, their, our)
            yield Decision(
                name,
                their.value if their is not None else "none",
                our.value if our is not None else "none",
                "replaced",
                rule,
                why,
                their.line if their is not None else None,
            )


#: What the servercore image decides for a nanoserver image that copies from it.
_ELSEWHERE = frozenset(
    ("download", "download-scheme", "download-verified", "source-or-binary", "cleaned-up", "configuration",
     "build-fails-loudly", "install-checked")
)  # fmt: skip


def _gone(ours: FactSheet, name: str) -> tuple[str, str]:
    """Why what they have is not in ours: no reason for having it is one for leaving it out."""
    kind = name.partition(":")[0]
    copied = ours.first(CopiedImage)
    if copied is not None and kind in _ELSEWHERE:
        return "", f"nanoserver copies from {copied.image}, where that is decided"
    if kind in (
        "entrypoint",
        "healthcheck",
        "labels",
        "copied-files",
        "environment",
        "stop-signal",
        "installed-tools",
    ):
        return REPLACED.get(kind, ("", "the Linux image has none"))
    return "", "the Linux image has none, and no rule asks for one"


def _current(decision: Decision, our: Fact | None) -> Decision:
    """The decision with what the file says in the end."""
    return replace(decision, ours=our.value) if our is not None else decision


def _same(their: Fact, our: Fact) -> bool:
    if isinstance(their, Outcome) and isinstance(our, Outcome):
        return their.ok and our.ok if isinstance(their, OnPath) else their.ok == our.ok
    if isinstance(their, DownloadVerified) and isinstance(our, DownloadVerified):
        return their.algorithm == our.algorithm and their.before_use and their.acted_on
    if isinstance(their, User) and isinstance(our, User):
        return their.user.lower() == our.user.lower()
    return their.value.lower() == our.value.lower()


def _reason(image: Image, name: str, their: Fact | None, our: Fact | None) -> tuple[str, str]:
    kind, _, detail = name.partition(":")
    setting = next((s for s in image.settings if kind == "configuration" and s.name == detail), None)
    if setting is not None:
        return "", setting.reason.why
    if isinstance(their, Base):
        return _base_rule(image, their)
    if kind == "version":
        return "", "the port's release that is taken"
    if kind == "download":
        return "", image.port.reason.why
    if kind == "user" and our is not None and "ContainerUser" not in our.value:
        return "", "accepted servercore images run as the administrator of the container"
    if kind == "install-location" and their is not None and " " not in their.value:
        return "", "the programs get a directory of their own on the drive of the container"
    if kind == "download-verified" and their is not None:
        return (
            "ineffective-verification",
            "sha256 at least, compared before the archive is unpacked, and acted on",
        )
    if isinstance(our, (SourceOrBinary, CopiedImage)) and getattr(our, "kind", "copied") == "copied":
        return "", "nanoserver has no PowerShell: the programs are copied from the servercore image"
    if isinstance(their, Command) and isinstance(our, Command) and their.form == "exec":
        if any(word.replace("\\", "/").endswith("/" + image.configured) for word in our.arguments):
            return (
                "",
                "the settings stand in a configuration file that CMD names, as the build reads its path",
            )
        return "", "the program by its name, with what the Linux image sets by other means"
    if kind == "entrypoint" and their is None:
        return "", "an image of the twin's kind has one"
    rule, why = REPLACED.get(kind, ("", "the rules or the twin decide it"))
    return rule, why


def _base_rule(image: Image, their: Base) -> tuple[str, str]:
    repository = their.repository
    bases = {variant.base for variant in image.variants}
    if their.value in bases:
        return "", "each variant has its own base; theirs is one of them"
    if repository.startswith("microsoft/") or "/" not in repository:
        return (
            "retired-base-repository",
            "Microsoft moved its images to its own registry; the names on the Hub are gone",
        )
    if not their.pinned:
        return REPLACED["base-pinned"]
    if any(base.partition(":")[0] == repository for base in bases):
        return "eol-base", "a Windows release that official images no longer build"
    return REPLACED["base"]
