"""The text of the pull requests: Markdown that a maintainer reads to its end, from values alone.

At most :data:`LINES` lines that are not folded and :data:`BYTES` bytes: history and what matters first, what was
built and run, versions, what differs; tables are folded, and left out where they would make the text too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import contrib
from contrib.generate.model import Decision, Generated, SeriesPlan
from contrib.images.case import Case
from contrib.images.model import Image
from contrib.pulls.case_text import care_text, case_text, folded, known_text, proof_text, unfolded
from contrib.pulls.sections import Section
from contrib.values.evidence import Standing
from contrib.values.findings import Finding, Verdict, summary
from contrib.values.markdown import code, link, plain

if TYPE_CHECKING:
    from contrib.compare.model import ParityRow

#: Lines that are not folded, and bytes of the whole text; what marks the sections comes on top.
LINES = 60
BYTES = 7600
#: Differences that are listed of one Dockerfile; the table has them all.
LISTED = 6

#: Rows of a comparison that have no reason of the platform's; they come first.
_OPEN = {Verdict.DIFFERENT, Verdict.MISSING, Verdict.EXTRA}


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


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known beyond the files.

    :param case: of the image's folder. :param standings: what the records say of the proposed files.
    :param left_out: variants that are not proposed, with the reason.
    """

    case: Case | None = None
    standings: tuple[Standing, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def image_sections(
    image: Image,
    generated: Generated,
    *,
    branch: str | None,
    compared: Sequence[Compared],
    checked: Sequence[str],
    official: str,
    others: Sequence[str] = (),
    proof: Proof | None = None,
) -> tuple[Section, ...]:
    """The text of a pull request to the image's own repository.

    :param branch: the base branch that it is about, None for the default one.
    :param checked: what was checked, one sentence each.
    :param official: ``owner/name`` of official-images.
    :param others: what else belongs to the chain, one sentence each.
    """
    proof = proof or Proof()
    changes = next((each for each in generated.branches if each.branch == branch), None)
    names = set(changes.series) if changes is not None else set()
    plans = [plan for plan in generated.series if plan.series.name in names] or list(generated.series)
    has_files = changes is None or bool(changes.series)
    kinds = dict.fromkeys(name.partition("-")[0] for plan in plans for name in plan.variants)
    touched = [change.path for change in changes.files] if changes is not None else []
    linux_alone = not any(_is_linux_dockerfile(path) for path in touched)
    parts: list[tuple[str, str]] = [("opening", _opening(image, plans, has_files, linux_alone))]
    extra: list[tuple[str, str]] = []  # folded, and the first to go
    if has_files:
        mine = _of(plans, proof.standings)
        parts.append(
            ("case", case_text(proof.case, image.official_images.repository.name, generated.port.name, kinds))
        )
        parts.append(("proof", proof_text(mine or _untried(plans), proof.left_out)))
        parts.append(("versions", _versions(plans)))
        parts.append(("comparison", _comparisons(compared)))
        extra.append(("comparison", _tables(compared)))
        parts.append(("decisions", _decisions(generated.decisions)))
        extra.append(("known", known_text(proof.case, generated.port.name, kinds)))
    if changes is not None and changes.notes:
        parts.append(("edits", _edits(changes.notes)))
    parts.append(("resolved", _listed("Resolved from the files", generated.resolved)))
    parts.append(("notes", _listed("Good to know", _notes(generated, changes, checked))))
    follows = " ".join([*others, _follows(official), *_later(generated)])
    ending = [care_text(proof.case) if has_files else "", follows, _made()]
    parts.append(("follows", "### Who looks after it\n\n" + "\n\n".join(part for part in ending if part)))
    return _sections(_fitted(parts, extra))


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
    proof: Proof | None = None,
) -> tuple[Section, ...]:
    """The text of the pull request to official-images.

    :param maintainers: handles of the library file's ``Maintainers``, with ``@``.
    :param difference: of the library file, as Markdown (:func:`contrib.library.diff.markdown`).
    :param first: the library file has no Windows entries yet.
    :param linux_alone: no Linux entry differs from what is listed now.
    """
    proof = proof or Proof()
    waiting = [each for each in linked if not each.merged]
    versions = ", ".join(f"{plan.series.name} ({plan.release.version})" for plan in generated.series)
    kinds = dict.fromkeys(name.partition("-")[0] for plan in generated.series for name in plan.variants)
    if first:
        lines = [
            f"Adds Windows variants of `{image.name}`, beside the Linux ones that are listed today: {versions}."
        ]
    else:
        alone = " Linux is left alone." if linux_alone else ""
        lines = [f"Updates the Windows variants of `{image.name}`: {versions}.{alone}"]
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
        if exclusion.variant in kinds:
            excluded.setdefault((exclusion.test, exclusion.why), []).append(exclusion.variant)
    tests = [
        f"`{test}` for {' and '.join(f'`{variant}`' for variant in variants)}: {why}."
        for (test, why), variants in excluded.items()
    ]
    parts = [
        ("opening", "\n\n".join(lines)),
        ("changes", _listed("Changes", changes)),
        (
            "case",
            case_text(proof.case, image.official_images.repository.name, generated.port.name, kinds)
            if first
            else "",
        ),
        (
            "proof",
            proof_text(_of(generated.series, proof.standings) or _untried(generated.series), proof.left_out),
        ),
        ("tests", _listed(f"Tests that are left out (`{image.official_images.tests}`)", tests)),
        ("notes", _listed("Good to know", [*_lag_notes(generated), *(_plain(each) for each in checked)])),
        (
            "follows",
            "### Who looks after it\n\n"
            + "\n\n".join(part for part in (care_text(proof.case), _made()) if part),
        ),
        ("cc", "cc " + " ".join(maintainers) if maintainers else ""),
    ]
    shown = difference.strip()
    short = shown.count("\n") < 12
    if short:
        parts.insert(2, ("difference", shown))
    extra = [] if short or not shown else [("difference", folded("What changes in the library file", shown))]
    return _sections(_fitted(parts, extra))


