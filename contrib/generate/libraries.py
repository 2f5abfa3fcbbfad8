"""The libraries that a nanoserver image copies from servercore: derived from the port's binaries, not guessed.

Where the inventories of both bases and the contents of the archive are known (``contrib loads``). What is derived
stands in the image's place of :attr:`contrib.images.model.Port.libraries`; what cannot be derived stays as the data
has it, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contrib.binaries.answers import Answer, Base, needed
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Binary
from contrib.binaries.resolve import Place, Verdict
from contrib.facts.starts import Known, answer, image
from contrib.images.model import Image, Port, Reason, Variant
from contrib.upstream.layouts.base import Pin
from contrib.values.findings import Evidence

_ORDER = Evidence(
    "how Windows looks for libraries",
    "https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order",
)


@dataclass(frozen=True, slots=True)
class Derived:
    """What became of a port's libraries.

    :param port: the same port, with the libraries that nanoserver copies.
    :param sentences: what was resolved against what, for the body of a pull request; none where nothing was known.
    """

    port: Port
    sentences: tuple[str, ...] = ()


def derive(
    whole: Image, port: Port, pins: Mapping[str, Pin], variants: Sequence[Variant], known: Known | None
) -> Derived:
    """See :class:`Derived`.

    :param pins: series to the release that it gets. :param variants: those that are generated.
    """
    if known is None:
        return Derived(port)
    sentences: list[str] = []
    found: dict[str, tuple[str, ...]] = {}
    complete = True
    declared = frozenset(each.lower() for each in port.libraries)
    for variant in variants:
        base = known.inventory(variant.base)
        donor = _donor(whole, variant, known)
        for pin in pins.values():
            if variant.name not in pin.variants:
                continue
            contents = known.contents(pin.digest)
            if base is None or contents is None or (variant.copies_from and donor is None):
                complete = complete and not variant.copies_from
                continue
            added = image([contents], None)
            first = answer(Base(variant.base, base, "cache"), Place(base, added.files), added)
            copied: dict[str, tuple[str, ...]] = {}
            if donor is not None:
                copied = needed(first, donor, declared)
                found |= copied
                with_them = Place(base, added.files | _copied(copied, donor))
                first = answer(Base(variant.base, base, "cache"), with_them, added)
            sentences.append(_sentence(first, pin.version, base, tuple(copied)))
    if not sentences or not any(variant.copies_from for variant in variants):
        return Derived(port, tuple(sentences))
    if not complete:
        sentences.append(
            f"What nanoserver copies ({', '.join(port.libraries) or 'nothing'}) is as the image's data has it: not every "
            "archive and base is known."
        )
        return Derived(port, tuple(sentences))
    libraries = tuple(sorted(found))
    if set(libraries) == declared:
        return Derived(port, tuple(sentences))
    for name in sorted(declared - set(libraries)):
        sentences.append(
            f"{name} is not copied: nothing in the archive imports or names it, or the base has it."
        )
    if not libraries:
        return Derived(replace(port, libraries=(), libraries_reason=Reason("")), tuple(sentences))
    name, chain = next(iter(found.items()))
    why = f"{' > '.join(chain)} asks for {name}, which nanoserver does not have"
    kept = port.libraries_reason if declared & set(libraries) else Reason(why, (_ORDER,))
    return Derived(replace(port, libraries=libraries, libraries_reason=kept), tuple(sentences))


def _donor(whole: Image, variant: Variant, known: Known) -> Inventory | None:
    """The servercore that a nanoserver variant copies from: of the same release."""
    origin = whole.variant(variant.copies_from) if variant.copies_from else None
    if origin is None:
        return None
    return known.inventory(origin.base.replace(origin.release, variant.release))


def _copied(names: Mapping[str, object], donor: Inventory) -> dict[str, Binary]:
    found = {}
    for name in names:
        library = donor.at(f"C:\\Windows\\System32\\{name}")
        if library is not None:
            found[library.path.lower()] = library
    return found


def _sentence(found: Answer, version: str, base: Inventory, copied: tuple[str, ...]) -> str:
    """``7.2.6, resolved against … , not run: …``."""
    with_them = f" with {', '.join(copied)} from servercore" if copied else ""
    head = f"{version}, resolved against {base.label}{with_them}, not run: "
    fails = [each for each in found.programs if each.verdict.fails]
    if fails:
        trouble = fails[0].troubles[0]
        chain = " > ".join((*trouble.chain, trouble.library)) if trouble.library else trouble.chain[-1]
        return f"{head}{fails[0].binary.name} does not start ({fails[0].verdict.value}: {chain})."
    open_ = sorted(
        {
            trouble.library
            for each in found.programs
            for trouble in each.troubles
            if trouble.verdict is Verdict.UNKNOWN and trouble.library
        }
    )
    names = [each.binary.name for each in found.programs]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    if open_:
        listed = ", ".join(open_[:8]) + (f" and {len(open_) - 8} more" if len(open_) > 8 else "")
        return f"{head}all that {shown} import is there; whether they look up {listed} while they run is unknown."
    return f"{head}{shown} start."
