"""A base campaign as proposals: one pull request per image's repository, and one to official-images for all of them.

The image's repository gets data, scripts and the directories that upstream's own templates give
(:mod:`contrib.generate.bases`); official-images gets the library files as upstream's generators print them, with
tags, shared tags and constraints. Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import contrib
from contrib.generate.bases import Campaign, name_of
from contrib.library import parse
from contrib.library.diff import diff, markdown
from contrib.pulls.body import inline
from contrib.pulls.case_text import folded
from contrib.pulls.contribution import Base, Place, customary_title
from contrib.pulls.gates import Gate
from contrib.pulls.model import CommitSpec, Proposal, Step
from contrib.pulls.sections import Section
from contrib.values.markdown import code, link
from contrib.values.markdown import message as unheard
from contrib.values.tree import FileChange
from contrib.values.windows import release_of

#: Paths of directories that are listed before they are counted.
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What a campaign is.

    :param what: ``add`` or ``drop``. :param pins: references of the release's bases that official-images pins.
    """

    what: str
    release: str
    pins: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """Of every pull request: each is in a repository of its own."""
        return f"contrib/base-{self.what}-{self.release}"

    @property
    def words(self) -> str:
        """``add Windows Server 2025``."""
        return f"{self.what} {name_of(self.release)}"


@dataclass(frozen=True, slots=True)
class Part:
    """One image of a campaign.

    :param key: of its pull request: ``A1``, ``A2`` …
    :param campaign: its change; None where upstream has it already.
    :param maintainers: handles of the library file's ``Maintainers``.
    """

    image: str
    key: str
    place: Place
    base: Base
    campaign: Campaign | None
    maintainers: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """An image's library file as it would be.

    :param path: in official-images. :param before: None where there is no such file.
    :param custom: subjects of its last changes, newest first. :param gates: what stops it.
    """

    image: str
    path: str
    before: bytes | None
    after: bytes
    custom: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    maintainers: tuple[str, ...] = ()


def marked(image: str, asked: Asked) -> str:
    """What a campaign's pull request is called in its marker: it is no contribution of variants."""
    return f"{image} {asked.what} {asked.release}"


def image_proposal(part: Part, asked: Asked, *, official: str, draft: bool = False) -> Proposal:
    """The pull request to an image's own repository; without commits where upstream has it already.

    :param official: ``owner/name`` of official-images.
    """
    campaign, base = part.campaign, part.base
    title = campaign.title if campaign is not None else f"{asked.words[0].upper()}{asked.words[1:]}"
    files = campaign.files if campaign is not None else ()
    return Proposal(
        key=part.key,
        image=marked(part.image, asked),
        repository=part.place.repository,
        clone_url=part.place.clone_url,
        objects=part.place.objects,
        base_branch=base.branch,
        base_commit=base.commit,
        branch=asked.branch,
        commits=(CommitSpec(title, files, base.date),) if files else (),
        title=title,
        sections=_image_sections(part, campaign, asked, official) if campaign is not None else (),
        draft=draft,
        series=tuple(campaign.variants) if campaign is not None else (),
        gates=part.gates,
    )


