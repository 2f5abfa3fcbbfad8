"""Where in a body the walk is: what a failure there does, and what stands around it in a pipeline."""

from __future__ import annotations

from contrib.shells import model as shell
from contrib.values.records import dataclass


@dataclass(slots=True)
class Place:
    """Where in a body the walk is."""

    conditional: bool = False
    guarded: bool = False  # a failure here ends the build
    quiet: bool = False  # inside a condition or a substitution
    piped: tuple[shell.Node, ...] = ()  # what comes before in the pipeline
    to: shell.Node | None = None  # what comes after

    def but(self, **changes: object) -> Place:
        values = {
            "conditional": self.conditional, "guarded": self.guarded, "quiet": self.quiet,
            "piped": self.piped, "to": self.to,
        }  # fmt: skip
        values.update(changes)
        return Place(**values)  # type: ignore[arg-type]
