"""What rules for library files look at: one file, understood once, and what else is at hand.

A context is made of values, and of three things that answer questions (:class:`Repositories`,
:class:`Others`, :class:`Network`): those stand for git, the library folder and the network, and a rule that
needs one runs only where there is one. An answer of None is "not known", and never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from contrib.library.fields import FIELD_NAMES
from contrib.library.model import Entry
from contrib.library.source import Field
from contrib.library.tags import EntryTags, Tag, Version, agree, comparable, dotted
from contrib.rules.library.form.document import Document
from contrib.rules.subject import Subject
from contrib.values.findings import Edit, Finding, Fix, Severity

if TYPE_CHECKING:
    from contrib.library.model import LibraryFile
    from contrib.rules.library.change import Change
    from contrib.rules.registry import Need, Rule


class RepositoryView(Protocol):
    """An image's git repository, asked about commits that entries name."""

    @property
    def shallow(self) -> bool:
        """Whether a part of the history is not here, so that a missing commit says nothing."""
        ...

    def has(self, commit: str) -> bool:
        """Whether the commit is there."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file of the commit; symbolic links are followed inside the tree."""
        ...

    def paths(self, commit: str) -> Sequence[str]:
        """All files of the commit."""
        ...

    def ref(self, name: str) -> str | None:
        """Commit that a full ref (``refs/heads/…``) names."""
        ...

    def refs(self) -> Mapping[str, str]:
        """Branches and tags: full name to commit."""
        ...

    def reachable(self, commit: str, start: str) -> bool | None:
        """Whether ``commit`` is ``start`` or before it; None where a shallow history cannot tell."""
        ...

    def holding(self, commit: str) -> Sequence[str]:
        """Branches and tags that hold the commit: full names."""
        ...

    def last_touching(self, start: str, paths: Sequence[str]) -> Mapping[str, str]:
        """For each directory or file the newest commit, before or at ``start``, that touched it."""
        ...

    def modified_archives(self, commits: Sequence[str]) -> Sequence[tuple[str, str, int]]:
        """Binary files with ``.tar`` in their names that the history up to these commits modified, or changed
        the type of: (commit, path, bytes then), newest first."""
        ...


class Repositories(Protocol):
    """Git repositories by the address that ``GitRepo`` has."""

    def of(self, url: str) -> RepositoryView | None:
        """None where it is not at hand."""
        ...

    def reason(self, url: str) -> str:
        """Why one is not at hand."""
        ...


class Others(Protocol):
    """The other library files, and the external images that are allowed as bases."""

    def file(self, name: str) -> LibraryFile | None:
        """The library file of that name; None where there is none or it cannot be read."""
        ...

    def unreadable(self, name: str) -> bool:
        """Whether there is a file of that name that cannot be read (in the format of before 2016, for one)."""
        ...

    def users(self, url: str) -> Sequence[str]:
        """Names of those that have this ``GitRepo``, sorted."""
        ...

    def pins(self) -> frozenset[str] | None:
        """External images that are pinned, ``repository:tag``; None where the list is not at hand."""
        ...


class Network(Protocol):
    """What only the network can tell. None: out of reach."""

    def architectures(self, image: str) -> frozenset[str] | None:
        """Architectures (bashbrew's names) of an image in a registry; empty when there is no such image."""
        ...

    def answers(self, url: str) -> bool | None:
        """Whether a git repository answers at the address."""
        ...

    def tag_commit(self, url: str, tag: str) -> str | None:
        """Commit that a tag of a git repository names, "" when it has no such tag."""
        ...

    def ended(self, image: str, series: str) -> str | None:
        """Date on which a series of an image's software ended, "" when it has not."""
        ...

    def newest(self, image: str, series: str) -> str | None:
        """Newest release of a series, "" when there is none."""
        ...


