"""`contrib pr` from the outside: what stops it, plans in files, asking first, rehearsals, what is not finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contrib.library import parse
from contrib.values.tree import FileChange
from tests.cli.test_pr import Place, place, repositories  # noqa: F401

EXTRA = """
Tags: 7.4.0, 7.4, 7, latest, 7.4.0-bookworm, 7.4-bookworm, 7-bookworm, bookworm
Architectures: amd64, arm64v8
GitCommit: {commit}
Directory: 7.2/debian
"""


def change(place: Place, repo: Any, path: str, edit: Any, message: str = "Edit") -> None:  # noqa: F811
    head = repo.head("master")
    text = place.file(repo, head, path)
    place.stand_in.world.commit(
        repo,
        "master",
        message,
        [FileChange(path, edit(text).encode())],
        place.stand_in.world.account("maintainer"),
    )


def guards(done: Any) -> list[str]:
    error = done.json["error"]
    assert "guards" in error, error
    return [each["guard"] for each in error["guards"]]


def merged(place: Place) -> None:  # noqa: F811
    assert place.contrib("pr", "--yes").code == 0
    place.merge(place.image)


def test_s23_a_series_that_the_generator_does_not_know_is_not_dropped(place: Place) -> None:  # noqa: F811
    merged(place)
    listed = parse(
        place.file(place.official, place.official.head("master") or "", "library/redis").encode(), "r"
    )
    extra = EXTRA.format(commit=listed.entries[0].git_commit)

    def other_series(text: str) -> str:
        moved = {tag.strip() for tag in extra.split("Tags: ")[1].split("\n")[0].split(",")}
        lines = [
            "Tags: " + ", ".join(t for t in line[6:].split(", ") if t not in moved)
            if line.startswith("Tags: ")
            else line
            for line in text.rstrip("\n").split("\n")
        ]
        return "\n".join(lines) + "\n" + extra

    change(place, place.official, "library/redis", other_series)
    writes = place.writes()
    done = place.contrib("pr", "--yes", "--format", "json")
    assert done.code == 2 and set(guards(done)) == {"series-dropped", "tag-down"}, done.out
    assert "7.4.0" in done.out and "latest" in done.out and place.writes() == writes
    assert "petra/official-images" not in place.stand_in.world.repos
    one = place.contrib("pr", "--yes", "--allow", "tag-down")
    assert one.code == 2 and "series-dropped" in one.err
    both = place.contrib("pr", "--yes", "--allow", "tag-down", "--allow", "series-dropped")
    assert both.code == 0, both.err
    body = place.pull(place.official).body
    assert body.index("7.4.0") < body.index("Adds Windows variants")
    assert place.contrib("pr", "--yes").code == 0, "what is open stays as it is"
    assert "7.4.0" in place.pull(place.official).body.split("Adds Windows variants")[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("Architectures: amd64", "Architectures: riscv64, amd64", "Architectures"), ("GitCommit:", "Builder: oci-import\nGitCommit:", "Builder")],
)  # fmt: skip
def test_a_hand_edit_of_a_linux_entry_is_not_undone(place: Place, old: str, new: str, words: str) -> None:  # noqa: F811
    merged(place)
    change(place, place.official, "library/redis", lambda text: text.replace(old, new, 1))
    done = place.contrib("pr", "--yes", "--format", "json")
    assert done.code == 2 and "linux-changed" in guards(done) and words in done.out, done.out
    assert "petra/official-images" not in place.stand_in.world.repos


def test_force_names_the_guards_and_an_override_must_apply(place: Place) -> None:  # noqa: F811
    forced = place.contrib("pr", "--yes", "--force")
    assert forced.code == 2 and "none applies" in forced.err and place.writes() == []
    unused = place.contrib("pr", "--dry-run", "--allow", "reverted")
    assert unused.code == 2 and "does not apply" in unused.err
    unknown = place.contrib("pr", "--dry-run", "--allow", "everything")
    assert unknown.code == 2 and "there is no such guard" in unknown.err


def test_the_plan_in_a_file(place: Place, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "plan.json"
    made = place.contrib("pr", "--dry-run", "--series", "7.2", "--plan-out", str(file))
    assert made.code == 0 and place.writes() == [], made.err
    shown = json.loads(file.read_text(encoding="utf-8"))
    step = shown["plan"][0]
    assert shown["image"] == "redis" and step["body"] and step["head_sha"] and step["base_sha"]
    assert step["expected"] is None and "notes" in shown and "guards" in shown
    text = file.read_text(encoding="utf-8")
    for bad, words in (
        (text.replace("Add Windows variants", "Add doors", 1), "the plan is not what would be done now"),
        (text.replace('"image": "redis"', '"image": "rabbitmq"'), "is a plan for rabbitmq"),
        (text[:50], "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{}", "is not a plan"),
    ):
        file.write_text(bad, encoding="utf-8")
        refused = place.contrib("pr", "--plan", str(file), "--yes", sources=False)
        assert refused.code == 2 and words in refused.err, (words, refused.err)
    file.write_text(text, encoding="utf-8")
    done = place.contrib("pr", "--plan", str(file), "--yes", sources=False)
    assert done.code == 0 and place.pull(place.image).head_sha == step["head_sha"], done.err
    again = place.contrib("pr", "--plan", str(file), "--yes", sources=False)
    assert again.code == 2 and "nothing was changed" in again.err, "a pull request has moved since"


def test_upstream_moved_since_the_plan(place: Place, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "plan.json"
    assert place.contrib("pr", "--dry-run", "--plan-out", str(file)).code == 0
    change(place, place.image, "7.2/alpine/Dockerfile", lambda text: text + "\n# later\n")
    done = place.contrib("pr", "--plan", str(file), "--yes", sources=False)
    assert done.code == 2 and "base_sha" in done.err and place.writes() == []


def test_next_is_complete(place: Place) -> None:  # noqa: F811
    acme = place.stand_in.world.account("acme", kind="Organization")
    acme.members.add("petra")
    done = place.contrib("pr", "--yes", "--fork-owner", "acme", "--signoff", "--series", "7.2")
    assert done.code == 0, done.err
    following = done.err.rsplit("next: ", 1)[1]
    assert "contrib pr redis --series 7.2 --signoff --fork-owner acme --continue" in following, following
    stopped = place.contrib("pr", "--yes")
    assert stopped.code == 2 and "second-contribution" in stopped.err and "--fork-owner acme" in stopped.err
    assert "petra/redis" not in place.stand_in.world.repos
    shown = place.contrib("status")
    assert "docker-library/redis#1" in shown.out and "A1" in shown.out
    place.merge(place.image)
    assert "next: contrib pr redis --fork-owner acme --series 7.2 --continue\n" in place.contrib("status").out


def test_not_a_member_of_the_organisation(place: Place) -> None:  # noqa: F811
    place.stand_in.world.account("acme", kind="Organization")
    done = place.contrib("pr", "--yes", "--fork-owner", "acme")
    assert done.code == 2 and "petra is not a member of acme" in done.err and place.writes() == []
    doctor = place.contrib("doctor", "--fork-owner", "acme")
    assert doctor.code == 1 and "petra is not a member of acme" in doctor.out


@pytest.mark.parametrize("what", ["upstream", "fork"])
def test_archived(place: Place, what: str) -> None:  # noqa: F811
    if what == "fork":
        place.stand_in.world.fork(place.image, place.stand_in.world.account("petra")).archived = True
    else:
        place.image.archived = True
    done = place.contrib("pr", "--yes")
    assert done.code == 2 and "archived" in done.err and place.writes() == []
    assert place.contrib("doctor").code == 1


def test_the_owner_of_upstream_pushes_nothing_into_it(place: Place) -> None:  # noqa: F811
    done = place.contrib("pr", "--yes", "--fork-owner", "docker-library")
    assert (
        done.code == 2 and "upstream-branch" in done.err and "--no-fork" in done.err and place.writes() == []
    )
    assert (
        place.contrib("pr", "--yes", "--fork-owner", "docker-library", "--allow", "upstream-branch").code == 2
    )


def test_ask_first(place: Place) -> None:  # noqa: F811
    written = place.contrib("pr", "--propose")
    assert written.code == 0 and "Windows variants of" in written.out and place.writes() == [], written.err
    opened = place.contrib("pr", "--propose", "--yes")
    url = opened.out.strip()
    assert opened.code == 0 and url.endswith("/docker-library/redis/issues/1"), opened.err
    assert place.contrib("pr", "--propose", "--yes").out.strip() == url, "one issue"
    assert len(place.stand_in.world.issues[place.image.id]) == 1
    elsewhere = f"{place.stand_in.url}/otto/redis/issues/1"
    here = f"{place.stand_in.url}/docker-library/redis"
    for wrong, why in (
        (elsewhere, "that is in otto/redis"),
        ("https://example.com/x", "not the address of an issue"),
        (here, "not the address of an issue"),
        (f"{here}/issues/99", "has no such issue"),
        (f"{here}/discussions/1", "is a discussion"),
    ):
        refused = place.contrib("pr", "--yes", "--agreed", wrong)
        assert refused.code == 2 and "--agreed" in refused.err and why in refused.err, wrong
    assert place.writes() == ["POST /repos/docker-library/redis/issues"]
    done = place.contrib("pr", "--yes", "--agreed", url)
    pull = place.pull(place.image, 2)
    assert done.code == 0 and f"Agreed in {url}" in pull.body
    assert place.contrib("pr", "--yes").code == 0 and f"Agreed in {url}" in pull.body, "it stays"
    for wrong in (f"{here}/pull/2", f"{here}/issues/2"):
        refused = place.contrib("pr", "--yes", "--agreed", wrong)
        assert refused.code == 2 and "is a pull request" in refused.err, wrong
    issue = place.stand_in.world.issues[place.image.id][0]
    issue.state, issue.reason = "closed", "not_planned"
    doubted = place.contrib("pr", "-n", "--agreed", url, "--format", "json")
    assert f"{url} was closed as not planned" in doubted.json["notes"]


def test_what_stops_a_bump_is_in_the_plan(place: Place) -> None:  # noqa: F811
    """A guard of the release, which no step has: in the plan's JSON and text, and in the command to go on with."""
    place.port(later=True)
    merged(place)
    words = ("--series", "7.2", "--to", "7.2.4")
    shown = place.contrib("pr", "-n", *words, "--format", "json").json
    assert "guards" in shown, shown
    assert [each["guard"] for each in shown["guards"]] == ["version-down"], shown["guards"]
    assert "--to 7.2.4" in shown["next"] and "--allow version-down" in shown["next"]
    assert "guard version-down (stops)" in place.contrib("pr", "-n", *words).out
    writes = place.writes()
    stopped = place.contrib("pr", "--yes", *words, "--format", "json")
    assert stopped.code == 2 and guards(stopped) == ["version-down"] and place.writes() == writes


