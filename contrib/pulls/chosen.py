"""Which variants a pull request proposes, by what the evidence records say of them: pure.

A variant that failed is left out with its reason, as docker-library/mongo's versions.sh leaves one out. One that
was not tried is proposed and says so; a nanoserver variant, which copies its programs and has failed for others,
is proposed untried only when it is named. What upstream has already is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from contrib.images.model import Image
from contrib.values.errors import BadInput
from contrib.values.evidence import Proposed, Record, Standing


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is proposed.

    :param variants: names, in the image's order. :param left_out: name and reason of the others.
    """

    variants: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def choose(
    image: Image,
    standings: Sequence[Standing],
    *,
    asked: Collection[str],
    present: Collection[str],
    allow_failed: Callable[[str], bool],
) -> Chosen:
    """The variants that are proposed.

    :param standings: of every file that could be proposed; a variant has one per series.
    :param asked: variants that were named. :param present: variants that upstream has.
    :param allow_failed: asked with a sentence about each that failed; whether it is proposed all the same.
    :raises BadInput: nothing is left to propose.
    """
    kept: list[str] = []
    left_out: list[tuple[str, str]] = []
    for name in dict.fromkeys(each.variant for each in standings):
        mine = [each for each in standings if each.variant == name]
        variant = image.variant(name)
        failed = next((each for each in mine if each.result == "failed"), None)
        passed = all(each.result == "passed" for each in mine)
        if name in present:
            kept.append(name)
        elif failed is not None:
            if allow_failed(f"{name} failed: {failed.why}"):
                kept.append(name)
            else:
                day = max(record.when for record, _ in failed.seen).date()
                left_out.append((name, f"it failed on {day.isoformat()}, at {failed.why}"))
        elif variant is not None and variant.copies_from is not None and not passed and name not in asked:
            left_out.append((name, "it has not been built and run on Windows"))
        else:
            kept.append(name)
    for name in tuple(kept):
        variant = image.variant(name)
        source = variant.copies_from if variant is not None else None
        if source is not None and source not in kept and name not in present:
            kept.remove(name)
            left_out.append((name, f"it copies from {source}, which is left out"))
    if not kept:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out)
        raise BadInput(f"no variant is left to propose: {reasons}", kind="evidence")
    return Chosen(tuple(kept), tuple(left_out))


def belonging(
    records: Sequence[tuple[str, Record]], image: str, proposed: Sequence[Proposed]
) -> tuple[Record, ...]:
    """The records, checked to be about this image and these files.

    :param records: each with the file or address that it came from.
    :raises BadInput: a record of another image, or one that names none of the files.
    """
    paths = {each.path for each in proposed}
    for source, record in records:
        if record.image != image:
            raise BadInput(
                f"is a record of {record.image}, and this is {image}", file=source, kind="evidence"
            )
        if record.place.os == "linux":
            raise BadInput(
                "was made on Linux, which is no evidence for Windows",
                file=source,
                kind="evidence",
                hint="run `contrib try` where Docker runs Windows containers, or use its --workflow",
            )
        if not any(each.path in paths for each in record.variants):
            named = ", ".join(each.path for each in record.variants[:3]) or "no file"
            raise BadInput(
                f"is about {named}, and none of the proposed files is among them",
                file=source,
                kind="evidence",
            )
    return tuple(record for _, record in records)


def doubts(standings: Sequence[Standing], records: Sequence[Record]) -> tuple[str, ...]:
    """Why records that name a proposed file do not count for it, one sentence each."""
    named = {each.path for record in records for each in record.variants}
    return tuple(
        f"{each.path}: {each.why}, so it is not said to have been built and run"
        for each in standings
        if each.path in named and each.result == "not-run"
    )


def unproven(standings: Sequence[Standing], kept: Collection[str]) -> tuple[str, ...]:
    """Of what is proposed, the files that no record shows to have passed, with the reason."""
    return tuple(
        f"{each.path}: {each.why}" for each in standings if each.variant in kept and each.result != "passed"
    )
