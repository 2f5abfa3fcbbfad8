"""Edit a library file in place: what is not edited keeps every byte, comments and order included."""

from __future__ import annotations

from contrib.library.fields import ADDED, FIELD_NAMES, FIELDS
from contrib.library.model import Entry, LibraryFile, _by_bytes
from contrib.library.parsing import parse
from contrib.library.reader import split_list
from contrib.library.source import BLANKS, Field, Paragraph, Source
from contrib.library.writer import format_entry
from contrib.values.errors import BadInput

_BEFORE, _FIELD, _AFTER = range(3)


class Editor:
    """Collects edits of one file and makes them at once.

    Entries are those of ``file``; the new ones are whole (every inherited value filled in, as
    :class:`~contrib.library.model.Entry` is), and what the header gives them already is not written.

    >>> file = parse(b"Maintainers: A (@a)\\nGitRepo: https://example.org/r\\nGitCommit: " + b"1" * 40
    ...              + b"\\n\\n# keep\\nTags:  1, latest\\nDirectory: x\\n")
    >>> editor = Editor(file)
    >>> editor.replace(file.entries[0], file.entries[0].replaced(tags=("2", "latest")))
    >>> editor.result().decode().splitlines()[4:]
    ['# keep', 'Tags:  2, latest', 'Directory: x']
    """

    def __init__(self, file: LibraryFile) -> None:
        self._file = file
        self._source = Source(file.data)
        # (start, rank, end, sequence, text): at one place entries put before something come first, then
        # what happens to fields, then entries put after something.
        self._edits: list[tuple[int, int, int, int, bytes]] = []
        self._newline = b"\r\n" if file.data.count(b"\r\n") * 2 > file.data.count(b"\n") else b"\n"

    def replace(self, entry: Entry, new: Entry) -> None:
        """Write what differs between ``entry`` and ``new`` into the entry's paragraph.

        Where the entry was merged from several paragraphs, a changed value is changed in all of them, a
        tag that goes goes from where it stands, and one that comes is put into the first.
        """
        first = True
        for index in entry.paragraphs:
            paragraph = self._source.paragraphs[index]
            self._rewrite(paragraph, entry, new, first=first)
            first = False

    def remove(self, entry: Entry) -> None:
        """Take the entry's paragraphs out, with the comments that touch them and one blank line each."""
        for index in entry.paragraphs:
            paragraph = self._source.paragraphs[index]
            self._remove(paragraph)

    def insert(self, new: Entry, *, before: Entry | None = None, after: Entry | None = None) -> None:
        """Add an entry, at the end of the file unless told where; its fields in the order of its neighbour's."""
        paragraphs = self._source.paragraphs
        text = format_entry(new, self._file.header)
        if before is not None:
            following = paragraphs[before.paragraphs[0]]
            block = self._encoded(_ordered_like(text, following))
            self._add(following.start, following.start, block, rank=_BEFORE)
            return
        last = paragraphs[-1] if after is None else paragraphs[after.paragraphs[-1]]
        self._add(last.end, last.end, self._encoded(_ordered_like(text, last)), rank=_AFTER)

    def set_header(self, new: Entry) -> None:
        """Write what differs between the file's header and ``new`` into the first paragraph."""
        self._rewrite(self._source.paragraphs[0], self._file.header, new, first=True, defaults=Entry())

    def result(self) -> bytes:
        """The file with the edits made.

        :raises BadInput: when that would be no valid library file (a tag used twice, say).
        """
        out = bytearray()
        position = 0
        data = self._file.data
        for start, rank, end, _, text in sorted(self._edits):
            if rank == _FIELD and start < position:
                raise BadInput("two edits of the same lines", file=self._file.name)
            # An entry put next to one that was removed stands where the removed lines were.
            out += data[position:start]
            position = max(position, start)
            if rank == _FIELD:
                out += text
                position = end
            else:
                self._put_block(out, text, data[position : position + 2])
        out += data[position:]
        result = bytes(out)
        parse(result, self._file.name)
        return result

    def _put_block(self, out: bytearray, block: bytes, following: bytes) -> None:
        """Append an entry with a blank line on each side, whatever stands there now."""
        newline = self._newline
        if out and not out.endswith(b"\n"):
            out += newline
        if out and not out.endswith((b"\n\n", b"\n\r\n")):
            out += newline
        out += block + newline
        if following and not following.startswith((b"\n", b"\r\n")):
            out += newline

    def _add(self, start: int, end: int, text: bytes, *, rank: int) -> None:
        self._edits.append((start, rank, end, len(self._edits), text))

    def _encoded(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogateescape").replace(b"\n", self._newline)

    def _remove(self, paragraph: Paragraph) -> None:
        source = self._source
        start, end = paragraph.start, paragraph.end
        line = paragraph.end_line + 1
        if line <= len(source.lines) and not source.lines[line - 1].strip("\r"):
            end = source.starts[line]
        elif end == len(source.data):
            # The last one: the blank line before it goes.
            first = source.line_at(start) - 1
            if first >= 1 and not source.lines[first - 1].strip("\r"):
                start = source.starts[first - 1]
        self._add(start, end, b"", rank=_FIELD)

    def _rewrite(
        self, paragraph: Paragraph, old: Entry, new: Entry, *, first: bool, defaults: Entry | None = None
    ) -> None:
        inherited = self._file.header if defaults is None else defaults
        before, after = _values(old), _values(new)
        base = _values(inherited)
        names = [row.name for row in FIELDS if not row.last]
        names += sorted({n for n in (*before, *after) if n not in FIELD_NAMES}, key=_by_bytes)
        names += [row.name for row in FIELDS if row.last]
        for name in names:
            was, now = before.get(name, ""), after.get(name, "")
            field = paragraph.get(name)
            if name in ("Tags", "SharedTags") and was != now:
                now = self._tags(field, was, now, first)
                if field is not None and now == ", ".join(split_list(field.value)):
                    continue
                if field is None and not now:
                    continue
            elif was == now:
                continue
            elif name in ADDED and defaults is None:
                now = _beyond(name, base.get(name, ""), now)
            self._set(paragraph, names, name, now, base.get(name, ""), field)

    def _tags(self, field: Field | None, was: str, now: str, first: bool) -> str:
        """The tags that belong into this paragraph of the entry."""
        wanted = [tag for tag in now.split(", ") if tag]
        old = set(was.split(", "))
        here = [] if field is None else split_list(field.value)
        if len(old) == len(here):
            return ", ".join(wanted)
        elsewhere = old - set(here)
        if first:
            return ", ".join(tag for tag in wanted if tag not in elsewhere)
        return ", ".join(tag for tag in wanted if tag in here)

    def _set(
        self,
        paragraph: Paragraph,
        order: list[str],
        name: str,
        value: str,
        inherited: str,
        field: Field | None,
    ) -> None:
        additive = name in ADDED
        if field is not None:
            given = value == inherited and not additive and name != "Tags"
            if given or (not value and (additive or not inherited)):
                self._add(field.start, field.end, b"", rank=_FIELD)
            else:
                lead = b"" if field.value_start > field.colon + 1 or not value else b" "
                text = lead + self._encoded(value)
                self._add(field.value_start, field.value_end, text, rank=_FIELD)
            return
        if (value == inherited and not additive) or (additive and not value):
            return
        line = self._encoded(f"{name}: {value}".rstrip(BLANKS)) + self._newline
        place = self._place(paragraph, order, name)
        if not self._source.data[:place].endswith(b"\n") and place:
            line = self._newline + line.rstrip(b"\r\n")
        self._add(place, place, line, rank=_FIELD)

    @staticmethod
    def _place(paragraph: Paragraph, order: list[str], name: str) -> int:
        """After the last field that comes before ``name`` in print order, else before the first field."""
        rank = {each: place for place, each in enumerate(order)}
        place = None
        for field in paragraph.fields:
            if rank.get(field.name, -1) < rank[name] and field.name in rank:
                place = field.end
        return paragraph.fields[0].start if place is None else place


def _values(entry: Entry) -> dict[str, str]:
    values = {}
    for row in FIELDS:
        value = getattr(entry, row.attribute)
        values[row.name] = ", ".join(value) if row.many else value
    values.update(entry.arch_fields)
    return values


def _beyond(name: str, base: str, now: str) -> str:
    """What an additive field must say besides the header's to give ``now``."""
    if not base:
        return now
    if now == base:
        return ""
    if now.startswith(base + ", "):
        return now[len(base) + 2 :]
    raise BadInput(
        f"{name} of an entry are added to the header's ({base}), so they cannot be {now or 'empty'}",
        hint=f"take {name} out of the header first",
    )


def _ordered_like(text: str, neighbour: Paragraph) -> str:
    """The lines of an entry; fields that the neighbour has too in its order, the others where they are."""
    order = [field.name for field in neighbour.fields]
    lines = text.split("\n")
    places = [n for n, line in enumerate(lines) if line.partition(":")[0] in order]
    moved = sorted((lines[n] for n in places), key=lambda line: order.index(line.partition(":")[0]))
    for place, line in zip(places, moved, strict=True):
        lines[place] = line
    return "\n".join(lines)
