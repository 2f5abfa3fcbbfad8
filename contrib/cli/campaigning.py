"""The wiring of `base`: from a release and images to one pull request per repository, as GitHub has them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.cli.common import Terminal
from contrib.cli.job import today_given
from contrib.clients.commits import ScratchStore
from contrib.clients.git import Repository, is_url, split_spec
from contrib.generate import bases
from contrib.generate.bases import Campaign
from contrib.generate.holds import Hold
from contrib.pulls import campaign as campaigns
from contrib.pulls.campaign import Asked, Library, Part
from contrib.pulls.contribution import Base, Place, handles
from contrib.pulls.gates import Gate, gates
from contrib.pulls.model import Plan, Proposal, Step
from contrib.values.errors import BadInput, ContribError, OutsideError

if TYPE_CHECKING:
    from typing_extensions import Self

    from contrib.clients.github import GitHubReads, RepositoryInfo
    from contrib.clients.libjq import Worker
    from contrib.library import LibraryFile
    from contrib.library.model import Entry
    from contrib.pulls.plan import Settings
    from contrib.upstream.render import RenderProfiles
    from contrib.values.tree import FileChange, Tree

#: Where official-images is, and where its pins are.
OFFICIAL = "docker-library/official-images"
PINS = ".external-pins"
KINDS = ("windowsservercore", "nanoserver")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for.

    :param what: ``add`` or ``drop``. :param every: ``--all``: images that it does not concern are left out.
    :param places: image to its repository, a directory or URL. :param hold: why, where it is only held back.
    """

    what: str
    release: str
    images: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS
    hold: Hold | None = None
    every: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    official_images: str | None = None
    templates: Path | None = None
    offline: bool = False


def changed(wish: Wish, profiles: RenderProfiles, tree: Tree, worker: Worker) -> Campaign | None:
    """An image's repository with the change; None where it has it already.

    :raises BadInput: it has no Windows variant that the change is about, or it would lose all.
    """
    from contrib.upstream import render

    def rendered(over: Tree) -> Sequence[FileChange]:
        return render.render_tree(profiles, over, worker=worker)

    there = bases.present(tree, wish.release, kinds=wish.kinds)
    if wish.what == "add":
        try:
            return bases.add(tree, wish.release, rendered, kinds=wish.kinds)
        except BadInput:
            if there:
                return None
            raise
    if not there and bases.windows(tree):
        return None
    return bases.drop(tree, wish.release, rendered, kinds=wish.kinds, hold=wish.hold or "")


