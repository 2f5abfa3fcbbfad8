"""What every rule looks at, whatever the kind of file: its name and bytes, and the findings and edits in it.

A kind of file adds what it is understood as: :class:`contrib.rules.context.Context` for a Dockerfile,
:class:`contrib.rules.library.context.LibraryContext` for a library file.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from contrib.values.findings import Edit, Finding, Fix, Lines, Severity

if TYPE_CHECKING:
    from contrib.rules.registry import Need, Rule


class Subject:
    """One file that rules look at.

    :ivar name: how the person named the file.
    :ivar data: its bytes.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data

    @property
    def given(self) -> frozenset[Need]:
        """What rules may ask for."""
        return frozenset(("text",))

    @cached_property
    def lines(self) -> Lines:
        """Lines and columns of the bytes."""
        return Lines(self.data)

    def finding(
        self,
        rule: Rule,
        line: int | None,
        message: str,
        *,
        severity: Severity | None = None,
        fix: Fix | None = None,
        end_line: int | None = None,
        related: tuple[tuple[str, int, str], ...] = (),
        columns: tuple[int | None, int | None] = (None, None),
    ) -> Finding:
        """A finding of ``rule``, with its severity unless another is given.

        :param columns: first and last, from 1; None where the rule does not know them.
        """
        return Finding(
            rule=rule.id,
            severity=severity or rule.severity,
            file=self.name,
            line=line,
            end_line=end_line,
            message=message,
            evidence=rule.evidence,
            fix=fix,
            related=related,
            column=columns[0],
            end_column=columns[1],
        )

    def fix(self, title: str, edits: Edit | Iterable[Edit], *, safe: bool) -> Fix:
        """A fix made of one edit or several."""
        return Fix(title, (edits,) if isinstance(edits, Edit) else tuple(edits), safe)

    def write(self, start: int, end: int, text: str) -> Edit:
        """Put ``text`` in place of the bytes from ``start`` to ``end``; the same place twice inserts it."""
        return Edit(start, end, text.encode("utf-8", "surrogateescape"))
