"""What the plan says is next."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from contrib.cli.status import command
from contrib.pulls.model import Operation, Plan, Proposal, Step


@pytest.mark.parametrize(
    "typed", ["contrib pr redis", "contrib pr redis --series 7.2 --from 'my file' --to 7.2.4"]
)
def test_the_command_that_comes_next_can_be_typed(typed: str) -> None:
    proposal = Proposal("A1", "redis", "o/r", "", Path(), "master", "0" * 40, "b", (), "t", "")
    plan = Plan((Step(proposal, Operation.CREATE, "new", "me/r"),), typed)
    words = shlex.split(plan.next)
    assert words == ["contrib", "status", "redis"]
    command.make_context("status", words[2:])
