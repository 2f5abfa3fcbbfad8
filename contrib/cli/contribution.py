"""The wiring of `pr` and `status`: from the shared options to proposals, for the repositories as GitHub has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.cli.generate import plan as plan_generated
from contrib.cli.job import Job
from contrib.cli.records import proof_notes
from contrib.clients.commits import ScratchStore
from contrib.clients.git import Repository, is_url, split_spec
from contrib.pulls.body import Compared
from contrib.pulls.contribution import (
    Base,
    Entries,
    Place,
    Wording,
    handles,
    image_proposals,
    official_proposal,
)
from contrib.pulls.gates import gates, linux_is_left_alone
from contrib.pulls.model import Proposal, Step
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from contrib.clients.github import GitHubReads, RepositoryInfo
    from contrib.generate.model import Generated
    from contrib.library import LibraryFile
    from contrib.library.model import Entry
    from contrib.pulls.body import Proof
    from contrib.pulls.sections import Section
    from contrib.upstream.layouts.base import BranchChanges, Layout
    from contrib.values.evidence import Record
    from contrib.values.tree import FileChange, Tree


@dataclass
class _Repositories:
    """The repositories that a contribution is made of and goes to.

    :param point_at_forks: entries for commits that upstream has not yet say in which fork they are, so that
        official-images' CI can build them (``--early``, ``--rehearse``).
    :param early: pull request B is wanted as a draft before its commits are merged.
    :param records: evidence records, each with where it came from.
    :param require_evidence: refuse a variant that no record shows to have passed.
    :param local: the job as it was asked for, on the local copies; closed by who made it.
    :param github: asked for the repositories, never written to here.
    """

    local: Job
    github: GitHubReads
    offline: bool
    from_: str | None = None
    to: str | None = None
    wording: Wording = field(default_factory=Wording)
    draft: bool = False
    point_at_forks: bool = False
    linux: bool = False
    early: bool = False
    records: tuple[tuple[str, Record], ...] = ()
    require_evidence: bool = False

    def __post_init__(self) -> None:
        self._local = self.local
        self.options = self.local.options
        self.terminal = self.local.terminal
        self._stores: list[ScratchStore] = []
        self._opened: list[Repository] = []
        self.agreed: Section | None = None
        #: What should be known, found while the plan was made.
        self.warnings: list[str] = []

    def __exit__(self, *exception: object) -> None:
        for repository in self._opened:
            repository.close()
        for store in self._stores:
            store.close()

    # -- repositories --------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> ScratchStore:
        """Where the image's branches, and the plan's commits, are."""
        return self._store([self._local.upstream.git_dir, self._official_local.git_dir])

    def _store(self, sources: Sequence[Path]) -> ScratchStore:
        made = ScratchStore(sources)
        self._stores.append(made)
        return made

    def _open(self, path: Path) -> Repository:
        opened = Repository.open(path)
        # A scratch store is nothing that a person knows: messages name what it borrows from.
        opened.path = self._local.upstream.path
        self._opened.append(opened)
        return opened

    @cached_property
    def _official_spec(self) -> tuple[str, str | None]:
        spec = self.options.official_images
        if spec is None:
            return self._local.image.official_images.repository.url, None
        return split_spec(spec)

    @cached_property
    def _official_local(self) -> Repository:
        spec, _ = self._official_spec
        if is_url(spec) and not self.offline:
            self.terminal.say(f"reading {spec} ...")
        obtained = Repository.obtain(spec, offline=self.offline)
        self._opened.append(obtained)
        return obtained

    def _home(self, spec: str | None, name: str) -> RepositoryInfo:
        """The repository on GitHub: the one that the URL names, where it is this GitHub's, else by name."""
        wanted = self.github.where.owns(spec) if spec is not None and is_url(spec) else None
        home = self.github.repository(wanted or name)
        if home is None:
            raise OutsideError(
                f"{self.github.where.host} has no repository {wanted or name}, or the token may not see it",
                kind="not-found",
            )
        return home

    @cached_property
    def home(self) -> RepositoryInfo:
        """The image's repository on GitHub."""
        layout = self._local.layout()
        return self._home(
            self.options.upstream and split_spec(self.options.upstream)[0], layout.facts.repository.name
        )

    @cached_property
    def official_home(self) -> RepositoryInfo:
        """official-images on GitHub."""
        given = None if self.options.official_images is None else self._official_spec[0]
        return self._home(given, self._local.image.official_images.repository.name)

    @cached_property
    def job(self) -> Job:
        """The job, on the image's repository as GitHub has it."""
        if self.offline:
            return self._local
        self._local.commit  # noqa: B018 (--upstream is judged first)
        home = self.home
        self.terminal.say(f"fetching {home.full_name} ...")
        self.github.fetch_all_into(self.store, home.clone_url)
        self.store.set_head(home.default_branch)
        job = Job(self.options, self.terminal)
        job.upstream = self._open(self.store.path)
        return job

    @cached_property
    def _official(self) -> Base:
        home = self.official_home
        _, ref = self._official_spec
        if self.offline:
            repository = self._official_local
            branch = (repository.head_ref or "refs/heads/master").removeprefix("refs/heads/")
            sha = repository.resolve(ref or "HEAD")
        else:
            branch = home.default_branch
            if ref is not None:
                sha = self._official_local.resolve(ref)
            else:
                self.terminal.say(f"fetching {home.full_name} ...")
                sha = self.github.fetch_into(self.store, home.clone_url, f"refs/heads/{branch}")
            repository = self._scratch
        return Base(branch, sha, repository.commit(sha).committer.date, repository.tree(sha))

    @cached_property
    def _scratch(self) -> Repository:
        return self._open(self.store.path)