class LibraryContext(Subject):
    """A library file with everything that rules ask of it.

    :ivar survey: the file, read to its end.
    :ivar previous: the version before the change.
    :ivar today: ISO date on which the file stands, for tables of what has ended; "" where that is not known.
    :ivar github: web address of the GitHub that the person named (``--github-url``); "" for github.com.
    :ivar message: what the author says of the change; None where that is not known.
    :ivar past: versions of the file before the previous one, the newest first; None where they are not at hand.
    :ivar memory: what rules found out for one another.
    :ivar unanswered: questions without an answer, by what they needed.
    """

    def __init__(
        self,
        survey: Document,
        *,
        previous: Document | None = None,
        repositories: Repositories | None = None,
        others: Others | None = None,
        network: Network | None = None,
        today: str = "",
        github: str = "",
        message: str | None = None,
        past: Callable[[], Sequence[LibraryFile]] | None = None,
    ) -> None:
        super().__init__(survey.name, survey.data)
        self.survey = survey
        self.previous = previous
        self.repositories = repositories
        self.others = others
        self.network = network
        self.today = today
        self.github = github
        self.message = message
        self._past = past
        self.memory: dict[str, Any] = {}
        self.unanswered: dict[str, set[str]] = {}

    @property
    def given(self) -> frozenset[Need]:
        """What rules may ask for."""
        found: set[Need] = {"text"}
        if self.previous is not None:
            found.add("previous")
        if self.repositories is not None:
            found.add("repository")
        if self.others is not None:
            found.add("others")
        if self.network is not None:
            found.add("network")
        return frozenset(found)

    @cached_property
    def past(self) -> Sequence[LibraryFile] | None:
        """Versions of the file before the previous one, the newest first; None where they are not at hand."""
        return None if self._past is None else self._past()

    @cached_property
    def change(self) -> Change:
        """What became of the previous version's entries."""
        from contrib.rules.library.change import Change

        return Change(self)

    @cached_property
    def written(self) -> tuple[EntryTags, ...]:
        """Entries without a mistake of form, as they are written: not merged."""
        return tuple(
            EntryTags(section.entry) for section in self.survey.sections if section.entry is not None
        )

    @cached_property
    def entries(self) -> tuple[EntryTags, ...]:
        """Entries without a mistake of form, merged."""
        return tuple(EntryTags(entry) for entry in self.survey.entries)

    @cached_property
    def stable(self) -> tuple[EntryTags, ...]:
        """Those that are no candidates, development versions or the like."""
        return tuple(each for each in self.entries if not each.unstable)

    @cached_property
    def windows(self) -> tuple[EntryTags, ...]:
        """Windows entries."""
        return tuple(each for each in self.entries if each.windows)

    @cached_property
    def before(self) -> tuple[EntryTags, ...]:
        """Entries of the previous version; none where there is no previous one."""
        if self.previous is None:
            return ()
        return tuple(EntryTags(entry) for entry in _entries(self.previous))

    @cached_property
    def by_full_variant(self) -> dict[str, list[EntryTags]]:
        """Variant to the stable entries whose full version has it, the highest first."""
        found: dict[str, list[EntryTags]] = {}
        for each in sorted(self.stable, key=lambda each: each.full, reverse=True):
            if each.full:
                for variant in each.full_variants:
                    found.setdefault(variant, []).append(each)
        return found

    def higher(self, each: EntryTags, tag: Tag, variant: str) -> EntryTags | None:
        """The highest stable entry of a variant that is higher than ``each``, agrees with ``tag`` (where that
        has a version) and does not have it yet."""
        for other in self.by_full_variant.get(variant, ()):
            if other.full <= each.full:
                return None
            if (
                other is not each
                and comparable(other.full, each.full)
                and agree(tag.version, other.full)
                and len(other.full) > len(tag.version)
                and tag.text not in other.entry.all_tags
            ):
                return other
        return None

    @cached_property
    def tags(self) -> dict[str, list[EntryTags]]:
        """Tag to the entries that have it."""
        return by_tag(self.entries)

    @cached_property
    def tags_before(self) -> dict[str, list[EntryTags]]:
        """The same of the previous version."""
        return by_tag(self.before)

    # -- places ------------------------------------------------------------------------------------

    def line(self, entry: Entry, *fields: str) -> int:
        """Line of a field of the entry (of the header, where it is inherited), else of its Tags."""
        return self.survey.line_of(entry, *(fields or ("Tags",)))

    def line_of_tag(self, entry: Entry, tag: str) -> int:
        """Line on which a tag of the entry stands."""
        return self.survey.line_of_tag(entry, tag)

    # -- findings and fixes ------------------------------------------------------------------------

    def found(
        self,
        rule: Rule,
        line: int,
        message: str,
        *,
        severity: Severity | None = None,
        fix: Fix | None = None,
        end_line: int | None = None,
        related: tuple[tuple[str, int, str], ...] = (),
    ) -> Finding:
        """A finding of ``rule``."""
        return self.finding(
            rule, line, message, severity=severity, fix=fix, end_line=end_line, related=related
        )

    def not_known(self, need: str, what: str) -> None:
        """Remember that a question had no answer: told as "not checked", never as passed."""
        self.unanswered.setdefault(need, set()).add(what)

    def field(self, entry: Entry, name: str, *, inherited: bool = False) -> Field | None:
        """The entry's own field (with ``inherited`` the header's, too)."""
        for index in entry.paragraphs:
            section = self.survey.sections_by_index.get(index)
            if section is not None and name in section.fields:
                return section.fields[name]
        if inherited and self.survey.head is not None:
            return self.survey.head.fields.get(name)
        return None

    def replace_value(self, field: Field, text: str) -> Edit:
        """Write another value."""
        return self.write(field.value_start, field.value_end, text)

    def rename_tag(self, entry: Entry, old: str, new: str) -> Edit | None:
        """Write a tag otherwise where it stands."""
        for name in ("Tags", "SharedTags"):
            field = self.field(entry, name)
            if field is None:
                continue
            for text, start, end in self.survey.items(field):
                if text == old:
                    return self.write(start, end, new)
        return None

    def drop_tags(self, entry: Entry, tags: Iterable[str]) -> tuple[Edit, ...] | None:
        """Take tags out; None where one of the fields would be left empty, or a tag does not stand there."""
        wanted = set(tags)
        edits: list[Edit] = []
        for name in ("Tags", "SharedTags"):
            field = self.field(entry, name)
            if field is None:
                continue
            here = {text for text, _, _ in self.survey.items(field)} & wanted
            if not here:
                continue
            wanted -= here
            dropped = self.survey.dropped(field, here)
            if dropped is not None:
                edits += [Edit(*edit) for edit in dropped]
            elif name == "Tags":
                return None
            else:
                edits.append(Edit(field.start, field.end, b""))
        return tuple(edits) if not wanted and edits else None

    def add_tags(self, entry: Entry, tags: Iterable[str]) -> tuple[Edit, ...] | None:
        """Put tags after the entry's own."""
        field = self.field(entry, "Tags")
        if field is None:
            return None
        return (self.write(field.value_end, field.value_end, "".join(f", {tag}" for tag in tags)),)

    def move_tags(self, source: Entry, target: Entry, tags: Sequence[str], title: str) -> Fix | None:
        """Offer to move tags from one entry to another."""
        dropped = self.drop_tags(source, tags)
        added = self.add_tags(target, tags)
        if dropped is None or added is None:
            return None
        return Fix(title, dropped + added, safe=False)

    def add_field(self, entry: Entry, line: str, *, after: Sequence[str]) -> Edit | None:
        """Write a field's line after the last of these fields that the entry has."""
        place: Field | None = None
        for name in after:
            place = self.field(entry, name) or place
        if place is None:
            return None
        if not self.data[: place.end].endswith(b"\n"):
            text = "\n" + line
        else:
            text = line + ("\r\n" if self.data[: place.end].endswith(b"\r\n") else "\n")
        return self.write(place.end, place.end, text)