def _fitted(parts: Sequence[tuple[str, str]], extra: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parts with as much of what is folded as there is room for; the order of names is kept."""
    parts = _short_enough(parts)
    size = sum(len(text.encode()) + 2 for _, text in parts)
    kept: dict[str, str] = {}
    for name, text in extra:
        if text and size + len(text.encode()) + 2 <= BYTES:
            kept[name] = text
            size += len(text.encode()) + 2
    found = []
    for name, text in parts:
        more = kept.pop(name, "")
        found.append((name, "\n\n".join(part for part in (text, more) if part)))
    # what has no part of its own stands before the last
    return [*found[:-1], *kept.items(), *found[-1:]]


#: What is folded first where the text has too many lines, with what is said of it then.
_FOLDS = {"notes": "Good to know", "edits": "What is edited, and why", "comparison": "Beside the Linux image"}


def _short_enough(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parts, some of them folded, so that no more than :data:`LINES` lines are open."""
    found = list(parts)
    for name, title in _FOLDS.items():
        if sum(unfolded(text).count("\n") + 2 for _, text in found if text) <= LINES:
            break
        found = [
            (
                each,
                folded(title, text.partition("\n\n")[2]) if each == name and text.startswith("###") else text,
            )
            for each, text in found
        ]
    return found


def _of(plans: Iterable[SeriesPlan], standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """The standings of the variants that some series propose."""
    names = {(plan.series.name, name) for plan in plans for name in plan.variants}
    series = {plan.series.name for plan in plans}
    found = []
    for each in standings:
        there = each.path.split("/")[0]
        if (there, each.variant) in names or (
            there not in series and any(each.variant == n for _, n in names)
        ):
            found.append(each)
    return tuple(found)


def _untried(plans: Iterable[SeriesPlan]) -> tuple[Standing, ...]:
    """Without any record: nothing was tried."""
    names = dict.fromkeys(name for plan in plans for name in plan.variants)
    return tuple(Standing(name, name, "not-run", "") for name in names)


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
        + (" Linux is left alone." if linux_alone else "")
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
            f"| {link(release.asset, release.url)} | {_cell(plan.verified.sentence)} |"
        )
    return "### Versions\n\n" + "\n".join(rows)


def _comparisons(compared: Sequence[Compared]) -> str:
    """What differs from the twin without being forced, of each Dockerfile; the first speaks for the others."""
    if not compared:
        return ""
    blocks: list[str] = []
    known: set[tuple[str, str]] = set()
    for each in compared:
        open_ = [row for row in each.rows if row.verdict in _OPEN]
        new = [row for row in open_ if (row.fact, row.why) not in known]
        known.update((row.fact, row.why) for row in open_)
        counts = ", ".join(
            f"{number} {verdict.value}"
            for verdict in Verdict
            if (number := sum(row.verdict is verdict for row in each.rows))
        )
        found = summary(each.findings)
        said = ", ".join(
            f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in found.items() if number
        )
        lines = [f"`{each.windows}` beside `{each.linux}`: {counts}. The review finds {said or 'nothing'}."]
        most = LISTED if not blocks else 2
        lines += [f"- {_cell(row.fact)} ({row.verdict.value}): {inline(row.why)}" for row in new[:most]]
        if len(new) > most:
            lines.append(f"- and {len(new) - most} more")
        left = [f for f in each.findings if f.accepted is None]
        lines += [f"- `{f.rule}` (line {f.line}): {inline(f.message)}" for f in left[:3]]
        blocks.append("\n".join(lines))
    return "### Beside the Linux image\n\n" + "\n\n".join(blocks[:4])


def _tables(compared: Sequence[Compared]) -> str:
    """All that is not the same, of the first Dockerfile, folded."""
    rows = [row for each in compared[:1] for row in each.rows if row.verdict is not Verdict.SAME]
    return folded("All that is not the same, with the reasons", _table(rows)) if rows else ""


def _table(rows: Sequence[ParityRow]) -> str:
    lines = ["| fact | verdict | why |", "| --- | --- | --- |"]
    lines += [f"| {_cell(row.fact)} | {row.verdict.value} | {_cell(row.why)} |" for row in rows]
    return "\n".join(lines)


def _decisions(decisions: Sequence[Decision]) -> str:
    if not decisions:
        return ""
    lines = ["| fact | theirs | now | why |", "| --- | --- | --- | --- |"]
    for each in decisions:
        now = "kept" if each.verdict == "kept" else code(each.ours, cell=True)
        rule = f" ({code(each.rule, cell=True)})" if each.rule else ""
        lines.append(
            f"| {_cell(each.fact)} | {code(each.theirs, cell=True)} | {now} | {_cell(each.why)}{rule} |"
        )
    replaced = sum(each.verdict != "kept" for each in decisions)
    title = f"What was kept of the contributor's Dockerfile ({len(decisions) - replaced}), and what was replaced ({replaced})"
    return folded(title, "\n".join(lines))


def _edits(notes: Iterable[object]) -> str:
    """The edits of upstream's own files, folded when there are many."""
    said = []
    for note in notes:
        path, text = getattr(note, "path", None), str(getattr(note, "text", ""))
        said.append(f"`{path}`: {inline(text)}" if path else inline(text))
    title = "What is edited, and why"
    if len(said) <= 5:
        return _listed(title, said)
    return folded(title, "\n".join(f"- {line}" for line in dict.fromkeys(said)))


def _notes(generated: Generated, changes: object, checked: Sequence[str]) -> list[str]:
    edits = {str(getattr(note, "text", "")) for note in getattr(changes, "notes", ())}
    checksums = {f"{plan.release.asset}: {plan.verified.sentence}." for plan in generated.series}
    notes = [
        _plain(note)
        for note in (*generated.notes, *checked)
        if note not in checksums and not any(edit and edit in note for edit in edits)
    ]
    return [note for note in notes if note][:8]


def _plain(text: str) -> str:
    """A note without what is typed to change it: a maintainer types none of that."""
    return inline(_TYPED.sub(lambda found: found[0] if _IN_BRACKETS.match(found[0]) else "", text))


_TYPED = re.compile(r" \([^()]*\)|; --[a-z][\w -]*| by the rules of `contrib rules`")
#: What stands in brackets and names no option stays.
_IN_BRACKETS = re.compile(r" \((?!.*--[a-z])", re.DOTALL)


def _lag_notes(generated: Generated) -> Iterable[str]:
    for plan in generated.series:
        if plan.lags:
            yield (
                f"In {plan.series.name} Linux has {plan.series.version} and the Windows port {plan.release.version}; "
                "the Windows entries say so, and share no tag with Linux."
            )


def _follows(official: str) -> str:
    return f"When this is merged, `library/` entries follow in {official}."


def _later(generated: Generated) -> list[str]:
    if not generated.later:
        return []
    return [
        "Not in this pull request: "
        + "; ".join(_plain(each).rstrip(".") for each in generated.later[:6])
        + "."
    ]


def _made() -> str:
    return f"Prepared with `contrib` {contrib.__version__}."


def _listed(title: str, lines: Iterable[str]) -> str:
    items = [f"- {line}" for line in dict.fromkeys(lines) if line]
    return f"### {title}\n\n" + "\n".join(items) if items else ""


def _sections(parts: Iterable[tuple[str, str]]) -> tuple[Section, ...]:
    return tuple(Section(name, text.strip("\n")) for name, text in parts if text.strip())


def inline(text: str) -> str:
    """One line of text that says what it says: no markup, no mention, no HTML comes out of it.

    Code spans stay code spans.
    """
    return plain(text)


def _cell(text: str) -> str:
    return plain(text, cell=True)