def test_a_rehearsal_is_what_official_images_would_accept(place: Place) -> None:  # noqa: F811
    world = place.stand_in.world
    off = place.contrib("pr", "--yes", "--rehearse")
    assert off.code == 2 and "actions-off" in off.err and "/actions" in off.err and place.writes() == []
    petra = world.account("petra")
    forks = [world.fork(repo, petra) for repo in (place.image, place.official)]
    for fork in forks:
        fork.actions_enabled = True
    done = place.contrib("pr", "--yes", "--rehearse")
    assert done.code == 0, done.err
    assert world.pulls[place.image.id] == {} and world.pulls[place.official.id] == {}, "nothing upstream"
    pull = place.pull(forks[1])
    assert pull.head_branch == "contrib/redis-windows-rehearsal"
    file = parse(place.file(forks[1], pull.head_sha, "library/redis").encode(), "library/redis")
    with forks[0].git() as git:
        heads = git.refs("refs/heads/")
        for entry in file.entries:
            assert entry.architectures == ("windows-amd64",) and entry.git_repo.endswith("/petra/redis.git")
            assert entry.git_fetch in heads and git.is_ancestor(entry.git_commit, heads[entry.git_fetch])
            assert git.tree(entry.git_commit).read(f"{entry.directory}/Dockerfile") is not None
    assert len(file.entries) >= 2
    for one in (place.pull(forks[0]), pull):
        assert "cc @" not in one.body and "docker-library/redis#" not in one.body.replace(
            "`docker-library/redis#", ""
        )
    writes = place.writes()
    assert place.contrib("pr", "--yes", "--rehearse").code == 0 and place.writes() == writes
    shown = place.contrib("status")
    assert "rehearsal" in shown.out and "contrib pr redis" in shown.out
    world.check(forks[0], place.pull(forks[0]).head_sha, "build", "failure")
    failed = place.contrib("pr", "--yes")
    assert failed.code == 2 and "rehearsal-failed" in failed.err
    world.check(forks[0], place.pull(forks[0]).head_sha, "build", "success")
    real = place.contrib("pr", "--yes")
    assert (
        real.code == 0 and place.pull(forks[0]).url_path
        if hasattr(place.pull(forks[0]), "url_path")
        else True
    )
    assert "Its rehearsal, of the same files, passed 1 checks" in place.pull(place.image).body
    world.check(place.image, place.pull(place.image).head_sha, "ci", "success")
    assert place.contrib("pr", "--yes").code == 0
    assert place.pull(forks[0]).state == "closed" and forks[0].head("contrib/redis-windows-rehearsal") is None


