"""A contribution as proposals: what is generated, put on branches, with commits, titles and texts.

The order is the chain of DESIGN: A0 (scripts or generator), A1 … (one per base branch), then B, whose
entries name commits of the A's: upstream's own once they are merged, until then those in the scratch store.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timezone
from pathlib import Path

from contrib.generate.model import Generated
from contrib.images.model import Image
from contrib.pulls import body
from contrib.pulls.gates import Gate
from contrib.pulls.marker import LONGEST_TITLE
from contrib.pulls.model import CommitSpec, Proposal, Step
from contrib.pulls.sections import OWN, Section
from contrib.upstream.layouts.base import BranchChanges
from contrib.values.errors import BadInput
from contrib.values.findings import Severity
from contrib.values.markdown import message as unheard
from contrib.values.tree import FileChange, OverlayTree, Tree


@dataclass(frozen=True, slots=True)
class Base:
    """What a pull request is built on.

    :param branch: of upstream, without ``refs/heads/``. :param commit: its full id.
    :param date: committer's date of that commit. :param tree: its files.
    """

    branch: str
    commit: str
    date: datetime
    tree: Tree


@dataclass(frozen=True, slots=True)
class Place:
    """A repository that pull requests go to.

    :param repository: ``owner/name``. :param clone_url: where git reads it.
    :param objects: a local git directory that holds the bases.
    """

    repository: str
    clone_url: str
    objects: Path


@dataclass(frozen=True, slots=True)
class Wording:
    """What the person wants said in place of our own words; None leaves it to us."""

    title: str | None = None
    body: str | None = None
    message: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """What is given, as a marker has it."""
        return (*(["title"] if self.title else []), *([OWN] if self.body else []))


def image_proposals(
    image: Image,
    generated: Generated,
    place: Place,
    base_of: Callable[[BranchChanges], Base],
    *,
    compared: Mapping[str, Sequence[body.Compared]],
    checked: Sequence[str],
    wording: Wording,
    draft: bool = False,
    source: str = "",
    variants: Sequence[str] = (),
    asked: Sequence[str] = (),
    linux: bool = False,
    proof: body.Proof | None = None,
) -> tuple[Proposal, ...]:
    """The pull requests to the image's own repository, in the order of the chain.

    :param base_of: what a branch's changes are built on.
    :param compared: key of the changes to the comparisons of the Dockerfiles in them.
    :param source: digest of the person's own Dockerfile; empty without one. :param variants: those asked for.
    :param asked: series as they were asked for. :param linux: the Linux variants too.
    :raises BadInput: a title that is too long.
    """
    official = image.official_images.repository.name
    proposals = []
    for changes in generated.branches:
        base = base_of(changes)
        files = _differing(base.tree, changes.files)
        others = [
            f"{other.key} of this contribution goes to `{base_of(other).branch}`."
            for other in generated.branches
            if other is not changes and other.files
        ]
        title = wording.title or _title(image, generated, changes)
        sections = _given(wording) or body.image_sections(
            image,
            generated,
            branch=changes.branch,
            compared=compared.get(changes.key, ()),
            checked=checked,
            official=official,
            others=others,
            proof=proof,
        )
        errors = [
            f"{each.windows}:{one.line}: {one.message} ({one.rule})"
            for each in compared.get(changes.key, ())
            for one in each.findings
            if one.severity is Severity.ERROR and one.accepted is None
        ]
        gates = (
            (Gate("review-finding", f"the review reports errors: {'; '.join(errors[:3])}", tuple(errors)),)
            if errors and files
            else ()
        )
        proposals.append(
            Proposal(
                key=changes.key,
                image=image.name,
                repository=place.repository,
                clone_url=place.clone_url,
                objects=place.objects,
                base_branch=base.branch,
                base_commit=base.commit,
                branch=_branch_name(image, changes),
                commits=_commits(wording.message or title, changes, base, files, _date(base, generated)),
                title=_checked_title(title),
                sections=sections,
                waits_for=changes.waits_for,
                draft=draft,
                source=source,
                given=wording.given,
                gates=gates,
                series=tuple(changes.series),
                variants=tuple(variants),
                asked=tuple(asked),
                linux=linux,
            )
        )
    return tuple(proposals)


@dataclass(frozen=True, slots=True)
class Entries:
    """What pull request B holds.

    :param files: the library file and the tests' configuration, whole.
    :param maintainers: handles of the library file's ``Maintainers``.
    :param checked: what was checked, one sentence each.
    :param first: the library file has no Windows entries yet.
    :param gates: guards that the file meets. :param linux_alone: no Linux entry differs from what is listed.
    """

    files: tuple[FileChange, ...]
    maintainers: tuple[str, ...]
    checked: tuple[str, ...] = ()
    first: bool = True
    gates: tuple[Gate, ...] = ()
    linux_alone: bool = False


def official_proposal(
    image: Image,
    generated: Generated,
    place: Place,
    base: Base,
    steps: Sequence[Step],
    entries: Callable[[Sequence[Step]], Entries],
    *,
    web: str,
    subjects: Mapping[str, str],
    custom: Sequence[str] = (),
    wording: Wording,
    draft: bool = False,
    proof: body.Proof | None = None,
) -> Proposal:
    """The pull request to official-images, as the steps for the image's own repository stand.

    :param steps: of the proposals of :func:`image_proposals`.
    :param entries: gives B's files: for our own commit where a step is not merged, else for upstream's.
    :param web: address of GitHub's pages.
    :param subjects: commit to subject, of commits that upstream has.
    :param custom: subjects of the last changes of the library file, which the title is to look like.
    """
    found = entries(steps)
    files = _differing(base.tree, found.files)
    linked = [_linked(step, web, subjects) for step in steps]
    if found.first:
        what = f"Add Windows variants for {', '.join(plan.series.name for plan in generated.series)}"
    else:
        what = f"Update {', '.join(f'{p.series.name} for Windows to {p.release.version}' for p in generated.series)}"
    title = wording.title or customary_title(image.name, what, custom)
    sections = _given(wording) or body.official_sections(
        image,
        generated,
        linked=linked,
        maintainers=found.maintainers,
        checked=found.checked,
        difference=_difference(image, base.tree, found.files),
        first=found.first,
        linux_alone=found.linux_alone,
        proof=proof,
    )
    message = wording.message
    if message is None:
        changes = "\n".join(f"- {each.page}: {unheard(each.subject)}" for each in linked)
        message = f"{title}\n\nChanges:\n\n{changes}"
    date = max([_date(base, generated), *(commit.date for step in steps for commit in step.proposal.commits)])
    return Proposal(
        key="B",
        image=image.name,
        repository=place.repository,
        clone_url=place.clone_url,
        objects=place.objects,
        base_branch=base.branch,
        base_commit=base.commit,
        branch=f"contrib/{image.name}-windows",
        commits=(_commit(message, files, date),) if files else (),
        title=_checked_title(title),
        sections=sections,
        waits_for=tuple(step.proposal.key for step in steps),
        draft=draft,
        series=tuple(plan.series.name for plan in generated.series),
        given=wording.given,
        gates=found.gates,
        of=tuple(
            f"{step.proposal.repository}#{step.number}" for step in steps if step.merged and step.number
        ),
    )


def _given(wording: Wording) -> tuple[Section, ...]:
    """A person's own text, as one section: it is ours to keep current as long as they do not change it there."""
    return (Section(OWN, wording.body.strip("\n")),) if wording.body else ()