class Workshop(_Repositories):
    """Everything that a contribution is made of, found when it is asked for. A context manager.

    The repositories are read as GitHub has them now: their branches are fetched into a scratch store that
    borrows from the local copies (``--upstream``, ``--official-images``), so that little is transferred and
    a stale clone does no harm. ``--offline`` takes the local copies as they stand.
    """

    def __enter__(self) -> Workshop:
        return self

    # -- what is generated -----------------------------------------------------------------------------------

    @property
    def _default(self) -> str:
        """Upstream's default branch."""
        return (self.job.branch or "master") if self.offline else self.home.default_branch

    @property
    def generated(self) -> Generated:
        """What the contribution changes in the image's repository, with the variants that are proposed."""
        return self._chosen[0]

    @property
    def proof(self) -> Proof:
        """What is known beyond the files: the image's case, and what the records say of the proposed files."""
        return self._chosen[1]

    @cached_property
    def _chosen(self) -> tuple[Generated, Proof]:
        from contrib.cli.records import Wish, settled

        job = self.job
        updated = self._updated()
        if updated is None and not self.options.series and self.to is None and self.from_ is None:
            job.options = replace(self.options, series=self._series())

        def generate() -> Generated:
            return plan_generated(job, from_=self.from_, to=self.to)

        wish = Wish(
            self.records,
            self.options.variants,
            updated is not None,
            self.require_evidence,
        )
        return settled(job, self.layout, updated or generate(), generate, wish)

    def _updated(self) -> Generated | None:
        """What a bump changes, where all the series that are asked for have Windows variants; None where they have not.

        An update sends exactly what `contrib bump` computes on upstream's current files; no template of ours is in it.
        """
        if self.from_ is not None:
            return None
        from contrib.cli.bumping import BumpJob, plan
        from contrib.generate.bump.proposal import proposed

        layout = self.layout
        there = tuple(
            each.name for each in layout.series() if not each.retired and layout.pin(each.name) is not None
        )
        asked = tuple(name for name in self.options.series if name != "all")
        if not there or not set(asked) <= set(there) or "all" in self.options.series:
            return None
        job = BumpJob(replace(self.options, series=asked or there), self.terminal)
        job.upstream = self.job.upstream
        bumped = plan(job, to=self.to, linux=self.linux)
        for name, sentence in bumped.guards:
            self.job.guards.stop(name, sentence)
        for move in bumped.moves:
            if move.unknown:
                self.warnings.append(f"{move.series} stays at {move.before} ({move.reason}): {move.sentence}")
        if not bumped.changes and not asked and self.to is None and len(self._series()) > len(there):
            return None  # nothing is due, and there is a series to add
        return proposed(job.image, layout, bumped, asked or there)

    @cached_property
    def source(self) -> str:
        """Digest of the person's own Dockerfile; empty without one."""
        if self.from_ is None:
            return ""
        from contrib.cli.source import read_source
        from contrib.pulls.sections import digest

        data = read_source(self.from_, offline=self.options.offline).data
        name = self.from_.replace("\\", "/").rpartition("/")[2].replace(" ", "_")
        return f"{digest(data.decode('utf-8', 'replace'))} {name}"

    def _series(self) -> tuple[str, ...]:
        """Unasked: the newest series that both have, and every one that has Windows variants already."""
        from contrib.generate.plan import choose_series

        catalogue = self.job.releases().of(self.layout.port)
        newest = {series.name for series in choose_series(self.layout, catalogue, ())}
        return tuple(
            series.name
            for series in self.layout.series()
            if not series.retired
            and (
                series.name in newest
                or (self.layout.pin(series.name) is not None and catalogue.newest(series.name) is not None)
            )
        )

    @cached_property
    def layout(self) -> Layout:
        """The layout of the image's repository, as GitHub has it."""
        return self.job.layout()

    def base_of(self, changes: BranchChanges) -> Base:
        """What a branch's changes are built on: upstream's commit, never a fork's."""
        job = self.job
        default = self._default
        if changes.branch is None or changes.branch == job.branch:
            branch, sha = job.branch or default, job.commit
        else:
            branch, sha = changes.branch, job.upstream.resolve(f"refs/heads/{changes.branch}")
        return Base(branch, sha, job.upstream.commit(sha).committer.date, job.upstream.tree(sha))

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known before: where Windows lags Linux, what was given up of a person's own file."""
        lines = [
            f"{plan.series.name}: Linux has {plan.series.version}, Windows gets {plan.release.version}"
            for plan in self.generated.series
            if plan.lags
        ]
        lines += proof_notes(self.proof, self.options.today)
        if self.offline:
            lines.append("GitHub was not asked (--offline): what is open there already is not known")
        return tuple(lines)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """The pull requests to the image's own repository."""
        from contrib.cli.evidence import refuse_idle

        job = self.job
        compared = {changes.key: self._compared(changes) for changes in self.generated.branches}
        if not (self.from_ or self.options.series or self.options.variants):
            judged = [each for files in compared.values() for each in files]
            refuse_idle(job, self.layout, self.generated, judged)
        place = Place(self.home.full_name, self.home.clone_url, job.upstream.git_dir)
        made = image_proposals(
            job.image,
            self.generated,
            place,
            self.base_of,
            compared=compared,
            checked=self._checked,
            wording=self.wording,
            draft=self.draft,
            source=self.source,
            variants=self.options.variants,
            asked=self.options.series,
            linux=self.linux,
            proof=self.proof,
        )
        return tuple(self._with_agreed(proposal) for proposal in made)

    def _with_agreed(self, proposal: Proposal) -> Proposal:
        if self.agreed is None:
            return proposal
        return replace(proposal, sections=(*proposal.sections[:1], self.agreed, *proposal.sections[1:]))

    def _compared(self, changes: BranchChanges) -> tuple[Compared, ...]:
        """The generated Dockerfiles beside their twins: one of each kind and series, the newest Windows."""
        from contrib.cli.evidence import compared

        return compared(self.job, self.layout, self.generated, changes)

    @cached_property
    def _checked(self) -> tuple[str, ...]:
        lines = [
            f"The checksum: {plan.release.asset}, {plan.verified.sentence}." for plan in self.generated.series
        ]
        lines.append("Each Dockerfile was compared with its Alpine twin fact by fact, and reviewed.")
        return tuple(lines)

    @cached_property
    def rendering(self) -> Callable[[Tree], tuple[FileChange, ...]] | None:
        """Renders upstream's templates over a tree, where its layout has templates that it renders by itself."""
        if self.layout.key != "templated":
            return None
        from contrib.upstream.render import differing, load, render_tree

        profiles = load(self.job.image.name, self.options.templates)

        def render(tree: Tree) -> tuple[FileChange, ...]:
            return tuple(differing(tree, render_tree(profiles, tree)))

        return render

    # -- pull request B --------------------------------------------------------------------------------------

    @property
    def outline(self) -> Proposal:
        """Pull request B, as far as it is known before anything is computed for it."""
        given = None if self.options.official_images is None else self._official_spec[0]
        named = self.github.where.owns(given) if given is not None and is_url(given) else None
        name = named or self.job.image.official_images.repository.name
        return Proposal(
            key="B",
            image=self.job.image.name,
            repository=name,
            clone_url=self.github.where.clone_url(name),
            objects=self.store.path,
            base_branch="master",
            base_commit="",
            branch=f"contrib/{self.job.image.name}-windows",
            commits=(),
            title=f"Update {self.job.image.name}",
            sections=(),
            waits_for=tuple(changes.key for changes in self.generated.branches),
        )

    def listed(self) -> bool:
        """Whether official-images has Windows entries of the image now."""
        path = self.job.image.official_images.manifest
        present = self._official.tree.read(path)
        return present is not None and any(_on_windows(e) for e in _parsed_bytes(present, path).entries)

    def official(self, wording: Wording) -> Callable[[Sequence[Step]], Proposal]:
        """Gives pull request B, once it is known how the steps for the image's own repository stand."""

        def build(steps: Sequence[Step]) -> Proposal:
            base = self._official
            objects = self._official_local.git_dir if self.offline else self.store.path
            place = Place(self.official_home.full_name, self.official_home.clone_url, objects)
            upstream = self.job.upstream
            commits = (step.merge_commit or step.proposal.base_commit for step in steps)
            subjects = {commit: upstream.commit(commit).subject for commit in commits if upstream.has(commit)}
            made = official_proposal(
                self.job.image,
                self.generated,
                place,
                base,
                steps,
                self._entries,
                web=self.github.where.web,
                subjects=subjects,
                custom=self._custom(base),
                wording=wording,
                draft=self.draft,
                proof=self.proof,
            )
            return self._with_agreed(made)

        return build

    def _custom(self, base: Base) -> tuple[str, ...]:
        """Subjects of the last changes of the library file, newest first."""
        path = self.job.image.official_images.manifest
        repository = self._official_local if self.offline else self._scratch
        done = repository.run("log", "-20", "--no-merges", "--format=%s", base.commit, "--", path)
        return tuple(done.stdout.decode("utf-8", "replace").splitlines())

    def _entries(self, steps: Sequence[Step]) -> Entries:
        """B's files: the library file with entries for our own commits, or for upstream's where it is merged."""
        from contrib.cli.entries import findings_of, library_file, pointed, stopping
        from contrib.upstream.official_tests import tests_change

        commits = {step.proposal.base_branch: None if step.merged else step.head_sha for step in steps}
        base = self._official
        path = self.job.image.official_images.manifest
        text = library_file(self.job, self._scratch, commits, base.tree, self._default)
        if self.point_at_forks:
            text = pointed(text, path, steps, self.github.where)
        parsed = _parsed(text, path)
        files = [_change(path, text.encode("utf-8", "surrogateescape"))]
        kinds = {
            variant.kind
            for e in parsed.entries
            for variant in self.job.image.variants
            if variant.name in e.constraints
        }
        tests = tests_change(self.job.image, base.tree, kinds)
        if tests is not None:
            files.append(tests)
        if not any(_on_windows(entry) for entry in parsed.entries):
            raise BadInput(
                "the library file would have no Windows entries",
                file=path,
                hint=f"contrib manifest {self.job.image.name} shows what it would hold",
            )
        merged = all(commit is None for commit in commits.values())
        present = base.tree.read(path)
        today = self.options.today.isoformat()
        view = self._scratch if merged else None
        findings = findings_of(text, path, present, view, today, github=self.github.where.web)
        lags = any(plan.lags for plan in self.generated.series)
        # Windows behind Linux is said elsewhere, and is no oversight.
        findings = tuple(one for one in findings if not (lags and one.rule == "version-skew-siblings"))
        for finding in findings:
            self.warnings.append(f"{path}:{finding.line}: {finding.message} ({finding.rule})")
        listed = None if present is None else _parsed_bytes(present, path)
        stops = gates(
            listed,
            parsed,
            printed=lambda: self._printed(listed),
            reachable=self._reachable,
            unmerged=lambda entry: (
                not self.point_at_forks
                and not self.early
                and entry.git_commit in {commit for commit in commits.values() if commit is not None}
            ),
            findings=stopping(findings),
        )
        alone = linux_is_left_alone(listed, parsed)
        said = "; ".join(f"{one.message} (`{one.rule}`)" for one in findings[:5])
        checked = (
            "The library file is read back, and checked by the rules of `contrib rules`: its form, what this "
            "repository's CI refuses, and what its history taught. They "
            + (f"say: {said}." if findings else "have nothing to say."),
            "No Linux entry differs from what is listed now."
            if alone
            else "Linux entries are as the image's own generator prints them.",
        )
        first = present is None or not any(
            _on_windows(entry) for entry in _parsed_bytes(present, path).entries
        )
        return Entries(
            tuple(files),
            handles(parsed.header.maintainers),
            checked,
            first,
            gates=stops,
            linux_alone=alone,
        )

    def rehearsed(self, steps: Sequence[Step]) -> Proposal:
        """Pull request B for a rehearsal: Windows entries alone, of the commits and branches of these steps."""
        from contrib.library.edit import Editor

        proposal = self.official(Wording())(steps)
        path = self.job.image.official_images.manifest
        ours = {step.head_sha for step in steps}

        def windows_only(change: FileChange) -> FileChange:
            if change.path != path or change.content is None:
                return change
            data = change.content
            while True:  # neighbours cannot be removed in one go
                file = _parsed_bytes(data, path)
                others = [e for e in file.entries if not _on_windows(e) or e.git_commit not in ours]
                if not others:
                    return _change(path, data)
                editor = Editor(file)
                editor.remove(others[0])
                data = editor.result()

        commits = tuple(
            replace(spec, files=tuple(windows_only(change) for change in spec.files))
            for spec in proposal.commits
        )
        return replace(proposal, commits=commits)

    def _reachable(self, entry: Entry) -> bool | None:
        """Whether an entry's commit is on its GitFetch, where the entry is of the image's own repository."""
        named = (
            self.github.where.owns(entry.git_repo)
            or entry.git_repo.removesuffix(".git").partition("://")[2].partition("/")[2]
        )
        known = {self.home.full_name.lower(), *(r.name.lower() for r in self.job.image.repositories)}
        if named.lower() not in known:
            return None
        repository = self.job.upstream
        tip = repository.refs("refs/").get(entry.git_fetch)
        if tip is None or not repository.has(entry.git_commit):
            return False
        return repository.is_ancestor(entry.git_commit, tip)

    def _printed(self, listed: LibraryFile | None) -> LibraryFile | None:
        """What upstream's generator printed at the newest commit that is listed; None where that cannot be said."""
        from contrib.cli.entries import library_file, newest_listed

        repository = self._scratch
        newest = newest_listed(listed, repository)
        if newest is None:
            return None
        branch = self.job.branch or self._default
        path = self.job.image.official_images.manifest
        try:
            text = library_file(self.job, repository, {branch: newest}, self._official.tree, self._default)
            return _parsed(text, path)
        except BadInput:
            return None


def _parsed(text: str, path: str) -> LibraryFile:
    return _parsed_bytes(text.encode("utf-8", "surrogateescape"), path)


def _parsed_bytes(data: bytes, path: str) -> LibraryFile:
    from contrib.library import parse

    return parse(data, path)


def _on_windows(entry: Entry) -> bool:
    return any(name.startswith("windows-") for name in entry.architectures)


def _change(path: str, content: bytes) -> FileChange:
    from contrib.values.tree import FileChange

    return FileChange(path, content)