def _image_sections(part: Part, campaign: Campaign, asked: Asked, official: str) -> tuple[Section, ...]:
    name = name_of(asked.release)
    rows = ["| series | variants |", "| --- | --- |"]
    rows += [
        f"| {code(series, cell=True)} | {', '.join(code(each, cell=True) for each in variants)} |"
        for series, variants in campaign.variants.items()
    ]
    if asked.what == "add":
        opening = f"Adds the {name} variants of `{part.image}`, in every list that has older ones."
    elif campaign.hold:
        opening = f"Holds the {name} variants of `{part.image}` back: {inline(campaign.hold)}."
    else:
        opening = f"Removes the {name} variants of `{part.image}`."
    data = [file.path for file in campaign.files if "/" not in file.path]
    made = [file for file in campaign.files if "/" in file.path]
    lines = [f"- {', '.join(code(path) for path in data)}: the lists of variants."] if data else []
    if made:
        written = sum(file.content is not None for file in made)
        counts = [f"{written} written"] if written else []
        counts += [f"{len(made) - written} removed"] if written < len(made) else []
        lines.append(
            f"- {len(made)} files that this repository's own templates give ({', '.join(counts)}); none by hand."
        )
    parts = [
        ("opening", opening),
        ("variants", "\n".join(rows)),
        ("edits", "### What changes\n\n" + "\n".join(lines)),
        ("notes", _notes(campaign.notes)),
        ("base", _base(asked)),
        (
            "follows",
            f"The `library/{part.image}` entries follow in {official} when this is merged.\n\n"
            f"Prepared with `contrib` {contrib.__version__}. Nothing of it was built or run by it.",
        ),
        ("cc", "cc " + " ".join(part.maintainers) if part.maintainers else ""),
    ]
    return _sections(parts)


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    told = "\n".join(f"- {inline(each)}" for each in notes[:_LISTED])
    more = f"\n- and {len(notes) - _LISTED} more" if len(notes) > _LISTED else ""
    return f"### Left to you\n\n{told}{more}"


def _base(asked: Asked) -> str:
    """What is known of the base: when its support ends, and whether official-images pins it."""
    release = release_of(asked.release)
    said = []
    if release is not None:
        said.append(f"Microsoft supports {release.title} until {release.extended.isoformat()}.")
    if asked.pins:
        said.append(f"official-images pins {', '.join(code(pin) for pin in asked.pins)}.")
    elif asked.what == "add":
        said.append(
            f"official-images does not pin a {asked.release} base yet, and its CI refuses what it does not pin."
        )
    return " ".join(said)


def outline(asked: Asked, place: Place, parts: Sequence[Part]) -> Proposal:
    """The pull request to official-images before anything is computed for it."""
    return Proposal(
        key="B",
        image=marked("official-images", asked),
        repository=place.repository,
        clone_url=place.clone_url,
        objects=place.objects,
        base_branch="master",
        base_commit="",
        branch=asked.branch,
        commits=(),
        title=_official_title(asked, [part.image for part in parts], ()),
        sections=(),
        waits_for=tuple(part.key for part in parts),
    )


def official_proposal(
    asked: Asked,
    place: Place,
    base: Base,
    parts: Sequence[Part],
    steps: Sequence[Step],
    libraries: Sequence[Library],
    *,
    web: str,
    subjects: Mapping[str, str],
    draft: bool = False,
) -> Proposal:
    """The pull request to official-images: one commit per library file that changes.

    :param steps: of the images' own repositories. :param web: address of GitHub's pages.
    :param subjects: commit to subject, of commits that upstream has.
    """
    changed = [each for each in libraries if each.after != each.before]
    images = [each.image for each in changed]
    by_key = {step.proposal.key: step for step in steps}
    linked = {part.image: _linked(by_key[part.key], web, subjects) for part in parts if part.key in by_key}
    dates = [base.date, *(commit.date for step in steps for commit in step.proposal.commits)]
    commits = tuple(
        CommitSpec(
            f"{customary_title(each.image, asked.words, each.custom)}\n\nChanges:\n\n- {linked[each.image][0]}",
            (FileChange(each.path, each.after),),
            max(dates),
        )
        for each in changed
    )
    waiting = [linked[part.image][1] for part in parts if not by_key[part.key].merged] if parts else []
    maintainers = tuple(dict.fromkeys(handle for each in changed for handle in each.maintainers))
    return Proposal(
        key="B",
        image=marked("official-images", asked),
        repository=place.repository,
        clone_url=place.clone_url,
        objects=place.objects,
        base_branch=base.branch,
        base_commit=base.commit,
        branch=asked.branch,
        commits=commits,
        title=_official_title(asked, images, changed[0].custom if len(changed) == 1 else ()),
        sections=_official_sections(asked, changed, linked, waiting, maintainers),
        waits_for=tuple(part.key for part in parts),
        draft=draft,
        gates=tuple(gate for each in changed for gate in each.gates),
        of=tuple(f"{s.proposal.repository}#{s.number}" for s in steps if s.merged and s.number),
    )


