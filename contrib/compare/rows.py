"""Fact by fact: what the two sides say, the verdict, the reason.

One function a fact, in the order of PARITY's catalogue. A function gets both facts (either may be
None, not both) and gives a row; :mod:`contrib.compare.platform` holds what Windows forces on every
image, the image what it forces on this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.dockerfile.platform import SUCCESSORS
from contrib.facts.model import Fact, FactSheet
from contrib.values.findings import Evidence, Verdict

if TYPE_CHECKING:
    from contrib.images.model import Image

SAME, DIFFERENT, MISSING = Verdict.SAME, Verdict.DIFFERENT, Verdict.MISSING
EXTRA, JUSTIFIED = Verdict.EXTRA, Verdict.JUSTIFIED
UNKNOWN = Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Sides:
    """Both fact sheets and what is known of the image."""

    windows: FactSheet
    linux: FactSheet
    image: Image | None

    def windows_path(self, linux: str) -> str:
        """Where a directory of the twin is on Windows: as the image says, else the same below ``C:``."""
        if self.image is not None and linux.startswith("/"):
            mapped = self.image.windows_path(linux)
            if mapped is not None:
                return paths.clean(mapped, "windows")
        return paths.join("C:\\", linux, "windows")

    @property
    def copied_from(self) -> str | None:
        """The image whose programs the Windows file copies instead of fetching them."""
        for fact in self.windows.all("copied-image"):
            if not fact.detail.get("system") and self.windows.get("download") is None:
                image = fact.detail.get("image")
                return str(image) if image is not None else None
        return None

    def own_reason(self, fact: str) -> platform.Reason | None:
        """The image's reason for a difference."""
        if self.image is None:
            return None
        found = self.image.reason_for(fact)
        return platform.Reason(found.why, found.evidence) if found is not None else None


Compare = Callable[[Sides, Fact | None, Fact | None, str], "ParityRow | None"]