class Campaigns:
    """Everything that a campaign is made of, found when it is asked for. A context manager.

    Each image costs itself alone: what cannot be done for one is in :attr:`left_out`.
    """

    def __init__(self, wish: Wish, github: GitHubReads, terminal: Terminal) -> None:
        self.wish = wish
        self.github = github
        self.terminal = terminal
        self.left_out: list[tuple[str, ContribError]] = []
        self._opened: list[Repository] = []
        self._store: ScratchStore | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for repository in self._opened:
            repository.close()
        if self._store is not None:
            self._store.close()

    # -- repositories ----------------------------------------------------------------------------------------

    def _obtained(self, spec: str) -> Repository:
        if is_url(spec) and not self.wish.offline:
            self.terminal.say(f"reading {spec} ...")
        found = Repository.obtain(spec, offline=self.wish.offline)
        self._opened.append(found)
        return found

    @cached_property
    def _locals(self) -> dict[str, tuple[RenderProfiles, str, Repository]]:
        """The images' own repositories as they are at hand."""
        from contrib.upstream import render

        found = {}
        for name in self.wish.images:
            try:
                profiles = render.load(name, self.wish.templates)
                spec, ref = split_spec(self.wish.places.get(name) or profiles.repository)
                if ref is not None:
                    raise BadInput(
                        f"@{ref}: a pull request is built on what upstream has now",
                        file=spec,
                        kind="usage",
                        hint="leave @REF out; --diff shows the change of a commit",
                    )
                found[name] = (profiles, spec, self._obtained(spec))
            except ContribError as error:
                self._leave_out(name, error)
        return found

    def _leave_out(self, name: str, error: ContribError) -> None:
        if len(self.wish.images) == 1:
            raise error
        self.left_out.append((name, error))

    @cached_property
    def _official_local(self) -> tuple[str, str | None, Repository]:
        spec, ref = split_spec(self.wish.official_images or f"https://github.com/{OFFICIAL}.git")
        return spec, ref, self._obtained(spec)

    @cached_property
    def store(self) -> ScratchStore:
        """Where upstream's branches, and the plan's commits, are."""
        sources = [local.git_dir for _, _, local in self._locals.values()]
        self._store = ScratchStore([*sources, self._official_local[2].git_dir])
        return self._store

    @cached_property
    def repository(self) -> Repository:
        """The same, to be read."""
        opened = Repository.open(self.store.path)
        self._opened.append(opened)
        return opened

    def _home(self, spec: str, address: str) -> RepositoryInfo:
        """The repository on GitHub: the one that the URL names, where it is this GitHub's, else by name."""
        named = self.github.where.owns(spec) if is_url(spec) else None
        name = named or "/".join(address.removesuffix(".git").split("/")[-2:])
        home = self.github.repository(name)
        if home is None:
            raise OutsideError(
                f"{self.github.where.host} has no repository {name}, or the token may not see it",
                kind="not-found",
            )
        return home

    def _base(self, home: RepositoryInfo, local: Repository, ref: str | None = None) -> Base:
        if self.wish.offline:
            branch = (local.head_ref or "refs/heads/master").removeprefix("refs/heads/")
            sha = local.resolve(ref or "HEAD")
        else:
            branch = home.default_branch
            self.terminal.say(f"fetching {home.full_name} ...")
            sha = self.github.fetch_into(self.store, home.clone_url, f"refs/heads/{branch}")
        return Base(branch, sha, self.repository.commit(sha).committer.date, self.repository.tree(sha))

    @cached_property
    def official(self) -> tuple[Place, Base]:
        """official-images: where pull requests go, and what they are built on."""
        spec, ref, local = self._official_local
        home = self._home(spec, OFFICIAL)
        base = self._base(home, local, ref)
        return Place(home.full_name, home.clone_url, self.store.path), base

    # -- what is changed -------------------------------------------------------------------------------------

    @cached_property
    def asked(self) -> Asked:
        """The campaign, with the bases that official-images pins for it."""
        from contrib.releases.sources.external_pins import from_paths

        tree = self.official[1].tree
        pins = tuple(
            sorted(
                pin.reference
                for pin in from_paths(tree.paths(PINS))
                if "/windows/" in pin.reference and pin.reference.endswith(f":{self.wish.release}")
            )
        )
        return Asked(self.wish.what, self.wish.release, pins)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The images that the campaign is about, in the order of their names."""
        from contrib.clients.libjq import Worker

        found: list[Part] = []
        with Worker() as worker:
            for name, (profiles, spec, local) in self._locals.items():
                try:
                    home = self._home(spec, profiles.repository)
                    base = self._base(home, local)
                    made = changed(self.wish, profiles, base.tree, worker)
                    place = Place(home.full_name, home.clone_url, self.store.path)
                    key = f"A{len(found) + 1}"
                    listed = self._listed(name)
                    maintainers = handles(listed.header.maintainers) if listed is not None else ()
                    stops = _worse(base.tree, made, self.wish) if made is not None else ()
                    found.append(Part(name, key, place, base, made, maintainers, stops))
                except ContribError as error:
                    self._leave_out(name, error)
        if not found:
            raise self.left_out[0][1] if self.left_out else BadInput("there is no image to change")
        return tuple(found)

    def _listed(self, name: str) -> LibraryFile | None:
        from contrib.library import parse

        path = f"library/{name}"
        data = self.official[1].tree.read(path)
        return None if data is None else parse(data, path)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """The pull requests to the images' own repositories."""
        official = self.official[0].repository
        return tuple(campaigns.image_proposal(part, self.asked, official=official) for part in self.parts)

    # -- official-images -------------------------------------------------------------------------------------

    def _official_proposal(self, steps: Sequence[Step], *, early: bool) -> Proposal:
        place, base = self.official
        by_key = {step.proposal.key: step for step in steps}
        libraries = []
        for part in self.parts:
            found = self._library(part, by_key[part.key], steps, early=early)
            if found is not None:
                libraries.append(found)
        commits = [step.merge_commit or step.proposal.base_commit for step in steps]
        subjects = {
            commit: self.repository.commit(commit).subject
            for commit in commits
            if self.repository.has(commit)
        }
        return campaigns.official_proposal(
            self.asked,
            place,
            base,
            self.parts,
            steps,
            libraries,
            web=self.github.where.web,
            subjects=subjects,
        )

    def _library(self, part: Part, step: Step, steps: Sequence[Step], *, early: bool) -> Library | None:
        """An image's library file at its step's commit; None where upstream's generator is not known."""
        from contrib.cli.entries import findings_of, pointed, stopping
        from contrib.library import parse
        from contrib.upstream.manifest import generate
        from contrib.upstream.profile import load

        path = f"library/{part.image}"
        base = self.official[1]
        before = base.tree.read(path)
        try:
            profiles = load(part.image, self.wish.templates)
        except BadInput:
            self._note(
                f"{path}: how upstream's generator prints it is not known (manifest.toml); it is left to you."
            )
            return None
        ours = None if step.merged else step.head_sha
        commit = ours or part.base.commit
        text = generate(profiles, self.repository, commit, base.tree)
        if early and ours is not None:
            text = pointed(text, path, steps, self.github.where)
        data = text.encode("utf-8", "surrogateescape")
        listed = None if before is None else parse(before, path)
        proposed = parse(data, path)
        findings = findings_of(
            text, path, before, None, today_given().isoformat(), github=self.github.where.web
        )
        stops = gates(
            listed,
            proposed,
            printed=lambda: self._printed(part, listed),
            reachable=lambda entry: self._reachable(part, entry, ours),
            unmerged=lambda entry: not early and ours is not None and entry.git_commit == ours,
            findings=stopping(findings),
        )
        stops = (*stops, *self._unpinned(path))
        custom = self.repository.run(
            "log", "-20", "--no-merges", "--format=%s", base.commit, "--", path
        ).stdout.decode("utf-8", "replace")
        maintainers = handles(proposed.header.maintainers)
        return Library(part.image, path, before, data, tuple(custom.splitlines()), stops, maintainers)

    def _unpinned(self, path: str) -> Iterable[Gate]:
        if self.wish.what == "add" and not self.asked.pins:
            message = f"official-images pins no base of {self.wish.release}, and its CI refuses entries on it"
            yield Gate("library-finding", message, (f"{PINS} has no …/windows/…___{self.wish.release}",))

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    @cached_property
    def _notes(self) -> list[str]:
        return []

    def _reachable(self, part: Part, entry: Entry, ours: str | None) -> bool | None:
        """Whether an entry's commit is on upstream's branch, where the entry is of the image's own repository."""
        if not entry.git_repo.removesuffix(".git").lower().endswith(part.place.repository.lower()):
            return None
        if entry.git_fetch not in ("", f"refs/heads/{part.base.branch}"):
            return None
        if not self.repository.has(entry.git_commit):
            return False
        return self.repository.is_ancestor(entry.git_commit, ours or part.base.commit)

    def _printed(self, part: Part, listed: LibraryFile | None) -> LibraryFile | None:
        """What upstream's generator printed at the newest commit that is listed; None where that cannot be said."""
        from contrib.cli.entries import newest_listed
        from contrib.library import parse
        from contrib.upstream.manifest import generate
        from contrib.upstream.profile import load

        newest = newest_listed(listed, self.repository)
        if newest is None:
            return None
        try:
            text = generate(
                load(part.image, self.wish.templates), self.repository, newest, self.official[1].tree
            )
            return parse(text.encode("utf-8", "surrogateescape"), f"library/{part.image}")
        except BadInput:
            return None

    # -- the plan --------------------------------------------------------------------------------------------

    def next(self, plan: Plan, command: str) -> str:
        """What the person does next."""
        return campaigns.next_of(plan.steps, command)

    def plan(self, settings: Settings, *, only: str | None = None, draft: bool = False) -> Plan:
        """One plan: the images' repositories, then official-images.

        :raises OutsideError: GitHub or git cannot be asked.
        """
        from dataclasses import replace

        from contrib.pulls.plan import Following, make_plan

        proposals = tuple(replace(each, draft=draft) for each in self.proposals)
        first = campaigns.outline(self.asked, self.official[0], self.parts)

        def official(steps: Sequence[Step]) -> Proposal:
            return replace(self._official_proposal(steps, early=settings.early), draft=draft)

        following = () if only == "image" else (Following(first, official, lambda: True),)
        made = make_plan(proposals, self.github, self.store, settings, then=following)
        if only == "official-images":
            made = replace(made, steps=tuple(step for step in made if step.proposal.key == "B"))
        notes = [*made.notes, *self._notes]
        if self.wish.offline:
            notes.append("GitHub was not asked (--offline): what is open there already is not known")
        notes += [f"{name} is left out: {error}" for name, error in self.left_out]
        notes += [
            f"{part.image}: {note}"
            for part in self.parts
            if part.campaign is not None
            for note in part.campaign.notes
        ]
        return replace(made, notes=tuple(notes), after=self.next(made, settings.command))


