"""The wiring of a bump: from the shared options to the plan, for images with and without ``image.toml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.cli.job import Job
from contrib.cli.repositories import image_named
from contrib.images.model import Image
from contrib.values.errors import BadInput
from contrib.values.tables import templates_directory
from contrib.values.tree import FileChange, Tree
from contrib.values.windows import build_of

if TYPE_CHECKING:
    from contrib.generate.bump import Bumped, Tracks
    from contrib.releases import Releases
    from contrib.releases.archives import Archives
    from contrib.upstream.layouts import Layout


class BumpJob(Job):
    """A job whose image may have no ``image.toml``: its makers build for Windows themselves."""

    @cached_property
    def tracks(self) -> Tracks:
        """What has versions in the image's repository.

        :raises BadInput: the image has no folder with ``bump.toml``.
        """
        from contrib.generate.bump import default, load, names

        templates = self.options.templates
        image = self.options.image
        if image is None or image not in names(templates):
            try:
                # A folder without bump.toml says enough for the software and its port.
                return default(super().image)
            except BadInput:
                if image is None and len(names(templates)) != 1:
                    raise
        return load(image_named(image, templates, "bump.toml"), templates)

    @cached_property
    def folder(self) -> Path:
        """The image's folder."""
        return (self.options.templates or templates_directory()) / self.tracks.image

    @cached_property
    def bare(self) -> bool:
        """Whether the image's folder has no ``image.toml``."""
        return not (self.folder / "image.toml").is_file()

    @cached_property
    def own_image(self) -> Image | None:
        """The image's folder as values, where it has an ``image.toml``."""
        return None if self.bare else self.image

    @property
    def default_repository(self) -> str:
        """See :class:`Job`."""
        return self.tracks.repository if self.bare else super().default_repository

    @property
    def pins_directory(self) -> str:
        """See :class:`Job`."""
        return ".external-pins" if self.bare else super().pins_directory

    @cached_property
    def sources(self) -> Releases:
        """The image's version sources, each read once."""
        if not self.bare:
            return self.releases()
        from contrib.releases import load_folder

        tree = self.official_tree
        pinned = None if tree is None else tuple(tree.paths(self.pins_directory))
        return load_folder(self.folder, self.given, documents=self.documents, pinned=pinned)

    def archives(self) -> Archives:
        """What downloads archives, or says why it does not."""
        from contrib.releases.archives import Archives

        if self.options.offline or self.options.no_download or self.documents is None:
            option = "--offline" if self.options.offline else "--no-download"
            return Archives(self.sources, None, f"own download ({option})")
        from contrib.work.known import known

        archives = Archives(self.sources, self.documents, progress=self._progress)
        if known() is not None:
            from contrib.work.loads import inspect

            archives.inspect = inspect
        return archives

    def _progress(self, name: str, count: int) -> None:
        """Bytes of an archive have come: a line when it begins, and one for each 32 MiB."""
        done = self._downloaded.get(name)
        if done is None:
            self.terminal.say(f"downloading {name} for its checksum ...")
        total = (done or 0) + count
        self._downloaded[name] = total
        if total >> 25 > (done or 0) >> 25:
            self.terminal.say(f"{name}: {total >> 20} MiB ...")

    @cached_property
    def _downloaded(self) -> dict[str, int]:
        return {}


@dataclass(frozen=True, slots=True)
class Held:
    """What may end a hold: records of `try` and reports of `loads` (``--evidence``), and the runners' builds."""

    evidence: tuple[str, ...] = ()
    runners: str | None = None

    def passed(self, image: str) -> dict[str, str]:
        """Held variant of an image to the sentence that says how it passed.

        :raises BadInput: a file is neither a record nor a report.
        """
        from contrib.cli.holding import passed

        return passed(self.evidence, image)

    def builds(self, job: BumpJob) -> dict[str, str] | None:
        """The builds of GitHub's runners, where a hold waits for one or a file was named."""
        from contrib.cli.holding import builds
        from contrib.generate.holds import in_scripts, together

        there = together(in_scripts(job.tree, job.tracks.scripts), job.tracks.holds)
        wanted = any(build_of(hold.until) is not None for hold in there)
        if self.runners is None and (not wanted or job.options.offline or job.given):
            return None
        return builds(self.runners, job.terminal)


