"""Where the addresses of downloads are written: in the RUN itself, or in the ENV or ARG that holds them."""

from __future__ import annotations

from functools import cached_property

from contrib.build import Build
from contrib.build.downloads import Fetched
from contrib.dockerfile.model import Instruction, Span


def address(download: Fetched) -> str:
    """The address for people: as far as it is known, else as it is written."""
    if download.url:
        return download.url
    word = download.download.word
    return word.text if word is not None else "an address that is not known"


class Addresses:
    """Finds the places of addresses in one file."""

    def __init__(self, build: Build) -> None:
        self._file = build.dockerfile
        self._environments = build.environments

    def holders(self, download: Fetched) -> list[str]:
        """Names of the ENVs and ARGs that hold an address, or its beginning."""
        environment = self._environments.before(download.instruction)
        return [
            source.name
            for source in download.download.url.via
            if source.kind in ("ENV", "ARG") and "://" in (environment.value(source.name) or "")
        ]

    def variable(self, download: Fetched) -> str | None:
        """Name of the ENV or ARG that holds the URL, followed through local variables."""
        names = self.holders(download)
        return names[0] if names else None

    def instruction(self, download: Fetched) -> Instruction | None:
        """The ENV or ARG that holds the URL."""
        for name in self.holders(download):
            found = self._environments.before(download.instruction).variable(name)
            if found is not None:
                return found.instruction
        return None

    def line(self, download: Fetched) -> int:
        """Line on which the URL is written."""
        instruction = self.instruction(download)
        if instruction is None:
            return download.download.url_span.line
        name = self.variable(download)
        for word, _ in instruction.pairs:
            if name is not None and word.text.upper() == name.upper():
                return word.span.line
        return instruction.line

    def lines(self, download: Fetched) -> tuple[int, int]:
        """From the comments above the URL's ENV (or the instruction) to the instruction's last line."""
        holder = self.instruction(download)
        first = (
            holder if holder is not None and holder.line < download.instruction.line else download.instruction
        )
        start = first.line
        while start - 1 in self._comment_lines:
            start -= 1
        return start, download.instruction.end_line

    def written_at(self, download: Fetched, text: str) -> Span | None:
        """Where ``text`` (the start of the URL) stands in the file, when it stands there once."""
        holder = self.instruction(download) or download.instruction
        data = self._file.data[holder.span.start : holder.span.end]
        wanted = text.encode()
        if data.lower().count(wanted) != 1:
            return None
        start = holder.span.start + data.lower().index(wanted)
        line = self._file.line_of(start)
        return Span(start, start + len(wanted), line, line)

    def line_of_variable(self, name: str | None, download: Fetched) -> int | None:
        """Line of the ENV or ARG that sets the variable."""
        if name is None:
            return None
        found = self._environments.before(download.instruction).variable(name)
        return found.instruction.line if found is not None else None

    @cached_property
    def _comment_lines(self) -> frozenset[int]:
        return frozenset(comment.span.line for comment in self._file.comments)
