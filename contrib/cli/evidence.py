"""What a pull request's text shows of the generated Dockerfiles: each kind beside its Linux twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contrib.cli.job import Job
from contrib.pulls.body import Compared
from contrib.upstream.tree import OverlayTree, Tree

if TYPE_CHECKING:
    from contrib.generate.model import Generated
    from contrib.upstream.layouts.base import BranchChanges, Layout


def compared(job: Job, layout: Layout, generated: Generated, changes: BranchChanges) -> tuple[Compared, ...]:
    """The Dockerfiles in a branch's changes beside their twins: of each series and kind one.

    The releases of Windows differ in the base alone, so the first of a kind (the newest) speaks for all.
    """
    return tuple(_compared(job, layout, generated, changes))


def _compared(job: Job, layout: Layout, generated: Generated, changes: BranchChanges) -> Iterator[Compared]:
    from contrib.compare import compare
    from contrib.dockerfile import parse
    from contrib.facts import extract
    from contrib.rules.review import review

    for plan in generated.series:
        if plan.series.name not in changes.series or plan.series.linux is None:
            continue
        tree: Tree = OverlayTree(job.tree_of(plan.series), changes.files)
        twin = tree.read(plan.series.linux)
        if twin is None:
            continue
        linux = extract(parse(twin, plan.series.linux), copied=_beside(tree, plan.series.linux))
        kinds: set[str] = set()
        for name in plan.variants:
            kind = name.split("-", 1)[0]
            path = layout.dockerfile(plan.series.name, name)
            data = tree.read(path)
            if kind in kinds or data is None:
                continue
            kinds.add(kind)
            dockerfile = parse(data, path)
            windows = extract(dockerfile)
            yield Compared(
                path,
                plan.series.linux,
                compare(windows, linux, job.image),
                review(dockerfile, path=path, twin=linux, image=job.image),
            )


def _beside(tree: Tree, path: str) -> dict[str, bytes]:
    """The files of a Dockerfile's directory, by their path there: what it may COPY."""
    directory = path.rpartition("/")[0]
    found = {}
    for name in tree.paths(directory):
        data = tree.read(name)
        if data is not None and name != path:
            found[name[len(directory) + 1 :] if directory else name] = data
    return found