def _official_title(asked: Asked, images: Sequence[str], custom: Sequence[str]) -> str:
    if len(images) == 1:
        return customary_title(images[0], asked.words, custom)
    words = f"{asked.words[0].upper()}{asked.words[1:]}"
    some = ", ".join(images[:6]) + (f" and {len(images) - 6} more" if len(images) > 6 else "")
    joined = "to" if asked.what == "add" else "from"
    return f"{words} {joined} {some}" if some else words


def _linked(step: Step, web: str, subjects: Mapping[str, str]) -> tuple[str, str]:
    """``(a commit's line, what it waits for)``."""
    proposal = step.proposal
    repository = proposal.repository if step.merged else step.head_repository
    commit = step.head_sha if not step.merged and step.head_sha else step.merge_commit or proposal.base_commit
    subject = subjects.get(commit) or (
        proposal.commits[0].message.split("\n", 1)[0] if proposal.commits else proposal.title
    )
    return (
        f"{web}/{repository}/commit/{commit}: {unheard(subject)}",
        f"{proposal.repository}{{#{proposal.key}}}",
    )


def _official_sections(
    asked: Asked,
    changed: Sequence[Library],
    linked: Mapping[str, tuple[str, str]],
    waiting: Sequence[str],
    maintainers: Sequence[str],
) -> tuple[Section, ...]:
    name = name_of(asked.release)
    verb = "Adds the entries on" if asked.what == "add" else "Removes the entries on"
    opening = f"{verb} {name}: {', '.join(f'`library/{each.image}`' for each in changed)}."
    if waiting:
        opening += (
            f"\n\n**It waits for {', '.join(waiting)}.** The commits that the entries name are those of these pull "
            "requests' branches; upstream's own take their place when they are merged."
        )
    lines = []
    for each in changed:
        if each.image in linked:
            page, _, subject = linked[each.image][0].partition(": ")
            lines.append(
                f"- {link(page.rpartition('/')[2][:10], page)} {inline(subject)} ({linked[each.image][1]})"
            )
    shown = []
    for each in changed:
        before = parse(each.before, each.path) if each.before is not None else None
        shown.append(markdown(diff(before, parse(each.after, each.path))).strip())
    parts = [
        ("opening", opening),
        ("changes", "### Changes\n\n" + "\n".join(lines) if lines else ""),
        ("difference", folded("What changes in the library files", "\n\n".join(shown)) if shown else ""),
        ("base", _base(asked)),
        ("follows", f"Prepared with `contrib` {contrib.__version__}."),
        ("cc", "cc " + " ".join(maintainers) if maintainers else ""),
    ]
    return _sections(parts)


def _sections(parts: Sequence[tuple[str, str]]) -> tuple[Section, ...]:
    return tuple(Section(name, text.strip("\n")) for name, text in parts if text.strip())


def next_of(steps: Sequence[Step], command: str) -> str:
    """What the person does next."""
    open_ = [step for step in steps if not step.merged and step.proposal.key != "B"]
    official = next((step for step in steps if step.proposal.key == "B"), None)
    if all(step.merged for step in steps):
        return "nothing: upstream has all of it"
    if open_:
        names = ", ".join(
            f"{step.proposal.repository}#{step.number}" if step.number else step.proposal.repository
            for step in open_
        )
        return f"when {names} {'is' if len(open_) == 1 else 'are'} merged: {command}"
    where = f"{official.proposal.repository}#{official.number}" if official and official.number else "it"
    return f"nothing until {where} is merged; {command} brings it up to date"