def _difference(image: Image, before: Tree, files: Sequence[FileChange]) -> str:
    """What changes in the library file, for a reviewer; empty when nothing does."""
    from contrib.library import parse
    from contrib.library.diff import diff, markdown

    path = image.official_images.manifest
    new = next((change.content for change in files if change.path == path), None)
    old = before.read(path)
    if new is None or new == old:
        return ""
    return markdown(diff(parse(old, path) if old is not None else None, parse(new, path)))


def customary_title(image: str, what: str, custom: Sequence[str]) -> str:
    """A title as the last ones for this image were: each image's maintainers have their own.

    :param what: what is done, a few words. :param custom: subjects, newest first.

    >>> customary_title("redis", "Add Windows variants for 8.10", ["Redis: Update to 8.8.0 (#21529)"])
    'Redis: Add Windows variants for 8.10'
    >>> customary_title("nats", "Add Windows", ["[nats] Release v2.12.11", "nats: Update to v2.14.5", "[nats] v2"])
    '[nats] Add Windows'
    >>> customary_title("golang", "Add Windows", ["Update golang (#22100)"])
    'Update golang'
    """
    forms: Counter[str] = Counter()
    for subject in custom:
        found = re.match(rf"\[{re.escape(image)}\] |{re.escape(image)}: ", subject, re.IGNORECASE)
        if found is not None:
            forms[found[0]] += 1
        elif re.match(rf"Update {re.escape(image)}\b", subject):
            forms[""] += 1
    form = forms.most_common(1)[0][0] if forms else ""
    return f"{form}{what}" if form else f"Update {image}"


