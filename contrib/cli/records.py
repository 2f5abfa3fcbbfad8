"""Evidence records as they are named on the command line: files and runs, read and laid beside what is proposed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.cli.job import Job
    from contrib.generate.model import Generated
    from contrib.images.case import Case
    from contrib.images.model import Image
    from contrib.pulls.body import Proof
    from contrib.upstream.layouts.base import Layout
    from contrib.values.evidence import Proposed, Record
    from contrib.values.tree import Tree


def read_records(
    named: Sequence[str],
    *,
    github_url: str = "https://github.com",
    token_file: Path | None = None,
    owners: Collection[str] | None = None,
) -> tuple[tuple[str, Record], ...]:
    """The records, each with where it came from.

    :param named: paths, and addresses of workflow runs. :param owners: accounts whose runs count; None for all.
    :raises BadInput: it is not a record, or a run's record says that it is of another run.
    :raises OutsideError: a run could not be read.
    """
    from contrib.values.evidence import MAX_BYTES, read_record

    found: list[tuple[str, Record]] = []
    for each in named:
        if each.startswith(("https://", "http://")):
            from contrib.cli.why import runs
            from contrib.clients.actions import RunAddress

            address = RunAddress.parse(each)
            for source, data in runs(github_url, token_file).records(each, owners):
                record = read_record(data, source)
                if address is None or record.run is None or _plain(record.run) != address.url:
                    raise BadInput(
                        f"says that it was made by {record.run or 'no run'}, and it was found in {each}",
                        file=source,
                        kind="evidence",
                    )
                found.append((source, record))
            continue
        path = Path(each)
        try:
            if not path.is_file():
                raise BadInput("there is no such file", file=each)
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", file=each) from error
        found.append((each, read_record(data, each)))
    return tuple(found)


def _plain(run: str) -> str:
    from contrib.clients.actions import RunAddress

    address = RunAddress.parse(run)
    return address.url if address is not None else run


def case_of(image: Image) -> Case | None:
    """The case of an image's folder; None when it has none."""
    from contrib.images.case import load_case

    kinds = tuple(dict.fromkeys(variant.kind for variant in image.variants))
    return load_case(image.folder, tuple(port.name for port in image.ports), kinds)


def proposed_files(job: Job, layout: Layout, generated: Generated) -> tuple[Proposed, ...]:
    """Every Windows Dockerfile of what is generated, with what it copies from the build context."""
    from contrib.dockerfile import parse
    from contrib.dockerfile.context import context_files
    from contrib.values.evidence import Proposed
    from contrib.values.tree import OverlayTree

    found = []
    for plan in generated.series:
        changes = generated.on(plan.series.branch or job.branch, default=True)
        tree: Tree = OverlayTree(job.tree_of(plan.series), changes)
        for name in plan.variants:
            path = layout.dockerfile(plan.series.name, name)
            data = tree.read(path)
            if data is None:
                continue
            folder = posixpath.dirname(path)
            names = [each.removeprefix(f"{folder}/") for each in tree.paths(folder) if each != path]
            context = {
                each: content
                for each in context_files(parse(data, path), names)
                if (content := tree.read(f"{folder}/{each}")) is not None
            }
            variant = job.image.variant(name)
            source = variant.copies_from if variant is not None else None
            found.append(
                Proposed(
                    name, path, data, context, layout.dockerfile(plan.series.name, source) if source else None
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said of evidence on the command line.

    :param records: each with where it came from. :param asked: variants that were named.
    :param every: failed and untried variants too. :param required: a variant without a record is refused.
    """

    records: tuple[tuple[str, Record], ...] = ()
    asked: tuple[str, ...] = ()
    every: bool = False
    required: bool = False


def settled(
    job: Job, layout: Layout, generated: Generated, again: Callable[[], Generated], wish: Wish
) -> tuple[Generated, Proof]:
    """What is proposed, with the variants that the records leave in it; and what is known beyond the files.

    :param again: generates once more, with the variants that the job's options name then.
    :raises BadInput: a record is of something else, no variant is left, or a record that is required is missing.
    """
    from contrib.pulls.body import Proof
    from contrib.pulls.chosen import belonging, choose, doubts, unproven
    from contrib.values.evidence import standing

    image = job.image
    files = proposed_files(job, layout, generated)
    records = belonging(wish.records, image.name, files)
    standings = standing(records, files)
    for doubt in doubts(standings, records):
        job.terminal.warn(doubt)
    left_out: tuple[tuple[str, str], ...] = ()
    if not wish.every:
        pins = (layout.pin(plan.series.name) for plan in generated.series)
        chosen = choose(
            image,
            standings,
            asked=wish.asked,
            present={name for pin in pins if pin is not None for name in pin.variants},
            allow_failed=lambda said: job.guards.offer("failed-variant", said),
        )
        left_out = chosen.left_out
        if left_out:
            job.options = replace(job.options, variants=chosen.variants)
            job.left_out = left_out
            generated = again()
            files = proposed_files(job, layout, generated)
            standings = standing(records, files)
    lacking = unproven(standings, {each.variant for each in files}) if wish.required else ()
    if lacking:
        hint = f"contrib try {image.name} --evidence FILE"
        raise BadInput(f"--require-evidence: {lacking[0]}", kind="evidence", hint=hint)
    return generated, Proof(case_of(image), standings, left_out)


def proof_notes(proof: Proof, today: date) -> list[str]:
    """What a person should know before: what is left out, and the advice that the image's case gives."""
    lines = [f"{name} is left out: {why}" for name, why in proof.left_out]
    case = proof.case
    if case is not None and case.advice.verdict != "go":
        lines.append(case.advice.sentence)
        lines.append("That would change when " + ", or when ".join(case.advice.until))
    if case is not None and case.stale(today):
        lines.append(f"the threads in the case were last read on {case.looked}: read them again")
    return lines