def _entries(previous: Document) -> Sequence[Entry]:
    """Entries of the version before; of the form before 2016, those that its lines mean."""
    if not previous.entries:
        for finding in previous.found:
            if finding.rule == "legacy-format" and finding.fix is not None:
                from contrib.rules.library.form.reading import read_on

                return read_on(finding.fix.edits[0].text, previous.name).entries
    return previous.entries


def constraints_fix(context: LibraryContext, entry: Entry, value: str, *, safe: bool) -> Fix | None:
    """Have an entry's own ``Constraints`` say ``value``; "" takes the field away. None where nothing can."""
    field = context.field(entry, "Constraints")
    title = f"write Constraints: {value}" if value else "remove Constraints"
    if field is not None:
        edit = context.replace_value(field, value) if value else Edit(field.start, field.end, b"")
        return Fix(title, (edit,), safe=safe)
    before = FIELD_NAMES[FIELD_NAMES.index("Tags") : FIELD_NAMES.index("Constraints")]
    added = context.add_field(entry, f"Constraints: {value}", after=before) if value else None
    return Fix(title, (added,), safe=safe) if added is not None else None


def ended_series(context: LibraryContext, *, latest: bool) -> Iterator[tuple[int, str]]:
    """Series whose software has ended, with the line of their first entry.

    :param latest: look at those whose first entry has the tag ``latest``, else at those that have not.
    """
    assert context.network is not None
    name = context.survey.repository
    seen: set[Version] = set()
    for each in context.stable:
        if len(each.full) < 2 or each.series in seen or ("latest" in each.entry.all_tags) != latest:
            continue
        seen.add(each.series)
        series = f"{name} {dotted(each.series)}"
        ended = context.network.ended(name, dotted(each.series))
        if ended is None:
            context.not_known("network", f"whether {series} is supported")
        elif ended:
            yield context.line(each.entry), f"{series} ended on {ended}"