def handles(maintainers: Sequence[str]) -> tuple[str, ...]:
    """The GitHub handles of a library file's maintainers.

    >>> handles(["A B <a@example.com> (@ab)", "C D (@c-d)", "E F <e@example.com>"])
    ('@ab', '@c-d')
    """
    found = (re.search(r"\((@[A-Za-z0-9][A-Za-z0-9-]{0,38})\)", one) for one in maintainers)
    return tuple(dict.fromkeys(each[1] for each in found if each is not None))


def _linked(step: Step, web: str, subjects: Mapping[str, str]) -> body.Linked:
    proposal = step.proposal
    where = f"{proposal.repository}{{#{proposal.key}}}"
    repository = proposal.repository if step.merged else step.head_repository
    if step.merged or step.head_sha is None:
        commit = step.merge_commit or proposal.base_commit
    else:
        commit = step.head_sha
    subject = subjects.get(commit) or (
        proposal.commits[0].message.split("\n", 1)[0] if proposal.commits else proposal.title
    )
    return body.Linked(where, commit, f"{web}/{repository}/commit/{commit}", subject, step.merged)


def _title(image: Image, generated: Generated, changes: BranchChanges) -> str:
    """As docker-library writes its subjects: what, and to which version."""
    if changes.commits:
        subjects = [subject for subject, _ in changes.commits]
        parts = [subject.removeprefix("Update ") for subject in subjects]
        return f"Update {', '.join(parts)}" if len(parts) > 1 else subjects[0]
    plans = [plan for plan in generated.series if plan.series.name in changes.series]
    if not plans:
        return f"Teach the release tools about the Windows variants of {image.title}"
    if all(plan.before is not None for plan in plans):
        updated = [plan for plan in plans if plan.before != plan.release.version.text] or plans
        return "Update " + ", ".join(f"{p.series.name} for Windows to {p.release.version}" for p in updated)
    return f"Add Windows variants for {', '.join(plan.series.name for plan in plans)}"


def _branch_name(image: Image, changes: BranchChanges) -> str:
    """Fixed for an image and a base, so that a second run and another machine find it."""
    name = f"contrib/{image.name}-windows"
    if changes.key == "A0" and not changes.series:
        return f"{name}-tools"
    if changes.branch is not None:
        name += "-" + re.sub(r"[^A-Za-z0-9._-]+", "-", changes.branch).strip("-.")
    return name


def _commits(
    message: str, changes: BranchChanges, base: Base, files: tuple[FileChange, ...], date: datetime
) -> tuple[CommitSpec, ...]:
    """One commit, or those that the changes are made of, each with its own subject; none that changes nothing."""
    if not files:
        return ()
    if len(changes.commits) < 2:
        return (_commit(message, files, date),)
    tree: Tree = base.tree
    found = []
    for subject, part in changes.commits:
        todo = _differing(tree, part)
        if todo:
            found.append(_commit(subject, todo, date))
            tree = OverlayTree(tree, todo)
    return tuple(found)


def _commit(message: str, files: tuple[FileChange, ...], date: datetime) -> CommitSpec:
    return CommitSpec(message.strip(), files, date)


def _date(base: Base, generated: Generated) -> datetime:
    """The newest of what the commit is made from: upstream's commit, and the port's releases."""
    published = [
        datetime.combine(plan.release.published, time(), timezone.utc)
        for plan in generated.series
        if plan.release.published is not None
    ]
    return max([base.date, *published])


def _differing(tree: Tree, files: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """The changes that the tree does not hold yet."""
    return tuple(
        change
        for change in files
        if tree.read(change.path) != change.content
        or (change.content is not None and tree.mode(change.path) != change.mode)
    )


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise BadInput("the title is empty")
    if len(title) > LONGEST_TITLE:
        raise BadInput(f"the title has {len(title)} characters; GitHub takes {LONGEST_TITLE}")
    return title