def row(
    name: str,
    linux: Fact | None,
    windows: Fact | None,
    verdict: Verdict,
    why: str = "",
    hint: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> ParityRow:
    """A row."""
    return ParityRow(name, linux, windows, verdict, why, hint, evidence)


def unknown(name: str, linux: Fact | None, windows: Fact | None, why: str) -> ParityRow:
    """A row about which the file says nothing; ``why`` names what would."""
    return row(name, linux, windows, UNKNOWN, why)


def because(name: str, linux: Fact | None, windows: Fact | None, reason: platform.Reason) -> ParityRow:
    """A row that is justified by ``reason``."""
    return row(name, linux, windows, JUSTIFIED, reason.why, evidence=reason.evidence)


def platform_row(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow:
    """Justified by the platform (or, better, by the image), unless both say the same."""
    if (
        linux is not None
        and windows is not None
        and (linux.value == windows.value or name == "program-links")
    ):
        return row(name, linux, windows, SAME)
    reason = sides.own_reason(name) or platform.REASONS[name.split(":")[0]]
    return because(name, linux, windows, reason)


def plain_row(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow:
    """Same, different, missing or extra by the text alone."""
    if linux is None:
        return row(name, linux, windows, EXTRA, "only Windows has it")
    if windows is None:
        return row(name, linux, windows, MISSING, f"Linux has {linux.value}")
    if linux.value == windows.value:
        return row(name, linux, windows, SAME)
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def _copied(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """What was decided in the image that the programs are copied from."""
    origin = sides.copied_from
    if origin is None or windows is not None:
        return None
    return row(
        name, linux, windows, JUSTIFIED, f"decided in {origin}, which the programs are copied from",
        evidence=platform.REASONS["copied-image"].evidence,
    )  # fmt: skip


# -- base and version ------------------------------------------------------------------------------


def base(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Justified for an allowed base; different when it is retired, untagged or moving."""
    if windows is None or linux is None:
        return plain_row(sides, linux, windows, name)
    if linux.value == windows.value:
        return row(name, linux, windows, SAME)
    repository = str(windows.detail.get("repository") or "").lower()
    release = windows.detail.get("release")
    if repository in SUCCESSORS:
        return row(
            name, linux, windows, DIFFERENT, f"{repository} was given up for {SUCCESSORS[repository]}",
            hint=f"FROM {SUCCESSORS[repository]}:ltsc2025", evidence=(platform.BASES_EVIDENCE,),
        )  # fmt: skip
    if not windows.detail.get("pinned"):
        return row(
            name, linux, windows, DIFFERENT, "names no Windows release: the base moves",
            evidence=(platform.BASES_EVIDENCE,),
        )  # fmt: skip
    if release is not None and release not in platform.ALLOWED_RELEASES:
        return row(
            name, linux, windows, DIFFERENT, f"official images build on ltsc2022 and ltsc2025; {release} is not among them",
            evidence=(platform.lifecycle(), platform.BASES_EVIDENCE),
        )  # fmt: skip
    external = "." in repository.split("/")[0]
    if repository not in platform.ALLOWED_BASES and (external or "/" in repository):
        return row(
            name, linux, windows, DIFFERENT, "not a base that official images may build on",
            evidence=(platform.BASES_EVIDENCE,),
        )  # fmt: skip
    return because(name, linux, windows, sides.own_reason(name) or platform.REASONS["base"])


def base_pinned(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing when only Linux names a release."""
    if linux is not None and windows is not None:
        return row(name, linux, windows, SAME)
    if windows is None:
        return row(name, linux, windows, MISSING, "the tag names no Windows release", hint="FROM …:ltsc2025")
    return row(name, linux, windows, EXTRA, "Windows pins its base, Linux does not")


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group(0).split(".")[:4] if len(part) < 10) if found else ()


def behind(windows: str, linux: str) -> str:
    """How far one version is from another, in words.

    >>> behind("7.2.3", "7.2.5")
    '2 patch releases behind Linux'
    """
    one, other = _numbers(windows), _numbers(linux)
    size = max(len(one), len(other))
    one, other = one + (0,) * (size - len(one)), other + (0,) * (size - len(other))
    for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine != theirs:
            level = ("major", "minor", "patch", "build")[min(index, 3)]
            count = abs(mine - theirs)
            plural = "release" if count == 1 else "releases"
            if mine < theirs:
                return f"{count} {level} {plural} behind Linux"
            if level == "patch" and count > 20:
                return "a higher number than Linux has: the port counts its own"
            return f"{count} {level} {plural} ahead of Linux"
    return "the same numbers, another suffix"


def version(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Different, with how far; a version that the own download does not carry is said."""
    if windows is not None and not windows.detail.get("agrees", True):
        return row(
            name, linux, windows, DIFFERENT,
            f"{windows.detail.get('name')} says {windows.value}, the file that is fetched is {windows.detail.get('download')}",
        )  # fmt: skip
    if windows is None and (sides.windows.open.version or sides.windows.open.programs):
        return unknown(name, linux, windows, sides.windows.open.version or sides.windows.open.programs)
    if linux is None or windows is None:
        found = plain_row(sides, linux, windows, name)
        return replace(found, why="no version can be read from it") if windows is None else found
    if linux.value.replace("~", "-") == windows.value.replace("~", "-"):
        return row(name, linux, windows, SAME)
    return row(
        name, linux, windows, DIFFERENT, behind(windows.value, linux.value),
        hint="plain tags are shared with Linux only when the full versions are equal",
    )  # fmt: skip


def version_declared(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing when the version stands in the RUN."""
    if windows is None:
        if sides.windows.get("version") is None:
            return row(name, linux, windows, MISSING, "no ENV says which version this is")
        version_ = sides.windows.get("version")
        origin = version_.detail.get("from") if version_ is not None else None
        if origin in ("ENV", "ARG") and version_ is not None:
            return row(
                name, linux, windows, MISSING,
                f"{version_.detail.get('name')} is set for the build alone: a container does not have it",
                hint=f"ENV {version_.detail.get('name')}={version_.value} in the last stage",
            )  # fmt: skip
        where = "the RUN" if origin == "download" else "COPY --from"
        linux_name = f"ENV {linux.value}" if linux is not None else "ENV …_VERSION"
        return row(
            name, linux, windows, MISSING, f"the version stands in {where} alone; users and scripts read it from the environment",
            hint=f"{linux_name}={version_.value}" if version_ is not None else "",
        )  # fmt: skip
    if linux is None:
        return row(name, linux, windows, EXTRA, "Linux declares no version")
    one, other = str(linux.detail.get("name")), str(windows.detail.get("name"))
    if not windows.detail.get("used") and sides.windows.get("download") is not None:
        return row(
            name, linux, windows, DIFFERENT, f"{other} is declared, the download does not use or repeat it"
        )
    if one.upper() != other.upper():
        return row(
            name, linux, windows, DIFFERENT, f"{other} here, {one} on Linux: scripts look for one name"
        )
    return row(name, linux, windows, SAME)


# -- downloads -------------------------------------------------------------------------------------


def download(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Justified when both are sources of the platform; helpers by what they are for."""
    product = name.partition(":")[2]
    helper = platform.LINUX_HELPERS.get(product)
    if windows is None and helper is not None:
        return row(name, linux, windows, JUSTIFIED, helper)
    copied = _copied(sides, linux, windows, name)
    if copied is not None:
        return copied
    if windows is None and linux is not None:
        open_ = sides.windows.open
        if open_.context:
            return row(name, linux, windows, MISSING, "Windows takes the program from the build context")
        if open_.fetches or open_.base:
            return unknown(name, linux, windows, open_.fetches or open_.base)
        return row(name, linux, windows, MISSING, "Linux fetches it, Windows does not")
    if linux is None and windows is not None:
        helper = platform.WINDOWS_HELPERS.get(product)
        if helper is not None:
            return row(name, linux, windows, JUSTIFIED, helper)
        if not product:
            return _windows_source(sides, linux, windows, name) or row(
                name, linux, windows, JUSTIFIED,
                "Linux takes a package of its distribution; Windows has none",
            )  # fmt: skip
        return row(name, linux, windows, EXTRA, "only Windows fetches it")
    assert linux is not None and windows is not None
    if linux.value == windows.value:
        return row(name, linux, windows, SAME)
    if not product:
        known = _windows_source(sides, linux, windows, name)
        if known is not None:
            return known
    if linux.detail.get("host") == windows.detail.get("host"):
        return row(
            name,
            linux,
            windows,
            JUSTIFIED,
            f"the file for Windows, from {windows.detail.get('host')} like Linux’s",
        )
    reason = "another site than Linux’s"
    if sides.image is not None and not product:
        reason += f"; {sides.image.name} names {sides.image.port.repository} as the source for Windows"
    return row(name, linux, windows, DIFFERENT, f"{reason}: {windows.detail.get('host')}")


def _windows_source(sides: Sides, linux: Fact | None, windows: Fact, name: str) -> ParityRow | None:
    image = sides.image
    if image is None:
        return None
    url = str(windows.detail.get("url"))
    port = image.port_of(url)
    if port is None or (linux is not None and not image.is_source(str(linux.detail.get("url")), "linux")):
        return None
    if not port.alive:
        ended = f", its last is {port.last}" if port.last else ""
        return row(
            name, linux, windows, JUSTIFIED,
            f"binaries of {port.repository}, which has ended{ended}; {image.port.repository} is the living port",
            hint=f"contrib generate {image.name}", evidence=port.reason.evidence,
        )  # fmt: skip
    reason = sides.own_reason("download")
    return because(name, linux, windows, reason or platform.Reason(port.reason.why, port.reason.evidence))


def download_scheme(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Different only when Windows is the weaker one."""
    if windows is None or linux is None:
        if windows is not None and windows.value not in ("https", "ssh"):
            return row(
                name,
                linux,
                windows,
                DIFFERENT,
                f"fetched over {windows.value}; https wherever the site has it",
            )
        return None
    if windows.value == linux.value:
        return row(name, linux, windows, SAME)
    if windows.value == "https":
        return row(name, linux, windows, SAME, "the stronger of the two")
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def download_pinned(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Content fixed by the URL, or a URL that moves."""

    def moves(fact: Fact | None) -> bool:
        return fact is not None and fact.detail.get("moving") is not None

    product = name.partition(":")[2]
    suffix = f":{product}" if product else ""
    if moves(windows):
        verified = sides.windows.get("download-verified" + suffix)
        if verified is not None:
            return row(
                name, linux, windows, SAME, "the address moves; the digest in the file fixes the content"
            )
        verdict = SAME if moves(linux) else DIFFERENT
        assert windows is not None
        return row(
            name,
            linux,
            windows,
            verdict,
            str(windows.detail.get("moving")) + ", and no digest fixes the content",
        )
    if windows is not None and linux is not None:
        return row(
            name,
            linux,
            windows,
            SAME if linux.value == windows.value else DIFFERENT,
            "" if linux.value == windows.value else "another commit than Linux’s",
        )
    if windows is not None:
        return row(name, linux, windows, EXTRA, "the address fixes the content")
    return None


def download_verified(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing, weaker, too late, or without consequence."""
    product = name.partition(":")[2]
    helper = platform.LINUX_HELPERS.get(product)
    if windows is None and helper is not None:
        return row(name, linux, windows, JUSTIFIED, helper)
    copied = _copied(sides, linux, windows, name)
    if copied is not None:
        return copied
    suffix = f":{product}" if product else ""
    if windows is None:
        assert linux is not None
        fetched = sides.windows.get("download" + suffix)
        if fetched is None:
            open_ = sides.windows.open
            if open_.fetches:
                return unknown(name, linux, windows, open_.fetches)
            if product:
                return row(name, linux, windows, JUSTIFIED, "Windows does not fetch it")
            if open_.context:
                return row(
                    name,
                    linux,
                    windows,
                    MISSING,
                    "the program comes from the build context, and nothing verifies it",
                )
            if open_.base:
                return unknown(name, linux, windows, open_.base)
            if sides.windows.all("download"):
                return row(name, linux, windows, MISSING, "what Windows fetches is not verified")
            return row(name, linux, windows, JUSTIFIED, "Windows fetches nothing")
        pinned = sides.windows.get("download-pinned" + suffix)
        if pinned is not None and pinned.detail.get("pin"):
            return row(name, linux, windows, JUSTIFIED, "the address itself fixes the content")
        return row(
            name, linux, windows, MISSING,
            f"Linux verifies {linux.detail.get('algorithm')}, Windows uses what it gets",
            hint="compare Get-FileHash with a digest in ENV before the file is unpacked, and exit 1",
        )  # fmt: skip
    detail = windows.detail
    problems = []
    if not detail.get("acted_on"):
        problems.append("a mismatch does not end the build")
    if not detail.get("written"):
        with_file = detail.get("where") == "fetched"
        problems.append(
            "the digest is fetched with the file" if with_file else "no digest of it is written in the file"
        )
    if not detail.get("before_use"):
        problems.append(f"compared after the file is used (line {detail.get('use_line')})")
    mine = int(detail.get("strength") or 0)
    theirs = int(linux.detail.get("strength") or 0) if linux is not None else mine
    if linux is not None and mine < theirs:
        problems.append(f"{detail.get('algorithm')} is weaker than Linux’s {linux.detail.get('algorithm')}")
    if problems:
        return row(name, linux, windows, DIFFERENT, "; ".join(problems))
    if linux is None:
        if sides.linux.get("download" + suffix) is not None:
            return row(name, linux, windows, EXTRA, "Linux does not verify this download; keep it")
        if product:
            return row(name, linux, windows, JUSTIFIED, "only Windows fetches it, and verifies it")
        return row(name, linux, windows, JUSTIFIED, "on Linux the package manager verifies its packages")
    if mine > theirs:
        return row(name, linux, windows, SAME, f"stronger than Linux’s {linux.detail.get('algorithm')}")
    return row(name, linux, windows, SAME)


# -- installing ------------------------------------------------------------------------------------


def source_or_binary(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Justified when they differ."""
    if linux is None or windows is None:
        return None if linux is None else platform_row(sides, linux, windows, name)
    if linux.detail.get("kind") == windows.detail.get("kind"):
        return row(name, linux, windows, SAME)
    if windows.detail.get("kind") == "copied":
        return row(name, linux, windows, JUSTIFIED, "nanoserver has no PowerShell to fetch and unpack with")
    if linux.detail.get("kind") == "package":
        return row(name, linux, windows, JUSTIFIED, "Windows bases have no package manager")
    return platform_row(sides, linux, windows, name)


def install_location(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Justified; spaces are said."""
    if linux is not None and windows is None:
        why = (
            sides.windows.open.programs
            or sides.windows.open.base
            or "nothing in the file says where the program lands"
        )
        return unknown(name, linux, windows, why)
    if linux is None:
        return None
    assert windows is not None
    image = sides.image
    on = sides.windows.get("on-path")
    named = on is not None and bool(on.detail.get("ok"))
    if image is not None and named and paths.same(windows.value, image.install, "windows"):
        return because(name, linux, windows, sides.own_reason(name) or platform.REASONS[name])
    spaces = (
        "; this directory has spaces, which Docker, cmd and PowerShell quote differently"
        if windows.detail.get("spaces")
        else ""
    )
    hint = f"install into {image.install}" if image is not None and spaces else ""
    return row(name, linux, windows, JUSTIFIED, platform.REASONS[name].why + spaces, hint)


def on_path(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing unless PATH is set for the machine, or the directory is on it."""
    if windows is None:
        if linux is None:
            return None
        if sides.windows.open.path or sides.windows.open.base:
            return unknown(name, linux, windows, sides.windows.open.path or sides.windows.open.base)
        start = sides.windows.get("entrypoint") or sides.windows.get("command")
        full = start is not None and re.search(r'^\[ ?"(?:[A-Za-z]:|/|\\)', start.value)
        return row(
            name,
            linux,
            windows,
            MISSING,
            "started by its full path, and not found by its name"
            if full
            else "the program is not found by its name",
            hint="setx /M PATH …, or SetEnvironmentVariable for the machine",
        )
    if not windows.detail.get("ok"):
        why = "the program is found only from the working directory"
        if windows.detail.get("literal"):
            why = f"this shell does not expand {windows.detail.get('literal')}: PATH is replaced by that word"
        elif windows.detail.get("scope") == "user":
            why = "set for the user that builds, not for the machine"
        return row(
            name,
            linux,
            windows,
            DIFFERENT if windows.detail.get("workdir") else MISSING,
            why,
            hint=""
            if windows.detail.get("workdir")
            else "setx /M PATH …, with the variable of the shell in force",
        )
    if linux is None:
        return row(name, linux, windows, EXTRA, "PATH is set, Linux needs nothing")
    return row(name, linux, windows, SAME)


def _program(name: str) -> str:
    bare = paths.program(name)
    return platform.PROGRAM_NAMES.get(bare, bare)


def installed_tools(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """By name; told together by :func:`contrib.compare.compare`."""
    if linux is not None and windows is not None:
        return row(name, linux, windows, SAME)
    if windows is not None:
        return None
    assert linux is not None
    return None


def install_checked(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing when the program is not run at the end of the build."""
    if windows is None and sides.windows.open.script:
        return unknown(name, linux, windows, sides.windows.open.script)
    if windows is None:
        assert linux is not None
        return row(
            name,
            linux,
            windows,
            MISSING,
            "a missing library or a wrong PATH would show in users’ hands",
            hint=linux.value,
        )
    if linux is None:
        return row(name, linux, windows, EXTRA, "Linux does not run the program; keep it")
    mine = {_program(str(p)) for p in windows.detail.get("programs", ())}
    theirs = {_program(str(p)) for p in linux.detail.get("programs", ())}
    lacking = sorted(theirs - mine)
    if lacking:
        return row(name, linux, windows, DIFFERENT, "not run here: " + ", ".join(lacking))
    return row(name, linux, windows, SAME)


def cleaned_up(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing when something stays in the layer."""
    copied = _copied(sides, linux, windows, name)
    if copied is not None:
        return copied
    if windows is not None and not windows.detail.get("ok"):
        verdict = MISSING if linux is None or linux.detail.get("ok") else DIFFERENT
        return row(
            name,
            linux,
            windows,
            verdict,
            "what the build fetched stays in the image",
            hint="Remove-Item in the same RUN",
        )
    if linux is not None and windows is None and sides.windows.open.script:
        return unknown(name, linux, windows, sides.windows.open.script)
    if linux is not None and windows is None:
        return row(name, linux, windows, JUSTIFIED, "nothing is left to be cleaned up")
    if linux is None:
        return row(name, linux, windows, SAME, "there is nothing to clean up on Linux")
    if not linux.detail.get("ok"):
        return row(name, linux, windows, SAME, "cleaner than Linux")
    return row(name, linux, windows, SAME)


def build_fails_loudly(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing when a failed step would go unseen."""
    if windows is not None and not windows.detail.get("ok"):
        return row(
            name, linux, windows, MISSING if linux is None or linux.detail.get("ok") else SAME,
            "a failed download or unpacking goes unseen, and the build succeeds",
            hint="SHELL with $ErrorActionPreference = 'Stop'",
        )  # fmt: skip
    if windows is None:
        return (
            None
            if linux is None
            else row(name, linux, windows, JUSTIFIED, "single commands only: a failure ends the build anyway")
        )
    if linux is None:
        return row(name, linux, windows, EXTRA, "Linux has nothing that could fail unseen")
    return row(name, linux, windows, SAME)


# -- running ---------------------------------------------------------------------------------------


def user(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Justified on servercore; different when nanoserver is left with the administrator."""
    if windows is not None and not windows.detail.get("explicit") and sides.windows.open.base:
        return unknown(name, linux, None, sides.windows.open.base)
    if windows is None or linux is None:
        return None if windows is None else plain_row(sides, linux, windows, name)
    if windows.detail.get("nanoserver"):
        if windows.detail.get("administrator") and windows.detail.get("explicit"):
            return row(
                name,
                linux,
                windows,
                DIFFERENT,
                "nanoserver is switched to the administrator and left there",
                hint="USER ContainerUser after what needs it",
            )
        return row(name, linux, windows, JUSTIFIED, "nanoserver’s own user, without rights")
    if windows.detail.get("administrator"):
        return because(name, linux, windows, sides.own_reason(name) or platform.REASONS["user"])
    return row(name, linux, windows, JUSTIFIED, "a user without rights, as the platform has it")


def environment(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing or different by name; paths are mapped."""
    variable = name.partition(":")[2]
    if windows is None:
        assert linux is not None
        if linux.detail.get("entry") and sides.windows.get("entrypoint") is None:
            return row(
                name, linux, windows, JUSTIFIED, "the Linux entrypoint script reads it; Windows has none"
            )
        if variable.upper().endswith("_SETCAP"):
            return row(name, linux, windows, JUSTIFIED, "capabilities of files are Linux’s")
        for beginning, why in platform.LINUX_VARIABLES.items():
            if variable.upper() == beginning or (
                beginning.endswith("_") and variable.upper().startswith(beginning)
            ):
                return row(name, linux, windows, JUSTIFIED, why)
        if sides.windows.open.base:
            return unknown(name, linux, windows, sides.windows.open.base)
        return row(
            name,
            linux,
            windows,
            MISSING,
            f"Linux sets {variable}={linux.value}",
            hint=f"ENV {variable}={_mapped_value(sides, linux.value)}",
        )
    if linux is None and windows.detail.get("inherited"):
        return None  # what the base sets; Linux's base is not looked into
    if linux is None:
        return row(name, linux, windows, EXTRA, "only Windows sets it")
    if linux.value == windows.value:
        return row(name, linux, windows, SAME)
    if linux.value.startswith("/") and paths.same(sides.windows_path(linux.value), windows.value, "windows"):
        return row(name, linux, windows, SAME, f"{linux.value} is {windows.value} on Windows")
    if _both_install(sides, linux.value, windows.value):
        return row(name, linux, windows, SAME, "where the program is, on both sides")
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def _both_install(sides: Sides, linux: str, windows: str) -> bool:
    """Whether two directories are where each side installs."""
    here, there = sides.windows.get("install-location"), sides.linux.get("install-location")
    if here is None or there is None:
        return False
    return paths.same(there.value, linux, "linux") and paths.same(here.value, windows, "windows")


def _mapped_value(sides: Sides, value: str) -> str:
    here, there = sides.windows.get("install-location"), sides.linux.get("install-location")
    if here is not None and there is not None and paths.same(there.value, value, "linux"):
        return here.value.replace("\\", "\\\\")
    return sides.windows_path(value).replace("\\", "\\\\") if re.match(r"^/[\w/.-]*$", value) else value


def configuration(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """By setting and value, whatever the means."""
    setting = name.partition(":")[2]
    copied = _copied(sides, linux, windows, name)
    if copied is not None:
        return copied
    known = None
    if sides.image is not None:
        known = next((s for s in sides.image.settings if s.name == setting), None)
    if windows is None:
        assert linux is not None
        if linux.detail.get("copied") and known is None:
            return None
        if sides.windows.open.configuration:
            return unknown(name, linux, windows, sides.windows.open.configuration)
        return row(
            name,
            linux,
            windows,
            MISSING,
            f"Linux changes it to {linux.value}",
            hint=f"{setting} {linux.value}",
        )
    value = windows.detail.get("value")
    if linux is None and windows.detail.get("copied") and known is None:
        return None  # a line of a whole configuration file, as good as any other
    if linux is None:
        unread = _unread(sides)
        if unread:
            return row(
                name,
                linux,
                windows,
                Verdict.UNKNOWN,
                f"not read: Linux copies {unread}, which may set it as well",
            )
        if value is None:
            if known is not None and known.value is None:
                return because(name, linux, windows, platform.Reason(known.reason.why, known.reason.evidence))
            return row(
                name,
                linux,
                windows,
                JUSTIFIED,
                "out of force, so that the built-in default holds, as on Linux",
            )
        default = f": {known.default}" if known is not None and known.default else ""
        if known is not None and known.value is not None and str(value) == known.value:
            return because(name, linux, windows, platform.Reason(known.reason.why, known.reason.evidence))
        if setting == "bind" and _everywhere(str(value)):
            return row(name, linux, windows, SAME, "all interfaces, as the built-in default on Linux")
        if known is not None and known.value is None:
            return row(
                name,
                linux,
                windows,
                DIFFERENT,
                f"set to {value}; Linux runs with the built-in default{default}",
            )
        return row(name, linux, windows, EXTRA, "Linux leaves the built-in default in force")
    if linux.detail.get("value") == value:
        return row(name, linux, windows, SAME)
    if setting == "bind" and _everywhere(str(value)) and _everywhere(str(linux.detail.get("value"))):
        return row(name, linux, windows, SAME, "all interfaces on both sides")
    path = str(linux.detail.get("value", ""))
    if (
        path.startswith("/")
        and value is not None
        and paths.same(sides.windows_path(path), str(value), "windows")
    ):
        return row(name, linux, windows, SAME)
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def _unread(sides: Sides) -> str:
    """The configuration files that Linux copies from its build context and whose settings are in no fact of it."""
    told = any(fact.detail.get("copied") for fact in sides.linux.all("configuration"))
    names = [
        str(fact.detail.get("name"))
        for fact in sides.linux.all("copied-files")
        if fact.detail.get("purpose") == "configuration"
    ]
    return "" if told else ", ".join(names)


#: Addresses to listen on that mean all interfaces.
_ALL_INTERFACES = frozenset(("0.0.0.0", "::", "*", "::*", "*:"))  # noqa: S104


def _everywhere(value: str) -> bool:
    """An address to listen on that means all interfaces."""
    return bool(value.split()) and all(word.lstrip("-") in _ALL_INTERFACES for word in value.split())


def _is_told(sides: Sides, setting: str) -> bool:
    """Whether a setting of a copied configuration file is one that Linux changes, or that the image speaks of."""
    wanted = setting.lower().replace("_", "-")
    if sides.image is not None and any(each.name == setting for each in sides.image.settings):
        return True
    return any(
        fact.name.partition(":")[2].lower().replace("_", "-") == wanted
        for fact in sides.linux.all("configuration")
        if not fact.detail.get("copied")
    )


def default_survives(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Never justified; the command that a person types is the hint."""
    if windows is None:
        return None
    if windows.detail.get("ok"):
        if linux is None:
            return None
        if linux.detail.get("ok"):
            return row(name, linux, windows, SAME)
        return row(name, linux, windows, SAME, "it does here, and not on Linux")
    command = [str(word) for word in windows.detail.get("command", ())]
    settings = [str(s) for s in windows.detail.get("settings", ())]
    settings += [str(s) for s in windows.detail.get("copied", ()) if _is_told(sides, str(s))]
    if not settings:
        return None
    program = command[0] if command else "PROGRAM"
    bare = paths.program(program) if program else "PROGRAM"
    lost = ", ".join(settings)
    kept = " ".join(_quoted(word) for word in [bare, *command[1:]])
    if linux is not None and not linux.detail.get("ok"):
        theirs = {str(each) for key in ("settings", "copied") for each in linux.detail.get(key, ())}
        if set(settings) <= theirs:
            return row(name, linux, windows, SAME, f"{lost} is lost with other arguments, on Linux too")
    return row(
        name, linux, windows, DIFFERENT,
        f"docker run IMAGE {bare} --flag runs without the changed {lost}",
        hint=f"docker run IMAGE {kept} --flag",
    )  # fmt: skip


def _quoted(word: str) -> str:
    tidy = re.sub(r"\\{2,}", r"\\", word)
    return f'"{tidy}"' if re.search(r"\s", tidy) else tidy


def _ports(fact: Fact | None) -> list[str]:
    return [str(port) for port in fact.detail.get("ports", ())] if fact is not None else []


def ports(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing and extra by number and protocol."""
    return _listed(name, linux, windows, _ports(linux), _ports(windows), "EXPOSE")


def _listed(
    name: str, linux: Fact | None, windows: Fact | None, theirs: list[str], mine: list[str], word: str
) -> ParityRow:
    lacking = [item for item in theirs if item not in mine]
    more = [item for item in mine if item not in theirs]
    if not lacking and not more:
        return row(name, linux, windows, SAME)
    if lacking and more:
        return row(
            name, linux, windows, DIFFERENT, f"lacks {', '.join(lacking)}; only here: {', '.join(more)}"
        )
    if lacking:
        return row(
            name,
            linux,
            windows,
            MISSING,
            f"Linux has {', '.join(lacking)}",
            hint=f"{word} {' '.join(_doubled(i) for i in lacking)}",
        )
    return row(name, linux, windows, EXTRA, f"only here: {', '.join(more)}")


def _doubled(path: str) -> str:
    return path.replace("\\", "\\\\")


def volumes(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Missing; the paths are mapped."""
    theirs = (
        [sides.windows_path(str(v)) for v in linux.detail.get("volumes", ())] if linux is not None else []
    )
    mine = [str(v) for v in windows.detail.get("volumes", ())] if windows is not None else []
    keyed = {paths.key(path, "windows"): path for path in mine}
    aligned = [keyed.get(paths.key(path, "windows"), path) for path in theirs]
    found = _listed(name, linux, windows, aligned, mine, "VOLUME")
    if found.verdict is SAME and linux is not None and windows is not None:
        return replace(found, why=f"{linux.value} is {windows.value} on Windows")
    if found.verdict is MISSING and windows is None:
        return replace(found, why="data lands in the container’s layer")
    return found


def workdir(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """The same mapping."""
    if linux is None:
        return row(name, linux, windows, EXTRA, "Linux leaves the base’s working directory")
    wanted = sides.windows_path(linux.value)
    if windows is None:
        return row(
            name,
            linux,
            windows,
            MISSING,
            f"Linux starts in {linux.value}",
            hint=f"WORKDIR {_doubled(wanted)}",
        )
    if paths.same(wanted, windows.value, "windows"):
        return row(name, linux, windows, SAME, f"{linux.value} is {windows.value} on Windows")
    location = sides.windows.get("install-location")
    if _both_install(sides, linux.value, windows.value):
        return row(name, linux, windows, SAME, "where the program is, on both sides")
    beside = location is not None and paths.same(location.value, windows.value, "windows")
    why = (
        "data is written beside the program"
        if beside and linux.value == "/data"
        else f"{wanted} would be Linux’s {linux.value}"
    )
    return row(name, linux, windows, DIFFERENT, why, hint=f"WORKDIR {_doubled(wanted)}")


def entrypoint(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """A script on Linux has no equal on Windows."""
    if linux is None:
        assert windows is not None
        if windows.detail.get("script"):
            return row(
                name,
                linux,
                windows,
                EXTRA,
                "a script stays between Docker and the program",
                evidence=platform.REASONS["entrypoint"].evidence,
            )
        return row(
            name, linux, windows, EXTRA, "Linux has none: docker run IMAGE PROGRAM works there and not here"
        )
    if windows is None and sides.windows.open.base:
        return unknown(name, linux, windows, sides.windows.open.base)
    if windows is None:
        if linux.detail.get("script"):
            return because(name, linux, windows, sides.own_reason(name) or platform.REASONS["entrypoint"])
        return row(
            name, linux, windows, MISSING, f"Linux starts {linux.detail.get('program')} with any arguments"
        )
    if windows.detail.get("script") and linux.detail.get("script"):
        return row(
            name,
            linux,
            windows,
            DIFFERENT,
            platform.REASONS["entrypoint"].why,
            evidence=platform.REASONS["entrypoint"].evidence,
        )
    if linux.detail.get("script") and not windows.detail.get("script"):
        program = windows.detail.get("program")
        return row(
            name, linux, windows, DIFFERENT,
            f"here every argument goes to {program}, and docker run IMAGE PROGRAM starts {program} with it; on Linux it "
            "starts PROGRAM",
            hint=f"CMD {windows.value}", evidence=platform.OVERRIDE,
        )  # fmt: skip
    if _program(str(linux.detail.get("program"))) == _program(str(windows.detail.get("program"))):
        if linux.detail.get("form") == windows.detail.get("form"):
            return row(name, linux, windows, SAME)
        return row(
            name,
            linux,
            windows,
            DIFFERENT,
            f"{windows.detail.get('form')} form here, {linux.detail.get('form')} form on Linux",
        )
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def _same_argument(sides: Sides, linux: str, windows: str) -> bool:
    if linux == windows:
        return True
    one, other = paths.clean(linux, "linux"), windows
    if paths.name(linux).lower() == paths.name(windows).lower() and re.search(r"[/\\.]", linux + windows):
        return True
    return linux.startswith("/") and paths.same(sides.windows_path(one), other, "windows")


def command(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """By program and arguments, ``.exe`` and case ignored; the form counts."""
    if linux is None:
        assert windows is not None
        if windows.detail.get("program") in platform.SHELLS:
            return row(name, linux, windows, JUSTIFIED, "each starts the shell of its base")
        return row(name, linux, windows, EXTRA, "Linux names no command")
    if windows is None:
        if (
            linux.detail.get("program") in platform.SHELLS
            or str(linux.detail.get("words", [""])[:1]) in platform.SHELLS
        ):
            return row(name, linux, windows, JUSTIFIED, "each starts the shell of its base")
        words = [str(word) for word in linux.detail.get("words", ())]
        if words and words[0] in platform.SHELLS:
            return row(name, linux, windows, JUSTIFIED, "each starts the shell of its base")
        if sides.windows.open.base:
            return unknown(name, linux, windows, sides.windows.open.base)
        return row(name, linux, windows, MISSING, f"Linux starts {linux.value}", hint=f"CMD {linux.value}")
    problems = []
    if linux.detail.get("form") != windows.detail.get("form"):
        problems.append(f"{windows.detail.get('form')} form: a shell becomes the main process")
    elif windows.detail.get("around"):
        problems.append(f"{windows.detail.get('around')} becomes the main process")
    one, other = _program(str(linux.detail.get("program"))), _program(str(windows.detail.get("program")))
    if one != other:
        problems.append(f"starts {other or 'nothing known'}, Linux {one}")
    theirs = [str(a) for a in linux.detail.get("arguments", ())]
    mine = [str(a) for a in windows.detail.get("arguments", ())]
    alike = len(theirs) == len(mine) and all(
        _same_argument(sides, a, b) for a, b in zip(theirs, mine, strict=True)
    )
    if problems:
        return row(name, linux, windows, DIFFERENT, "; ".join(problems), hint=_command_hint(windows))
    if alike:
        return row(name, linux, windows, SAME)
    survives = sides.windows.get("default-survives-arguments")
    file = survives.detail.get("file") if survives is not None else None
    rest = [a for a in mine if not (file and paths.name(a).lower() == paths.name(str(file)).lower())]
    if file and rest == theirs:
        return because(name, linux, windows, _IN_A_FILE)
    configured = sides.image.configured.lower() if sides.image is not None else ""
    if sides.copied_from and len(mine) == len(theirs) + 1 and paths.name(mine[-1]).lower() == configured:
        return because(name, linux, windows, _IN_A_FILE)
    if mine[: len(theirs)] == theirs and _set_on_linux(sides, mine[len(theirs) :]):
        return row(
            name,
            linux,
            windows,
            JUSTIFIED,
            "what Linux’s entrypoint adds, or compiles in, stands in CMD here",
        )
    more = [a for a in mine if a not in theirs]
    less = [a for a in theirs if a not in mine]
    parts = []
    if more:
        parts.append("only here: " + " ".join(more))
    if less:
        parts.append("only on Linux: " + " ".join(less))
    return row(name, linux, windows, DIFFERENT, "; ".join(parts) or "the arguments stand in another order")


_IN_A_FILE = platform.Reason("the changed defaults are in a configuration file here, which CMD names")


def _set_on_linux(sides: Sides, arguments: list[str]) -> bool:
    """Whether every flag sets what Linux sets by other means."""
    flags = [a.lstrip("-").partition("=")[0] for a in arguments if a.startswith("-")]
    if not flags:
        return False
    for flag in flags:
        wanted = flag.lower().replace("_", "-")
        found = [
            fact
            for fact in sides.linux.all("configuration")
            if fact.name.partition(":")[2].lower().replace("_", "-") == wanted
        ]
        if not found or found[0].detail.get("means") == "command":
            return False
    return True


def _command_hint(windows: Fact) -> str:
    if windows.detail.get("form") == "shell" and windows.detail.get("program"):
        import json

        given = [re.sub(r"\\{2,}", r"\\", str(a)) for a in windows.detail.get("arguments", ())]
        words = [f"{windows.detail.get('program')}.exe", *given]
        return f"CMD {json.dumps(words)}"
    return ""


def foreground(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Different when something else keeps the container alive."""
    if windows is None:
        return None
    if not windows.detail.get("ok"):
        return row(
            name,
            linux,
            windows,
            DIFFERENT,
            f"{windows.detail.get('why')}: docker stop and the exit code do not reach the program",
        )
    if linux is None:
        return None
    if linux.detail.get("ok") is False:
        return row(name, linux, windows, SAME, "better than on Linux")
    if _program(str(linux.detail.get("program"))) == _program(str(windows.detail.get("program"))):
        return row(name, linux, windows, SAME)
    return row(name, linux, windows, DIFFERENT, f"{windows.value} here, {linux.value} on Linux")


def healthcheck(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Different when only one side has it."""
    if linux is not None and windows is not None:
        return row(name, linux, windows, SAME)
    return row(
        name, linux, windows, DIFFERENT, "only Windows has one; official images have none" if linux is None else "only Linux has one",
        evidence=(platform.healthcheck(),),
    )  # fmt: skip


def labels(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Extra with a warning; maintainers are named in the library file."""
    label = name.partition(":")[2]
    if linux is None:
        why = "maintainers are named in the library file" if label == "MAINTAINER" else "only Windows has it"
        return row(name, linux, windows, EXTRA, why, hint="remove it" if label == "MAINTAINER" else "")
    return plain_row(sides, linux, windows, name)


def copied_files(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """By purpose: entrypoint scripts have no equal, the rest is missing or extra."""
    if linux is not None and windows is not None:
        return row(name, linux, windows, SAME)
    fact = linux if linux is not None else windows
    assert fact is not None
    purpose = str(fact.detail.get("purpose"))
    if windows is None:
        if purpose == "entrypoint":
            return row(
                name,
                linux,
                windows,
                JUSTIFIED,
                "the entrypoint script has no equal on Windows",
                evidence=platform.REASONS["entrypoint"].evidence,
            )
        if name.lower().endswith(".sh"):
            return row(name, linux, windows, JUSTIFIED, "a script for sh, which Windows does not have")
        return row(name, linux, windows, MISSING, f"Linux copies this {purpose}")
    if purpose == "binary":
        return row(name, linux, windows, EXTRA, "a binary from the build context cannot be reviewed")
    return row(name, linux, windows, EXTRA, f"a {purpose} from the build context that Linux does without")


def arguments_as_program(
    sides: Sides, linux: Fact | None, windows: Fact | None, name: str
) -> ParityRow | None:
    """Justified; what a person types instead is the hint."""
    if linux is None:
        assert windows is not None
        if sides.linux.get("entrypoint") is not None:
            return None
        return row(
            name,
            linux,
            windows,
            EXTRA,
            "every argument goes to the program here; on Linux the first one is the program",
        )
    if windows is not None:
        return row(
            name,
            linux,
            windows,
            SAME if linux.detail.get("program") == windows.detail.get("program") else DIFFERENT,
            ""
            if linux.detail.get("program") == windows.detail.get("program")
            else f"{windows.value} here, {linux.value} on Linux",
        )
    program = str(linux.detail.get("program"))
    survives = sides.windows.get("default-survives-arguments")
    words = [program]
    if survives is not None and survives.detail.get("file") and not survives.detail.get("ok"):
        words.extend(str(word) for word in survives.detail.get("command", ())[1:])
    typed = " ".join(_quoted(word) for word in words)
    reason = sides.own_reason(name) or platform.REASONS[name]
    return row(
        name, linux, windows, JUSTIFIED, reason.why, f"docker run IMAGE {typed} --flag", reason.evidence
    )


def copied_image(sides: Sides, linux: Fact | None, windows: Fact | None, name: str) -> ParityRow | None:
    """Programs and libraries taken from another image."""
    if windows is None:
        return None
    if linux is not None:
        return row(name, linux, windows, SAME)
    if windows.detail.get("system"):
        return row(name, linux, windows, JUSTIFIED, "run-time libraries that nanoserver lacks")
    return because(name, linux, windows, platform.REASONS["copied-image"])


#: Facts and what compares them, in the order of the report.
COMPARERS: dict[str, Compare] = {
    "base": base,
    "base-pinned": base_pinned,
    "version": version,
    "version-declared": version_declared,
    "download": download,
    "download-scheme": download_scheme,
    "download-pinned": download_pinned,
    "download-verified": download_verified,
    "copied-image": copied_image,
    "source-or-binary": source_or_binary,
    "install-location": install_location,
    "on-path": on_path,
    "installed-tools": installed_tools,
    "install-checked": install_checked,
    "cleaned-up": cleaned_up,
    "build-fails-loudly": build_fails_loudly,
    "user": user,
    "environment": environment,
    "configuration": configuration,
    "default-survives-arguments": default_survives,
    "ports": ports,
    "volumes": volumes,
    "workdir": workdir,
    "entrypoint": entrypoint,
    "command": command,
    "foreground": foreground,
    "stop-signal": platform_row,
    "healthcheck": healthcheck,
    "labels": labels,
    "copied-files": copied_files,
    "arguments-as-program": arguments_as_program,
    "timezone-data": platform_row,
    "users-and-groups": platform_row,
    "step-down": platform_row,
    "ownership": platform_row,
    "build-tools": platform_row,
    "runtime-dependencies": platform_row,
    "runtime-packages": platform_row,
    "allocator-flags": platform_row,
    "program-links": platform_row,
    "init": platform_row,
    "locales": platform_row,
    "package-caches": platform_row,
}