def plan(
    job: BumpJob,
    *,
    to: str | None = None,
    linux: bool = False,
    security: bool = False,
    held: Held | None = None,
) -> Bumped:
    """What would be bumped, on upstream's files as they are at the job's commit.

    :param held: what may end a hold.
    """
    from contrib.clients.libjq import Worker
    from contrib.generate.bump import Asked, InPlace, Planner, Templated
    from contrib.upstream import render

    job.commit  # noqa: B018 (--upstream is judged first)
    tracks = job.tracks.at(job.tree)
    image = job.own_image
    layout: Layout | None = None
    with Worker() as worker:
        route: Templated | InPlace
        if image is not None:
            layout = job.layout()
        if layout is None or layout.key == "templated":
            profiles = render.load(tracks.image, job.options.templates)
            route = Templated(
                job.tree,
                profiles,
                tracks.skip,
                lambda tree, series: render.render_tree(profiles, tree, versions=[series], worker=worker),
            )
        else:
            assert image is not None
            if linux and layout.key != "plain":
                raise BadInput(
                    f"in this layout ({layout.title}) upstream's own automation makes the Linux releases",
                    hint="leave --linux out",
                )
            route = InPlace(image, layout, job.tree_of, _render_jq)
        asked = Asked(
            job.options.today,
            job.options.series,
            job.options.variants,
            to,
            linux,
            allowed=frozenset(job.guards.allowed),
            security=security,
            runners=(held or Held()).builds(job),
            passed=(held or Held()).passed(tracks.image),
        )
        planner = Planner(
            tracks,
            route,
            job.sources,
            job.archives(),
            asked,
            image=image,
            port=layout.port if layout is not None else None,
            review=_worse(image),
        )
        return _with_imports(planner.plan(), job)


def _with_imports(bumped: Bumped, job: BumpJob) -> Bumped:
    """With a note for each library that a new release imports and the one before did not, where both are known."""
    from contrib.work.known import known

    what = known()
    if what is None:
        return bumped
    from contrib.build import read
    from contrib.dockerfile import parse
    from contrib.facts.starts import news

    said = []
    for change in bumped.changes:
        after = {
            file.path: read(parse(file.content, file.path))
            for file in change.files
            if "windows" in file.path and file.path.endswith("Dockerfile") and file.content
        }
        for path, build in after.items():
            before = job.tree.read(path)
            # of the same release of Windows: it copies from this one's image
            copiers = {
                other: each
                for other, each in after.items()
                if "nanoserver" in other
                and other.rpartition("-")[2] == path.rpartition("-")[2]
                and other != path
            }
            if before:
                said += news(read(parse(before, path)), build, what, copiers)
    return replace(bumped, notes=(*bumped.notes, *dict.fromkeys(said)))


def _worse(image: Image | None) -> Callable[[Tree, Sequence[FileChange]], Sequence[str]]:
    """Says how the review of the Windows Dockerfiles gets worse: errors that were not there before."""

    def worse(tree: Tree, files: Sequence[FileChange]) -> list[str]:
        from contrib.dockerfile import parse
        from contrib.rules.review import review
        from contrib.values.findings import Severity

        def errors(data: bytes, path: str) -> list[str]:
            found = review(parse(data, path), path=path, image=image)
            return [each.rule for each in found if each.severity is Severity.ERROR and each.accepted is None]

        said = []
        for change in files:
            if "/windows/" not in f"/{change.path}" or not change.path.endswith("/Dockerfile"):
                continue
            before = tree.read(change.path)
            if before is None or change.content is None:
                continue
            was = errors(before, change.path)
            for rule in errors(change.content, change.path):
                if rule in was:
                    was.remove(rule)
                else:
                    said.append(f"{change.path}: {rule}")
        return said

    return worse


def _render_jq(template: bytes, path: str, versions: bytes, environment: Mapping[str, str]) -> bytes:
    """Upstream's template by libjq, as its own tool renders it."""
    from contrib.clients.libjq import Worker
    from contrib.upstream.jqtemplate import checked_json, compile_template, render

    program = compile_template(template, path)
    text, _ = checked_json(versions, "versions.json")
    with Worker() as worker:
        return render(program, text, [environment], worker)[0]