def by_tag(entries: Iterable[EntryTags]) -> dict[str, list[EntryTags]]:
    """Tag to the entries that have it, own or shared."""
    found: dict[str, list[EntryTags]] = {}
    for each in entries:
        for text in each.entry.all_tags:
            found.setdefault(text, []).append(each)
    return found


def named(each: EntryTags) -> str:
    """An entry in a message: its first tag."""
    return f"`{each.entry.tags[0]}`"


def listed(texts: Sequence[str], most: int = 5) -> str:
    """``a``, ``b`` and 3 more."""
    shown = ", ".join(f"`{text}`" for text in texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


def highest(entries: Iterable[EntryTags]) -> EntryTags | None:
    """The entry with the highest full version, dates aside."""
    best: EntryTags | None = None
    for each in entries:
        if each.full and (best is None or each.full > best.full):
            best = each
    return best


def above_latest(context: LibraryContext) -> tuple[EntryTags, EntryTags] | None:
    """The entry of ``latest``, and the highest stable one of its variant that is above it; None where it is
    the highest, or an LTS release by name."""
    if "above-latest" not in context.memory:
        context.memory["above-latest"] = _above_latest(context)
    found: tuple[EntryTags, EntryTags] | None = context.memory["above-latest"]
    return found


def _above_latest(context: LibraryContext) -> tuple[EntryTags, EntryTags] | None:
    holders = context.tags.get("latest", [])
    if (
        not holders
        or has_word(holders[0], ("lts", "lta"))
        or any(has_word(each, ("lts",)) for each in holders)
    ):
        return None
    variants: set[str] = set()
    for each in holders:
        variants |= each.full_variants
    if "" in variants:
        variants = {""}
    best = highest(
        each
        for each in context.stable
        if each not in holders
        and variants & each.full_variants
        and all(
            comparable(each.full, holder.full)
            and each.full > holder.full
            and not agree(each.full, holder.full)
            for holder in holders
        )
    )
    return None if best is None else (holders[0], best)


def of_latest(context: LibraryContext, each: EntryTags, best: EntryTags) -> bool:
    """Whether an entry that is not the highest is of the release of ``latest``, and ``best`` of the one above it:
    then ``latest-not-highest`` says so for all."""
    found = above_latest(context)
    return found is not None and (each.full, best.full) == (found[0].full, found[1].full)


def has_word(each: EntryTags, words: Iterable[str]) -> bool:
    """Whether one of the entry's tags has one of these words."""
    wanted = frozenset(words)
    return any(wanted & {word.lower() for word in _words(tag)} for tag in each.tags)


def _words(tag: Tag) -> list[str]:
    return tag.text.replace("_", "-").replace(".", "-").split("-")
