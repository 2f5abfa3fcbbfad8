"""Guards: all that apply are shown together; each is lifted by its own name, for one run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contrib.values.errors import BadInput
from contrib.values.guards import GUARDS, UNLIFTABLE, Guards, Stopped, check_names, page


def stopped(guards: Guards, command: str = "contrib pr redis") -> Stopped:
    with pytest.raises(Stopped) as raised:
        guards.settle(command)
    assert raised.value.exit_code == 2
    return raised.value


def test_all_that_apply_are_reported_together() -> None:
    guards = Guards()
    assert not guards.stop("foreign-commits", "the branch has abc", ["abc Fix"])
    assert not guards.stop("closed-unmerged", "it was closed")
    error = stopped(guards)
    assert "the branch has abc (foreign-commits)" in error.message and "(closed-unmerged)" in error.message
    assert str(error.hint).endswith("contrib pr redis --allow foreign-commits --allow closed-unmerged")
    shape = error.as_json()["error"]
    assert [each["guard"] for each in shape["guards"]] == ["foreign-commits", "closed-unmerged"]
    assert shape["guards"][0]["details"] == ["abc Fix"] and shape["kind"] == "stopped"


def test_lifting_one_leaves_the_other() -> None:
    guards = Guards(("foreign-commits",))
    assert guards.stop("foreign-commits", "x") and not guards.stop("closed-unmerged", "y")
    error = stopped(guards)
    assert "foreign-commits" not in error.message
    assert "--allow foreign-commits --allow closed-unmerged" in str(error.hint)
    both = Guards(("foreign-commits", "closed-unmerged"))
    assert both.stop("foreign-commits", "x") and both.stop("closed-unmerged", "y")
    both.settle()
    assert [each.lifted for each in both.applied] == [True, True]


@pytest.mark.parametrize("names", [("smaller",), ("smaller", "reverted")])
def test_an_override_that_nothing_asked_for_is_an_error(names: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="not apply in this run") as raised:
        Guards(names).settle()
    assert raised.value.exit_code == 2 and all(name in raised.value.message for name in names)


def test_what_goes_on_without_something_does_not_stop() -> None:
    guards = Guards()
    assert not guards.offer("ended-port", "it has ended")
    guards.settle()
    lifted = Guards(("ended-port",))
    assert lifted.offer("ended-port", "it has ended")
    lifted.settle()


def test_force_is_an_error_that_names_what_applies() -> None:
    guards = Guards(force=True)
    guards.offer("ended-port", "it has ended")
    guards.stop("smaller", "less")
    assert "--force is gone" in stopped(guards).message and "ended-port, smaller" in stopped(guards).message
    assert "none applies" in stopped(Guards(force=True)).message


def test_a_preview_shows_and_does_not_stop() -> None:
    guards = Guards()
    guards.stop("smaller", "less")
    assert guards.problem(preview=True) is None
    assert Guards(("smaller",)).problem(preview=True) is not None


def test_other_peoples_work_is_never_offered_as_something_to_lift() -> None:
    guards = Guards()
    guards.stop("others-pull", "otto has one")
    assert stopped(guards).hint is None
    assert Guards(("others-pull",)).stop("others-pull", "otto has one")


def test_what_another_option_answers_is_not_lifted() -> None:
    for name in UNLIFTABLE:
        guards = Guards((name,))
        assert not guards.stop(name, "x")
        assert stopped(guards).hint is None


def test_the_same_guard_for_two_things() -> None:
    guards = Guards()
    for message in ("one", "two", "one"):
        guards.stop("foreign-commits", message)
    assert [each.message for each in guards.applied] == ["one", "two"]


def test_names_are_checked() -> None:
    assert check_names(["smaller", "smaller"]) == ("smaller",)
    with pytest.raises(BadInput, match="no such guard") as raised:
        check_names(["everything"])
    assert "foreign-commits" in str(raised.value.hint)
    with pytest.raises(KeyError):
        Guards().stop("everything", "x")


def test_the_page_is_the_table() -> None:
    """``CONTRIB_GOLDEN=1`` writes it anew."""
    path = Path(__file__).parents[2] / "docs" / "guards.md"
    if os.environ.get("CONTRIB_GOLDEN"):
        path.write_text(page(), encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == page()
    for name in GUARDS:
        assert f"\n## {name}\n" in page() and GUARDS[name].page == f"docs/guards.md#{name}"