def test_an_image_that_is_not_finished(place: Place, tmp_path: Path) -> None:  # noqa: F811
    import shutil

    from contrib.values.tables import templates_directory

    templates = tmp_path / "templates"
    shutil.copytree(templates_directory(), templates)
    folder = templates / "redis"
    (folder / "prove.toml").unlink()
    (folder / "edits-plain.toml").write_text("# nothing yet\n", encoding="utf-8")
    with (folder / "sources.toml").open("a", encoding="utf-8") as file:
        file.write("# TODO: where is the list of checksums?\n")
    for words in (["--dry-run"], ["--yes"]):
        done = place.contrib("pr", *words, "--templates", str(templates))
        assert done.code == 2 and place.writes() == []
        for wanted in ("redis/prove.toml", "redis/edits-plain.toml", "redis/sources.toml:", "TODO"):
            assert wanted in done.err, wanted


def test_notes_are_in_every_form(place: Place) -> None:  # noqa: F811
    place.contrib("pr", "--yes")
    for words in (["--quiet"], ["--format", "json"], []):
        done = place.contrib("pr", "--yes", *words)
        assert done.code == 0 and "Windows gets" in done.err + done.out, words
    assert "Windows gets" in json.dumps(place.contrib("pr", "--dry-run", "--format", "json").json["notes"])
