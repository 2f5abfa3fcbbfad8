"""Rules for Dockerfiles and library files, and the review that runs them."""

from contrib.rules.registry import REGISTRY, Example, Rule, evidence

__all__ = ["REGISTRY", "Example", "Rule", "evidence"]
