"""``download``, ``download-scheme``, ``download-pinned``, ``download-verified``, ``copied-image``."""

from __future__ import annotations

from contrib.build import products
from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    because,
    decided_elsewhere,
    different,
    extra,
    justified,
    missing,
    not_alike,
    same,
    unknown,
)
from contrib.facts.kinds import (
    Base,
    CopiedImage,
    Download,
    DownloadPinned,
    DownloadScheme,
    DownloadVerified,
    SourceOrBinary,
)


def download(sides: Sides, of: Pair[Download]) -> ParityRow | None:
    """Justified when both are sources of the platform; helpers by what they are for."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None if _alternative(sides, of.about) else _not_fetched(sides, of)
    if linux is None:
        helper = platform.WINDOWS_HELPERS.get(of.about)
        if helper is not None:
            return justified(of, helper)
        if of.about:
            return extra(of, "only Windows fetches it")
        known = _source_of_windows(sides, of, windows)
        return known or justified(of, _not_fetched_on_linux(sides))
    if linux.value == windows.value:
        return same(of)
    if not windows.host:
        return unknown(of, "the address could not be followed")
    if not of.about:
        known = _source_of_windows(sides, of, windows)
        if known is not None:
            return known
    hosts = [
        linux.host,
        *(each.host for each in sides.linux.each(Download) if _alternative(sides, each.about)),
    ]
    if windows.host in hosts:
        what = "the source" if windows.tool == "git" else "the file for Windows"
        return justified(of, f"{what}, from {windows.host} like Linux’s")
    why = f"another site than Linux’s: {windows.host}"
    if sides.image is not None and not of.about:
        why += f"; {sides.image.name} takes {sides.image.port.repository} as the source for Windows"
    return different(of, why)


#: The algorithm of a package manager's own check.
_PACKAGES = "packages"


def _not_fetched_on_linux(sides: Sides) -> str:
    """How the program gets into an image that does not fetch it."""
    how = sides.linux.first(SourceOrBinary)
    if how is not None and how.kind == "package":
        return "Linux installs a package instead; Windows bases have no package manager"
    if how is not None and how.kind == "copied":
        return f"on Linux it is {how.value}"
    if how is not None and how.kind == "context":
        return "on Linux it comes from the build context"
    return "the Linux file shows no download of its own"


def _alternative(sides: Sides, about: str) -> bool:
    """Whether Linux fetches its own product a second time: for other architectures, or as the source."""
    main = sides.linux.of(Download, "")
    return main is not None and bool(about) and products.product(main.value) == about


_PATCH = "a patch of the source that Linux compiles"


def _not_fetched(sides: Sides, of: Pair[Download]) -> ParityRow:
    helper = platform.LINUX_HELPERS.get(of.about)
    if helper is not None:
        return justified(of, helper)
    if of.linux is not None and of.linux.value.endswith((".patch", ".diff")):
        return justified(of, _PATCH)
    elsewhere = decided_elsewhere(sides, of)
    if elsewhere is not None:
        return elsewhere
    left_open = sides.windows.open
    if left_open.context:
        return missing(of, "Windows takes the program from the build context")
    if left_open.fetches or left_open.base:
        return unknown(of, left_open.fetches or left_open.base)
    return missing(of, "Linux fetches it, Windows does not")


def _source_of_windows(sides: Sides, of: Pair[Download], windows: Download) -> ParityRow | None:
    """What the image's data says of the source that Windows uses; None where it does not name it."""
    image = sides.image
    if image is None:
        return None
    port = image.port_of(windows.value)
    if port is None or (of.linux is not None and not image.is_source(of.linux.value, "linux")):
        return None
    if not port.alive:
        ended = f", its last is {port.last}" if port.last else ""
        why = f"binaries of {port.repository}, which has ended{ended}; {image.port.repository} is the living port"
        return justified(of, why, f"contrib generate {image.name}", port.reason.evidence)
    reason = sides.own_reason("download")
    return because(of, reason or platform.Reason(port.reason.why, port.reason.evidence))


