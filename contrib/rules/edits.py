"""Findings, and the edits that fixes are made of: what a rule gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.dockerfile.model import Dockerfile, Flag, Instruction, Span
from contrib.rules.bodies import Run, Step
from contrib.rules.subject import Subject
from contrib.shells.model import Node
from contrib.values.findings import Edit, Finding, Fix, Severity

if TYPE_CHECKING:
    from contrib.rules.registry import Rule


class Edits(Subject):
    """Findings and edits of one Dockerfile."""

    def __init__(self, file: Dockerfile) -> None:
        super().__init__(file.name, file.data)
        self.file = file

    def found(
        self,
        rule: Rule,
        line: int | None,
        message: str,
        *,
        severity: Severity | None = None,
        fix: Fix | None = None,
        instruction: Instruction | None = None,
        end_line: int | None = None,
        span: Span | None = None,
        related: tuple[tuple[str, int, str], ...] = (),
    ) -> Finding:
        """A finding of ``rule`` at ``line``, to the end of ``instruction`` where one is given.

        :param span: the exact place, where the rule knows it; it decides lines and columns.
        """
        columns: tuple[int | None, int | None] = (None, None)
        if span is not None:
            line, column = self.lines.position(span.start)
            end_line, end_column = self.lines.position(span.end)
            columns = column, end_column
        if end_line is None and instruction is not None:
            end_line = instruction.end_line
        return self.finding(
            rule,
            line,
            message,
            severity=severity,
            fix=fix,
            end_line=end_line,
            related=related,
            columns=columns,
        )

    def replace(self, span: Span, text: str) -> Edit:
        """Put ``text`` in place of ``span``."""
        return self.write(span.start, span.end, text)

    def insert(self, offset: int, text: str) -> Edit:
        """Put ``text`` before the byte at ``offset``."""
        return self.write(offset, offset, text)

    def remove_lines(self, instruction: Instruction) -> Edit:
        """Take the instruction's lines out, with their line ending."""
        data = self.file.data
        start = data.rfind(b"\n", 0, instruction.span.start) + 1
        end = data.find(b"\n", instruction.span.end)
        return Edit(start, len(data) if end < 0 else end + 1, b"")

    def insert_line_before(
        self, instruction: Instruction, line: str, *, above_comments: bool = False
    ) -> Edit:
        """A line of its own before the instruction, or before the comments that belong to it."""
        data = self.file.data
        start = data.rfind(b"\n", 0, instruction.span.start) + 1
        while above_comments and start > 0:
            previous = data.rfind(b"\n", 0, start - 1) + 1
            if not data[previous:start].lstrip().startswith(b"#"):
                break
            start = previous
        return self.insert(start, line + self.file.newline)

    def insert_line_after(self, instruction: Instruction, line: str) -> Edit:
        """A line of its own after the instruction."""
        data = self.file.data
        end = data.find(b"\n", instruction.span.end)
        if end < 0:
            return self.insert(len(data), self.file.newline + line)
        return self.insert(end + 1, line + self.file.newline)

    def remove_flag(self, flag: Flag) -> Edit:
        """Take a flag out, with the blanks after it."""
        data = self.file.data
        end = flag.span.end
        while end < len(data) and data[end : end + 1] in (b" ", b"\t"):
            end += 1
        return Edit(flag.span.start, end, b"")

    def expanded_before(self, run: Run) -> bool:
        """A shell that PowerShell starts, which expands the variables of its script before: none can be put there."""
        return run.inner and not run.instruction.exec_form and run.build.reads_powershell(run.instruction)

    def insert_statement(self, run: Run, step: Step, statement: str) -> Edit | None:
        """A PowerShell statement before the one that ``step`` belongs to, on a line of its own where that starts one."""
        if run.instruction.exec_form or self.expanded_before(run):
            return None
        inside = [
            node for node in step.above if step.within is None or node.span.start > step.within.span.start
        ]
        if step.within is not None and step.within.script is not None:
            tops = set(map(id, step.within.script.nodes))
            at: Node = next((node for node in (*inside, step.node) if id(node) in tops), step.node)
        else:
            at = step.top
        start = at.span.start
        line_start = self.file.data.rfind(b"\n", 0, start) + 1
        lead = self.file.data[line_start:start]
        if lead.strip() or line_start <= run.instruction.span.start:
            keyword_end = run.instruction.span.start + len(run.instruction.keyword)
            indent = self._indent(run.instruction)
            if self.file.data[keyword_end:start].strip() == b"" and indent is not None:
                return self.insert(start, f"{statement} {self.file.escape}{self.file.newline}{indent}")
            return self.insert(start, statement + " ")
        return self.insert(
            start, f"{statement} {self.file.escape}{self.file.newline}{lead.decode('ascii', 'replace')}"
        )

    def append_statement(self, run: Run, statement: str | None) -> Fix | None:
        """A PowerShell statement at the end of a body, offered and not made unasked."""
        if statement is None or run.inner or run.instruction.exec_form or run.shell != "powershell":
            return None
        body = self.file.text_of(run.instruction.span).rstrip()
        joint = " " if body.endswith(";") else "; "
        return self.fix(
            f"add `{statement}`", self.insert(run.instruction.span.end, joint + statement), safe=False
        )

    def _indent(self, instruction: Instruction) -> str | None:
        """The indentation of an instruction's second line; None when it has one line."""
        data = self.file.data[instruction.span.start : instruction.span.end]
        for line in data.split(b"\n")[1:]:
            if line.strip() and not line.lstrip().startswith(b"#"):
                return line[: len(line) - len(line.lstrip())].decode("ascii", "replace")
        return None
