"""Which entries an argument means, and what ``list`` prints of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contrib.library.model import Entry, LibraryFile, clean_path
from contrib.values.errors import BadInput


class Selection:
    """A library file, and the tag that was asked for, if one was.

    :ivar entries: all of the file's, or those that have the tag.
    """

    __slots__ = ("entries", "file", "tag")

    def __init__(self, file: LibraryFile, tag: str | None) -> None:
        self.file = file
        self.tag = tag
        self.entries = file.entries if tag is None else file.find(tag)
        if tag is not None and not self.entries:
            raise BadInput(
                f"there is no tag {tag!r} in {file.repository}",
                file=file.name,
                hint=f"`contrib library list {file.repository}` shows its tags",
            )


class Wanted:
    """What ``--arch``, ``--arch-filter``, ``--apply-constraints`` … ask for.

    :ivar filter: leave out entries that do not have the architecture.
    :ivar apply: that, and those whose constraints are not met.
    :ivar exclusive: with ``apply``, those without constraints too.
    """

    __slots__ = ("_said", "apply", "architecture", "constraints", "exclusive", "filter", "namespace", "say")

    def __init__(
        self,
        *,
        architecture: str = "amd64",
        filter: bool = False,
        apply: bool = False,
        constraints: tuple[str, ...] = (),
        exclusive: bool = False,
        namespace: str = "",
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.architecture = architecture
        self.filter = filter
        self.apply = apply
        self.constraints = constraints
        self.exclusive = exclusive
        self.namespace = namespace
        self.say = say
        self._said: set[str] = set()

    @property
    def limited(self) -> bool:
        """Whether only the chosen architecture counts."""
        return self.filter or self.apply

    def named(self, repository: str) -> str:
        """The repository's name with the namespace before it."""
        return clean_path(f"{self.namespace}/{repository}") if self.namespace else repository

    def of(self, selection: Selection) -> Iterator[Entry]:
        """The entries of a selection that are wanted."""
        for entry in selection.entries:
            if self.apply and self._skipped(selection, entry):
                continue
            if self.filter and self.architecture not in entry.architectures:
                continue
            yield entry

    def _skipped(self, selection: Selection, entry: Entry) -> bool:
        name = f"{selection.file.repository}:{entry.tags[0]}"
        if self.architecture not in entry.architectures:
            only = ", ".join(entry.architectures)
            reason = f'architecture "{self.architecture}"; only "{only}" supported'
        elif not entry.constraints:
            if not self.exclusive:
                return False
            reason = "exclusive constraints"
        else:
            unmet = []
            for constraint in entry.constraints:
                if not constraint:
                    raise BadInput(
                        f"Constraints of {name} has an empty item",
                        file=selection.file.name,
                        hint="`contrib library check --fix` removes it",
                    )
                plain = constraint.removeprefix("!")
                if (plain in self.constraints) == constraint.startswith("!"):
                    unmet.append(plain)
            if not unmet:
                return False
            reason = "unsatisfactory constraints [" + " ".join(f'"{each}"' for each in unmet) + "]"
        if name not in self._said:
            self._said.add(name)
            self.say(f'skipping "{name}" (due to {reason})')
        return True


def tags(selection: Selection, wanted: Wanted, *, uniq: bool = False) -> list[str]:
    """``name:tag`` for each tag of each wanted entry, own tags before shared ones; the first of each if ``uniq``."""
    lead = wanted.named(selection.file.repository) + ":"
    found = []
    for entry in wanted.of(selection):
        if uniq:
            found.append(lead + entry.all_tags[0])
        else:
            found += [lead + tag for tag in entry.tags]
            found += [lead + tag for tag in entry.shared_tags]
    return found


def repositories(selection: Selection, wanted: Wanted, *, uniq: bool = False) -> list[str]:
    """The name; where a tag was asked for, the tags of the first entry that has it."""
    name = wanted.named(selection.file.repository)
    if selection.tag is None:
        return [name]
    first = selection.entries[0].all_tags
    return [f"{name}:{tag}" for tag in (first[:1] if uniq else first)]