def download_scheme(sides: Sides, of: Pair[DownloadScheme]) -> ParityRow | None:
    """Different only when Windows is the weaker one."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None
    if linux is None:
        if windows.value in ("https", "ssh"):
            return None
        return different(of, f"fetched over {windows.value}; https wherever the site has it")
    if windows.value == linux.value:
        return same(of)
    if windows.value == "https":
        return same(of, "the stronger of the two")
    return not_alike(of)


def download_pinned(sides: Sides, of: Pair[DownloadPinned]) -> ParityRow | None:
    """Content fixed by the address, or an address that moves."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None
    if windows.moving is not None:
        if sides.windows.of(DownloadVerified, of.about) is not None:
            return same(of, "the address moves; the digest in the file fixes the content")
        why = windows.moving + ", and no digest fixes the content"
        return same(of, why) if linux is not None and linux.moving is not None else different(of, why)
    if linux is None:
        return extra(of, "the address fixes the content")
    return same(of) if linux.value == windows.value else different(of, "another commit than Linux’s")


def download_verified(sides: Sides, of: Pair[DownloadVerified]) -> ParityRow | None:
    """Missing, weaker, too late, or without consequence."""
    linux, windows = of.linux, of.windows
    if windows is None:
        return None if _alternative(sides, of.about) else _not_verified(sides, of)
    problems = _problems(windows)
    if linux is not None and windows.strength < linux.strength:
        problems.append(f"{windows.algorithm} is weaker than Linux’s {linux.algorithm}")
    if problems:
        return different(of, "; ".join(problems))
    if linux is None:
        if sides.linux.of(Download, of.about) is not None:
            return extra(of, "Linux does not verify this download; keep it")
        if of.about or sides.linux.first(SourceOrBinary) is None:
            return justified(of, "only Windows fetches it, and verifies it")
        return justified(of, _not_fetched_on_linux(sides))
    if linux.algorithm == _PACKAGES:
        return justified(of, "on Linux the package manager verifies its packages")
    if windows.strength > linux.strength:
        return same(of, f"stronger than Linux’s {linux.algorithm}")
    return same(of)


def _problems(windows: DownloadVerified) -> list[str]:
    """What takes the effect from a check."""
    found = []
    if not windows.acted_on:
        found.append("a mismatch does not end the build")
    if not windows.written:
        with_file = windows.where == "fetched"
        found.append(
            "the digest is fetched with the file" if with_file else "no digest of it is written in the file"
        )
    if not windows.before_use:
        found.append(f"compared after the file is used (line {windows.use_line})")
    return found


def _not_verified(sides: Sides, of: Pair[DownloadVerified]) -> ParityRow:
    helper = platform.LINUX_HELPERS.get(of.about)
    if helper is not None:
        return justified(of, helper)
    elsewhere = decided_elsewhere(sides, of)
    if elsewhere is not None:
        return elsewhere
    here = sides.windows.of(Download, of.about)
    if here is not None and here.unfollowed:
        return unknown(of, "its digest is computed, and with what it is compared could not be followed")
    if here is None:
        fetched = sides.linux.of(Download, of.about)
        if fetched is not None and fetched.value.endswith((".patch", ".diff")):
            return justified(of, _PATCH)
        return _nothing_to_verify(sides, of)
    pinned = sides.windows.of(DownloadPinned, of.about)
    if pinned is not None and pinned.pin:
        return justified(of, "the address itself fixes the content")
    algorithm = of.linux.algorithm if of.linux is not None else "it"
    if algorithm == _PACKAGES:
        there = "the package manager of Linux verifies its packages"
    else:
        there = f"Linux verifies {algorithm}"
    return missing(
        of, f"{there}, Windows uses what it gets",
        "compare Get-FileHash with a digest in ENV before the file is unpacked, and exit 1",
    )  # fmt: skip


def _nothing_to_verify(sides: Sides, of: Pair[DownloadVerified]) -> ParityRow:
    """Windows does not fetch what Linux verifies."""
    left_open = sides.windows.open
    if left_open.fetches:
        return unknown(of, left_open.fetches)
    if of.about:
        if left_open.base:
            return unknown(of, left_open.base)
        return justified(of, "Windows does not fetch it")
    if left_open.context:
        return missing(of, "the program comes from the build context, and nothing verifies it")
    if left_open.base:
        return unknown(of, left_open.base)
    if sides.windows.first(Download) is not None:
        return missing(of, "what Windows fetches is not verified")
    return justified(of, "Windows fetches nothing")


def copied_image(sides: Sides, of: Pair[CopiedImage]) -> ParityRow | None:
    """Programs and libraries taken from another image."""
    if of.windows is None:
        return None
    if of.linux is not None:
        return same(of)
    if of.windows.system:
        return justified(of, "run-time libraries that nanoserver lacks")
    base = sides.windows.first(Base)
    if base is not None and base.kind != "nanoserver":
        return extra(of, "only nanoserver needs it: other bases can fetch and verify the programs themselves")
    return because(of, platform.REASONS["copied-image"])
