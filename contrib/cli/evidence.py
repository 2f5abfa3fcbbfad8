"""What a pull request's text shows of the generated Dockerfiles: each kind beside its Linux twin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contrib.cli.job import Job
from contrib.pulls.body import Compared
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, OverlayTree, Tree

if TYPE_CHECKING:
    from contrib.generate.model import Generated
    from contrib.upstream.layouts.base import BranchChanges, Layout


def compared(job: Job, layout: Layout, generated: Generated, changes: BranchChanges) -> tuple[Compared, ...]:
    """The Dockerfiles in a branch's changes beside their twins: of each series and kind one.

    The releases of Windows differ in the base alone, so the first of a kind (the newest) speaks for all.
    """
    return tuple(_compared(job, layout, generated, changes))


def refuse_idle(job: Job, layout: Layout, generated: Generated, files: Sequence[Compared]) -> None:
    """Refuse data of the image's that the whole run had no use for.

    Only a run over what the data is written for can tell: the newest series, with the image's own Dockerfiles, all
    kinds of them, whether they are proposed or not.

    :raises BadInput: an entry of a person's own folder has no effect; with its file, key and line.
    """
    from contrib.compare.effects import Judged, idle
    from contrib.images.reading import entry_line
    from contrib.values.tables import templates_directory

    everything = (*files, *_others(job, layout, generated))
    judged = [Judged(each.windows, each.rows, each.findings) for each in everything]
    for entry in idle(job.image, generated.port.name, judged):
        key, line = entry_line(job.image, entry.table, entry.key, entry.value)
        what = "no finding of that rule is made" if entry.table == "accept" else "no such difference is there"
        error = BadInput(
            f"{key}: {entry.value!r} has no effect: {what} in {', '.join(each.path for each in judged)}",
            file=str(job.image.folder / "image.toml"),
            line=line,
            hint="take the entry out; `contrib diff -v` shows every row and every finding",
        )
        if job.image.folder.parent != templates_directory():
            raise error
        # Upstream may have changed since the package was made, and who runs it cannot change the package's data.
        job.terminal.warn(str(error))


def _others(job: Job, layout: Layout, generated: Generated) -> Iterator[Compared]:
    """The kinds of the image that are not proposed, as they would be written for the newest series."""
    from contrib.cli.comparing import compare_files, tree_source, understand, with_origin
    from contrib.upstream.layouts import Pin, Voice

    plan = generated.series[0]
    if plan.series.linux is None or generated.speak is None:
        return
    kinds = {name.split("-", 1)[0] for each in generated.series for name in each.variants}
    pin = Pin(plan.release.version.text, plan.release.url, plan.verified.sha256, plan.variants)
    for variant in job.image.variants:
        if variant.kind in kinds:
            continue
        kinds.add(variant.kind)
        path = layout.dockerfile(plan.series.name, variant.name)
        text = generated.speak(variant, Voice.VALUES, plan.series.name, pin)
        tree = OverlayTree(job.tree_of(plan.series), (FileChange(path, text.encode()),))
        source = tree_source(tree, path, "", None)
        windows = with_origin(understand(source), source, True, (tree, list(tree.paths())))
        twin = understand(tree_source(tree, plan.series.linux, "", None))
        comparison = compare_files(windows, twin, job.image).comparison
        yield Compared(path, plan.series.linux, comparison.rows, comparison.findings)


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
