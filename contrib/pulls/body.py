"""The text of the pull requests: Markdown that answers what a maintainer would ask, from values alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contrib.generate.model import Decision, Generated, SeriesPlan
from contrib.images.model import Image, Port
from contrib.pulls.sections import Section
from contrib.values.findings import Finding, Verdict, summary

if TYPE_CHECKING:
    from contrib.compare.model import ParityRow

#: Rows of a comparison that have no reason of the platform's; they come first.
_OPEN = {Verdict.DIFFERENT, Verdict.MISSING, Verdict.EXTRA}

_SIGN = {
    Verdict.SAME: "same",
    Verdict.DIFFERENT: "**different**",
    Verdict.MISSING: "**missing**",
    Verdict.EXTRA: "extra",
    Verdict.JUSTIFIED: "justified",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A generated Windows Dockerfile beside its Linux twin.

    :param windows: path of the Windows Dockerfile in upstream's tree. :param linux: of the twin.
    :param findings: what the review still says of the Windows Dockerfile.
    """

    windows: str
    linux: str
    rows: tuple[ParityRow, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Another pull request of the chain, as it is called in the text.

    :param where: ``owner/repo{#A1}``: the number takes its place when it is known.
    :param commit: that the entries name, or the head of the pull request.
    :param page: the commit's page.
    """

    where: str
    commit: str
    page: str
    subject: str
    merged: bool


def image_sections(
    image: Image,
    generated: Generated,
    *,
    branch: str | None,
    compared: Sequence[Compared],
    checked: Sequence[str],
    official: str,
    others: Sequence[str] = (),
) -> tuple[Section, ...]:
    """The text of a pull request to the image's own repository.

    :param branch: the base branch that it is about, None for the default one.
    :param checked: what was checked, one sentence each.
    :param official: ``owner/name`` of official-images.
    :param others: what else belongs to the chain, one sentence each.
    """
    changes = next((each for each in generated.branches if each.branch == branch), None)
    names = set(changes.series) if changes is not None else set()
    plans = [plan for plan in generated.series if plan.series.name in names] or list(generated.series)
    has_files = changes is None or bool(changes.series)
    touched = [change.path for change in changes.files] if changes is not None else []
    linux_alone = not any(_is_linux_dockerfile(path) for path in touched)
    parts = [("opening", _opening(image, plans, has_files, linux_alone))]
    if has_files:
        parts.append(("versions", _versions(plans)))
        shown = [_comparison(each, folded=number > 0) for number, each in enumerate(compared)]
        parts.append(("comparison", "\n\n".join(shown)))
        parts.append(("decisions", _decisions(generated.decisions)))
    if changes is not None and changes.notes:
        parts.append(("edits", _listed("What is edited, and why", _edits(changes.notes))))
    parts.append(("checked", _listed("What was checked", checked)))
    parts.append(("resolved", _listed("Resolved from the files", generated.resolved)))
    parts.append(("not-run", _listed("What was not run here", _unseen(generated))))
    parts.append(("notes", _listed("Good to know", _notes(generated, changes))))
    parts.append(("follows", _listed("What follows", [*others, _follows(official), *_later(generated)])))
    if has_files:
        parts.append(("questions", _questions(image, generated.port, plans)))
    return _sections(parts)


def official_sections(
    image: Image,
    generated: Generated,
    *,
    linked: Sequence[Linked],
    maintainers: Sequence[str],
    checked: Sequence[str],
    difference: str,
    first: bool = True,
    linux_alone: bool = False,
) -> tuple[Section, ...]:
    """The text of the pull request to official-images.

    :param maintainers: handles of the library file's ``Maintainers``, with ``@``.
    :param difference: of the library file, as Markdown (:func:`contrib.library.diff.markdown`).
    :param first: the library file has no Windows entries yet.
    :param linux_alone: no Linux entry differs from what is listed now.
    """
    waiting = [each for each in linked if not each.merged]
    versions = ", ".join(f"{plan.series.name} ({plan.release.version})" for plan in generated.series)
    if first:
        lines = [
            f"Adds Windows variants of `{image.name}`, beside the Linux ones that are listed today: {versions}."
        ]
    else:
        lines = [
            f"Updates the Windows variants of `{image.name}`: {versions}."
            + (" Linux is left alone." if linux_alone else "")
        ]
    if waiting:
        lines.append(
            "**It waits for "
            + ", ".join(each.where for each in waiting)
            + ".** The commits that the entries name are those of that pull request's branch; upstream's own take "
            "their place when it is merged."
        )
    changes = [
        f"[`{each.commit[:10]}`]({each.page}) {inline(each.subject)} ({each.where}{', merged' if each.merged else ''})"
        for each in linked
    ]
    excluded: dict[tuple[str, str], list[str]] = {}
    for exclusion in image.test_exclusions:
        excluded.setdefault((exclusion.test, exclusion.why), []).append(exclusion.variant)
    tests = [
        f"`{test}` for {' and '.join(f'`{variant}`' for variant in variants)}: {why}."
        for (test, why), variants in excluded.items()
    ]
    parts = [
        ("opening", "\n\n".join(lines)),
        ("changes", _listed("Changes", changes)),
        ("difference", difference.strip()),
        ("tests", _listed(f"Tests that are left out (`{image.official_images.tests}`)", tests)),
        ("checked", _listed("What was checked", checked)),
        ("not-run", _listed("What was not run here", _unseen(generated))),
        ("notes", _listed("Good to know", list(_lag_notes(generated)))),
        ("cc", "cc " + " ".join(maintainers) if maintainers else ""),
    ]
    return _sections(parts)


def _opening(image: Image, plans: Sequence[SeriesPlan], has_files: bool, linux_alone: bool) -> str:
    if not has_files:
        return (
            f"Teaches this repository's own tools about the Windows variants of `{image.name}`, so that its next "
            "release keeps them: without this the directories and entries would be dropped or get Linux's version."
        )
    updates = [plan for plan in plans if plan.before is not None and plan.before != plan.release.version.text]
    if updates and len(updates) == len(plans):
        what = ", ".join(
            f"{plan.series.name} from {plan.before} to {plan.release.version}" for plan in updates
        )
        alone = " Linux is left alone." if linux_alone else ""
        return f"Updates the Windows variants of `{image.name}`: {what}.{alone}"
    series = ", ".join(f"{plan.series.name} ({plan.release.version})" for plan in plans)
    return (
        f"Adds Windows variants of `{image.name}` for {series}: "
        + ", ".join(f"`{name}`" for name in dict.fromkeys(name for plan in plans for name in plan.variants))
        + "."
    )


def _is_linux_dockerfile(path: str) -> bool:
    """Whether it is a Dockerfile, or a template of one, that is not for Windows."""
    return (
        path.rpartition("/")[2].startswith("Dockerfile")
        and "windows" not in path
        and "nanoserver" not in path
    )


def _versions(plans: Sequence[SeriesPlan]) -> str:
    rows = ["| series | Linux | Windows | archive | checksum |", "| --- | --- | --- | --- | --- |"]
    for plan in plans:
        release = plan.release
        rows.append(
            f"| {_cell(plan.series.name)} | {_cell(plan.series.version or '?')} | {_cell(release.version.text)} "
            f"| [{_cell(release.asset)}]({release.url}) | {_cell(plan.verified.sentence)} |"
        )
    return "### Versions\n\n" + "\n".join(rows)


def _comparison(compared: Compared, *, folded: bool) -> str:
    """One Dockerfile beside its twin: what differs without a reason first, the reasons, and what is the same."""
    open_ = [row for row in compared.rows if row.verdict in _OPEN]
    justified = [row for row in compared.rows if row.verdict is Verdict.JUSTIFIED]
    same = [row for row in compared.rows if row.verdict is Verdict.SAME]
    counts = ", ".join(
        f"{sum(row.verdict is verdict for row in compared.rows)} {verdict.value}"
        for verdict in Verdict
        if any(row.verdict is verdict for row in compared.rows)
    )
    found = summary(compared.findings)
    said = ", ".join(
        f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in found.items() if number
    )
    headline = f"{counts}. The review finds {said or 'nothing'}."
    left = [f for f in compared.findings if f.accepted is None]
    inner = [
        _table([*open_, *justified]),
        _folded(f"The {len(same)} facts that are the same", _table(same)) if same else "",
        "\n".join(f"- `{f.rule}` (line {f.line}): {inline(f.message)}" for f in left[:20]),
    ]
    content = "\n\n".join(part for part in inner if part)
    title = f"### `{compared.windows}` beside `{compared.linux}`"
    # The variants of one version differ little: the first stands open, the others can be opened.
    return f"{title}\n\n{headline}\n\n" + (_folded("The comparison", content) if folded else content)


def _folded(summary_: str, content: str) -> str:
    return f"<details>\n<summary>{summary_}</summary>\n\n{content}\n\n</details>"


def _table(rows: Sequence[ParityRow]) -> str:
    if not rows:
        return ""
    lines = ["| fact | Linux | Windows | verdict | why |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        linux = "—" if row.linux is None else _value(row.linux.value)
        windows = "—" if row.windows is None else _value(row.windows.value)
        lines.append(f"| {_cell(row.fact)} | {linux} | {windows} | {_SIGN[row.verdict]} | {_cell(row.why)} |")
    return "\n".join(lines)


def _value(text: str) -> str:
    """A fact's value in a cell; an address by its last part, as a link."""
    if re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]+", text):
        return f"[{_cell(text.rstrip('/').rpartition('/')[2])}]({text})"
    return f"`{_code(text)}`"


def _decisions(decisions: Sequence[Decision]) -> str:
    if not decisions:
        return ""
    lines = [
        "### What was kept of the contributor's Dockerfile, and what was replaced",
        "",
        "| fact | theirs | now | why |",
        "| --- | --- | --- | --- |",
    ]
    for each in decisions:
        now = "kept" if each.verdict == "kept" else f"`{_code(each.ours)}`"
        rule = f" (`{_code(each.rule)}`)" if each.rule else ""
        lines.append(f"| {_cell(each.fact)} | `{_code(each.theirs)}` | {now} | {_cell(each.why)}{rule} |")
    return "\n".join(lines)


def _edits(notes: Iterable[object]) -> list[str]:
    said = []
    for note in notes:
        path, text = getattr(note, "path", None), str(getattr(note, "text", ""))
        said.append(f"`{path}`: {inline(text)}" if path else inline(text))
    return said


def _unseen(generated: Generated) -> list[str]:
    lead = "The images were not built and not run: there was no Windows where this was made."
    return [lead, *(inline(text) for text in generated.unseen)]


def _notes(generated: Generated, changes: object) -> list[str]:
    edits = {str(getattr(note, "text", "")) for note in getattr(changes, "notes", ())}
    checksums = {f"{plan.release.asset}: {plan.verified.sentence}." for plan in generated.series}
    return [
        inline(note)
        for note in generated.notes
        if note not in checksums and not any(edit and edit in note for edit in edits)
    ]


def _lag_notes(generated: Generated) -> Iterable[str]:
    for plan in generated.series:
        if plan.lags:
            yield (
                f"In {plan.series.name} Linux has {plan.series.version} and the Windows port {plan.release.version}; "
                "the Windows entries say so, and share no tag with Linux."
            )


def _follows(official: str) -> str:
    return f"`library/` entries in {official}, when this is merged."


def _later(generated: Generated) -> list[str]:
    return [f"Other series, not in this pull request: {inline(each)}" for each in generated.later]


def _questions(image: Image, port: Port, plans: Sequence[SeriesPlan]) -> str:
    """What the maintainers' checklist for new images asks, answered as far as a variant has to."""
    releases = ", ".join(
        dict.fromkeys(variant.rpartition("-")[2] for plan in plans for variant in plan.variants)
    )
    nano = [variant for variant in image.variants if variant.copies_from is not None]
    prose = [
        f"The software is the one that this repository packages already, so its licence, its use and its place among "
        f"the official images are not in question. Its Windows binaries come from "
        f"[{port.repository}](https://github.com/{port.repository}): it {port.reason.why}.",
        f"Nothing is built from scratch: the bases are Microsoft's own images ({releases}), which are on the list of "
        f"external bases"
        + (
            ", and each nanoserver variant copies the unpacked programs from the servercore variant of the same "
            "version and release, so nothing is downloaded twice."
            if nano
            else "."
        ),
        "The archive is checked against the sha256 above before it is unpacked, so a rebuild gives the same image or "
        "fails. No existing official image has Windows binaries to start from.",
        "The documentation on Docker Hub takes its list of tags from the library file and needs no change for that; "
        "the tests that cannot run on Windows are left out by name in official-images, with the reason.",
    ]
    return "### The questions that a new image is asked\n\n" + "\n\n".join(prose)


def _listed(title: str, lines: Iterable[str]) -> str:
    items = [f"- {line}" for line in dict.fromkeys(lines) if line]
    return f"### {title}\n\n" + "\n".join(items) if items else ""


def _sections(parts: Iterable[tuple[str, str]]) -> tuple[Section, ...]:
    return tuple(Section(name, text.strip("\n")) for name, text in parts if text.strip())


def inline(text: str) -> str:
    """One line of text that says what it says: no markup, no mention, no HTML comes out of it.

    Code spans stay as they are.
    """
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(piece if piece.startswith("`") and len(piece) > 1 else _escaped(piece) for piece in pieces)


def _escaped(text: str) -> str:
    text = re.sub(r"([<>*_\[\]\\`])", r"\\\1", text)
    # A bare @name would call people who have nothing to do with it.
    return re.sub(r"(?<![\w/])@(?=\w)", "@\u200b", text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    """Text inside backticks in a table cell."""
    return " ".join(text.split()).replace("`", "´").replace("|", "\\|")
