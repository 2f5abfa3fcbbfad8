"""Which Dockerfiles of a repository are tried: the Windows variants of its series, and their Linux twins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from contrib.images.model import Image
from contrib.trial.subject import Subject, subject
from contrib.values.errors import BadInput
from contrib.values.tree import Tree


@dataclass(frozen=True, slots=True)
class SeriesFiles:
    """One series as it would be tried.

    :param tree: of the branch that it is on, with what is proposed. :param variants: name to path of its Dockerfile.
    :param linux: path of the twin's Dockerfile, None where it has none. :param linux_version: the twin's version.
    """

    name: str
    tree: Tree
    variants: tuple[tuple[str, str], ...]
    linux: str | None
    linux_version: str | None


def subjects(
    image: Image, series: Iterable[SeriesFiles], *, wanted: Sequence[str] = (), linux: bool = False
) -> tuple[Subject, ...]:
    """The subjects of some series, of each the Windows variants, then the twin.

    :param wanted: names of variants; all when empty. What a nanoserver variant copies from is tried with it.
    :param linux: the twins as well.
    :raises BadInput: a variant that no series has, or a Dockerfile that cannot be built.
    """
    found: list[Subject] = []
    there: set[str] = set()
    for each in series:
        names = [name for name, _ in each.variants]
        there.update(names)
        chosen = set(wanted) if wanted else set(names)
        for name in tuple(chosen):
            variant = image.variant(name)
            if variant is not None and variant.copies_from is not None and name in names:
                chosen.add(variant.copies_from)
        for name, path in each.variants:
            if name in chosen:
                found.append(_windows(image, each.tree, name, path))
        if linux and each.linux is not None:
            found.append(
                subject(
                    image.name,
                    each.tree,
                    each.linux,
                    variant=_twin(each.linux),
                    kind="linux",
                    version_name=image.environment.version,
                    version=each.linux_version,
                )
            )
    missing = [name for name in wanted if name not in there]
    if missing:
        raise BadInput(
            f"there is no variant {missing[0]!r} here",
            hint=f"there are {', '.join(sorted(there)) or 'no Windows variants'}",
        )
    return tuple(found)


def _windows(image: Image, tree: Tree, name: str, path: str) -> Subject:
    kind, _, _ = name.partition("-")
    return subject(image.name, tree, path, variant=name, kind=kind, version_name=image.environment.version)


def _twin(path: str) -> str:
    """``alpine`` of ``7.2/alpine/Dockerfile``."""
    return path.rpartition("/")[0].rpartition("/")[2] or "linux"


def summary(subjects: Sequence[Subject], reason: Callable[[Subject], str | None]) -> str | None:
    """Why nothing can be tried on a host, None when something can."""
    reasons = [reason(each) for each in subjects]
    if not subjects or any(each is None for each in reasons):
        return None
    return "; ".join(dict.fromkeys(each for each in reasons if each is not None))
