"""``source-or-binary``, ``install-location``, ``on-path``, ``install-checked``, ``cleaned-up``, ``build-fails-loudly``."""

from __future__ import annotations

import re

from contrib.build import paths
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    bare_program,
    because,
    by_platform,
    decided_elsewhere,
    different,
    extra,
    justified,
    missing,
    same,
    unknown,
)
from contrib.facts.kinds import (
    Base,
    CleanedUp,
    Command,
    Download,
    Entrypoint,
    FailsLoudly,
    InstallChecked,
    InstallLocation,
    OnPath,
    SourceOrBinary,
)

_FULL_PATH = re.compile(r'^\[ ?"(?:[A-Za-z]:|/|\\)')


def source_or_binary(sides: Sides, of: Pair[SourceOrBinary]) -> ParityRow | None:
    """Justified when they differ."""
    linux, windows = of.linux, of.windows
    if linux is None:
        return None
    if windows is None:
        left_open = sides.windows.open.programs or sides.windows.open.base or sides.windows.open.script
        return unknown(of, left_open or "nothing in the file says how the program gets there")
    if linux.kind == windows.kind:
        return same(of)
    if windows.kind == "copied":
        base = sides.windows.first(Base)
        if base is not None and base.kind == "nanoserver":
            return justified(of, "nanoserver has no PowerShell to fetch and unpack with")
        return justified(of, f"decided in {sides.copied_from}, which the programs are copied from")
    if windows.kind == "context":
        return justified(of, "binaries are copied; Windows bases have no compiler")
    if windows.kind == "source":
        return justified(
            of,
            f"Windows compiles it; on Linux it is {'a package' if linux.kind == 'package' else 'a binary'}",
        )
    if windows.kind == "package":
        return justified(of, "a package manager installs it on Windows")
    if linux.kind == "package":
        return justified(of, "Windows bases have no package manager")
    if linux.kind == "copied":
        return justified(of, "Linux copies it from another image")
    image, fetched = sides.image, sides.windows.of(Download, "")
    if image is not None and (fetched is None or image.port_of(fetched.value) is None):
        return because(of, platform.REASONS[of.name])  # the image speaks of its port's binaries
    return by_platform(sides, of)


def install_location(sides: Sides, of: Pair[InstallLocation]) -> ParityRow | None:
    """Justified; spaces are said."""
    if of.linux is None:
        return None
    if of.windows is None:
        left_open = sides.windows.open.programs or sides.windows.open.base
        return unknown(of, left_open or "nothing in the file says where the program lands")
    image, directory = sides.image, of.windows.value
    on = sides.windows.first(OnPath)
    if image is not None and on is not None and on.ok and paths.same(directory, image.install, "windows"):
        return because(of, sides.own_reason(of.name) or platform.Reason(f"Windows has no {of.linux.value}"))
    why, hint = f"Windows has no {of.linux.value}", ""
    if " " in directory:
        why += "; this directory has spaces, which Docker, cmd and PowerShell quote differently"
        hint = f"install into {image.install}" if image is not None else ""
    return justified(of, why, hint)


def on_path(sides: Sides, of: Pair[OnPath]) -> ParityRow | None:
    """Missing unless PATH is set for the machine, or the directory is on it."""
    windows = of.windows
    if windows is None:
        left_open = sides.windows.open.path or sides.windows.open.base
        if left_open:
            return unknown(of, left_open)
        start = sides.windows.first(Entrypoint) or sides.windows.first(Command)
        why = "the program is not found by its name"
        if start is not None and _FULL_PATH.match(start.value):
            why = "started by its full path, and not found by its name"
        return missing(of, why, "setx /M PATH …, or SetEnvironmentVariable for the machine")
    if not windows.ok:
        if windows.workdir:
            return missing(of, "the program is found by its name only from the working directory")
        why = f"this shell does not expand {windows.literal}: PATH is replaced by that word"
        if not windows.literal:
            why = "set for the user that builds, not for the machine"
        return missing(of, why, "setx /M PATH …, with the variable of the shell in force")
    if of.linux is None:
        command = sides.linux.first(Command)
        if command is not None and command.words and "/" not in command.words[0]:
            return None  # it is found there as well; the file does not show where
        return extra(of, "only Windows sets PATH for it")
    return same(of)


def install_checked(sides: Sides, of: Pair[InstallChecked]) -> ParityRow | None:
    """Missing when the program is not run at the end of the build."""
    linux, windows = of.linux, of.windows
    if windows is None:
        if sides.windows.open.script:
            return unknown(of, sides.windows.open.script)
        why = "a missing library or a wrong PATH would show in users’ hands"
        return missing(of, why, linux.value if linux is not None else "")
    if linux is None:
        return extra(of, "Linux does not run the program; keep it")
    lacking = {bare_program(each) for each in linux.programs} - {
        bare_program(each) for each in windows.programs
    }
    return different(of, "not run here: " + ", ".join(sorted(lacking))) if lacking else same(of)


def cleaned_up(sides: Sides, of: Pair[CleanedUp]) -> ParityRow | None:
    """Missing when something stays in the layer."""
    linux, windows = of.linux, of.windows
    elsewhere = decided_elsewhere(sides, of)
    if elsewhere is not None:
        return elsewhere
    if windows is None:
        if sides.windows.open.script:
            return unknown(of, sides.windows.open.script)
        if sides.windows.open.leaves:
            return unknown(of, sides.windows.open.leaves)
        return justified(of, "nothing is left to be cleaned up")
    if not windows.ok:
        verdict = missing if linux is None or linux.ok else different
        return verdict(of, "what only the build needs stays in the image", "Remove-Item in the same RUN")
    if linux is None:
        return extra(of, "Windows removes what it fetched; the Linux file shows nothing of that kind")
    return same(of) if linux.ok else same(of, "cleaner than Linux")


def build_fails_loudly(sides: Sides, of: Pair[FailsLoudly]) -> ParityRow | None:
    """Missing when a failed step would go unseen."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return justified(of, "there is no RUN that could fail unseen")
    if not windows.ok:
        why = "a failed download or unpacking goes unseen, and the build succeeds"
        if linux is not None and not linux.ok:
            return same(of, why)
        return missing(of, why, "SHELL with $ErrorActionPreference = 'Stop'")
    return extra(of, "Linux has nothing that could fail unseen") if linux is None else same(of)