def _worse(tree: Tree, made: Campaign, wish: Wish) -> tuple[Gate, ...]:
    """Errors of the review in new Windows Dockerfiles that no Dockerfile of an older release beside them has."""
    from contrib.dockerfile import parse
    from contrib.rules.review import review
    from contrib.values.findings import Severity

    def errors(data: bytes, path: str) -> dict[str, str]:
        return {
            each.rule: f"{path}:{each.line}: {each.message} ({each.rule})"
            for each in review(parse(data, path), path=path)
            if each.severity is Severity.ERROR and each.accepted is None
        }

    said: list[str] = []
    for file in made.files:
        directory, _, name = file.path.rpartition("/")
        if (
            wish.what != "add"
            or name != "Dockerfile"
            or not directory.endswith(f"-{wish.release}")
            or file.content is None
        ):
            continue
        stem = directory.removesuffix(wish.release)
        known: set[str] = set()
        for path in tree.paths(directory.rpartition("/")[0]):
            if path.startswith(stem) and path.endswith("/Dockerfile"):
                known |= set(errors(tree.read(path) or b"", path))
        said += [text for rule, text in errors(file.content, file.path).items() if rule not in known]
    if not said:
        return ()
    return (Gate("review-finding", f"the review reports errors: {'; '.join(said[:3])}", tuple(said)),)
