"""What a pull request's text shows of the generated Dockerfiles: each kind beside its Linux twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contrib.cli.job import Job
from contrib.pulls.body import Compared
from contrib.values.tree import OverlayTree, Tree

if TYPE_CHECKING:
    from contrib.generate.model import Generated
    from contrib.upstream.layouts.base import BranchChanges, Layout


def compared(job: Job, layout: Layout, generated: Generated, changes: BranchChanges) -> tuple[Compared, ...]:
    """The Dockerfiles in a branch's changes beside their twins: of each series and kind one.

    The releases of Windows differ in the base alone, so the first of a kind (the newest) speaks for all.
    """
    return tuple(_compared(job, layout, generated, changes))


def _compared(job: Job, layout: Layout, generated: Generated, changes: BranchChanges) -> Iterator[Compared]:
    from contrib.cli.comparing import compare_files, tree_source, understand, with_origin

    for plan in generated.series:
        linux = plan.series.linux
        if plan.series.name not in changes.series or linux is None:
            continue
        tree: Tree = OverlayTree(job.tree_of(plan.series), changes.files)
        if tree.read(linux) is None:
            continue
        twin = understand(tree_source(tree, linux, "", None))
        paths = list(tree.paths())
        kinds: set[str] = set()
        for name in plan.variants:
            kind = name.split("-", 1)[0]
            path = layout.dockerfile(plan.series.name, name)
            if kind in kinds or tree.read(path) is None:
                continue
            kinds.add(kind)
            source = tree_source(tree, path, "", None)
            windows = with_origin(understand(source), source, True, (tree, paths))
            comparison = compare_files(windows, twin, job.image).comparison
            yield Compared(path, linux, comparison.rows, comparison.findings)
