"""Image, layout and versions to files: what ``generate``, ``bump`` and ``pr`` carry upstream."""

from contrib.generate.model import Decision, Generated, Overlay, SeriesPlan
from contrib.generate.plan import plan_changes

__all__ = ["Decision", "Generated", "Overlay", "SeriesPlan", "plan_changes"]
