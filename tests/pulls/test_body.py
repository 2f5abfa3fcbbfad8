"""The texts of pull requests, from values: what they say, and what must not get out of them."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from contrib.compare.model import ParityRow
from contrib.facts.kinds import Fact
from contrib.generate.model import Decision, Generated, SeriesPlan
from contrib.images import load
from contrib.pulls import body
from contrib.pulls.contribution import Base, Place, Wording, handles, image_proposals, official_proposal
from contrib.pulls.contribution import Entries as OfficialEntries
from contrib.pulls.model import Operation, Step, numbered
from contrib.releases.checksums import Verified
from contrib.releases.model import Release
from contrib.sandbox.markdown import render
from contrib.upstream.layouts.base import BranchChanges, Note, Series
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity, Verdict
from contrib.values.tree import FileChange, MemoryTree
from contrib.values.versions import Version

REDIS = load("redis")
WHEN = datetime(2024, 1, 1, tzinfo=timezone.utc)


def plan(
    series: str = "7.2", linux: str = "7.2.5", windows: str = "7.2.4", before: str | None = None
) -> SeriesPlan:
    return SeriesPlan(
        Series(series, linux, linux=f"{series}/alpine/Dockerfile"),
        Release(
            Version.parse(windows),
            f"https://example.com/{windows}.zip",
            f"{windows}.zip",
            date(2024, 5, 1),
            False,
        ),
        Verified("0" * 64, ("asset digest", "own download"), ()),
        ("windowsservercore-ltsc2022", "nanoserver-ltsc2022"),
        before,
        True,
    )


def generated(*changes: BranchChanges, **more: Any) -> Generated:
    given: dict[str, Any] = {
        "series": (plan(),),
        "notes": ("Know *this*, @somebody.",),
        "unseen": ("docker stop",),
    }
    return Generated("redis", REDIS.port, "templated", "templated", changes, **{**given, **more})


CHANGES = BranchChanges(
    "A1",
    None,
    ("7.2",),
    (FileChange("7.2/windows/Dockerfile", b"x"),),
    (),
    (Note("edit", "why", "versions.sh"),),
)
ROW = ParityRow("ports", Fact("ports", "6379/tcp", 1), None, Verdict.MISSING, "a | pipe and <b>")
SAME = ParityRow("workdir", Fact("workdir", "/data", 1), Fact("workdir", "C:\\data", 2), Verdict.SAME)
FINDING = Finding("some-rule", Severity.WARNING, "f", 3, "says `x` and @who")


def text(what: Generated, changes: BranchChanges = CHANGES, **more: Any) -> str:
    given: dict[str, Any] = {"branch": changes.branch, "compared": (), "checked": ("C",), "official": "d/o"}
    return read(body.image_sections(REDIS, what, **{**given, **more}))


def read(sections: Any) -> str:
    """As a reader of the pull request sees them."""
    return "\n\n".join(section.text for section in sections)


def test_what_a_maintainer_reads() -> None:
    found = text(
        generated(CHANGES, decisions=(Decision("base", "old", "new", "replaced", "base-image", "because"),)),
        compared=(body.Compared("w/Dockerfile", "l/Dockerfile", (ROW, SAME), (FINDING,)),),
    )
    for wanted in (
        "Adds Windows variants of `redis` for 7.2 (7.2.4)",
        "| 7.2 | 7.2.5 | 7.2.4 | [7.2.4.zip](https://example.com/7.2.4.zip) | sha256 of asset digest and own download agree |",
        "1 same, 1 missing. The review finds 1 warning.",
        "| ports | missing | a &#124; pipe and \\<b\\> |",
        "- ports (missing): a &#124; pipe and \\<b\\>",
        "- `some-rule` (line 3): says `x` and `@who`",
        "| base | `old` | `new` | because (`base-image`) |",
        "- `versions.sh`: why",
        "Know \\*this\\*, `@somebody`.",
        "**Not built and not run on Windows:** `windowsservercore-ltsc2022`",
        "When this is merged, `library/` entries follow in d/o.",
        "Prepared with `contrib` ",
    ):
        assert wanted in found, wanted
    html = str(render(found))
    assert "<b>" not in html.replace("<b></b>", "") and html.count("<table ") == 3


def test_a_bump_and_the_tools() -> None:
    assert text(generated(CHANGES, series=(plan(before="7.2.3"),))).startswith(
        "Updates the Windows variants of `redis`: 7.2 from 7.2.3 to 7.2.4. Linux is left alone."
    )
    tools = BranchChanges("A0", None, (), (FileChange("t", b"x"),))
    found = text(generated(tools, CHANGES), tools)
    assert found.startswith("Teaches this repository's own tools") and "### Versions" not in found


@pytest.mark.parametrize(
    "hostile",
    ["<script>x</script>", "![x](http://y)", "[a](b)", "@team/x", "a`b`c<img>`", "# h", "x\n\n## y"],
)
def test_nothing_gets_out_of_a_note(hostile: str) -> None:
    html = str(render(text(generated(CHANGES, notes=(hostile,)))))
    assert "<script" not in html and "<img" not in html and 'href="b"' not in html
    assert html.count("<h2>") == 0


def base(branch: str = "master", files: dict[str, bytes] | None = None) -> Base:
    return Base(branch, "b" * 40, WHEN, MemoryTree(dict(files or {})))


PLACE = Place("docker-library/redis", "https://example.com/r.git", Path())


def proposals(what: Generated, wording: Wording | None = None, **files: bytes) -> Any:
    return image_proposals(
        REDIS, what, PLACE, lambda changes: base(changes.branch or "master", files), compared={}, checked=(),
        wording=wording or Wording(),
    )  # fmt: skip


def test_proposals() -> None:
    (one,) = proposals(generated(CHANGES))
    assert (one.key, one.branch, one.title) == ("A1", "contrib/redis-windows", "Add Windows variants for 7.2")
    assert one.commits[0].message == "Add Windows variants for 7.2"
    assert one.commits[0].date == datetime(2024, 5, 1, tzinfo=timezone.utc), (
        "the release is newer than the base"
    )
    tools = BranchChanges("A0", None, (), (FileChange("t", b"x"),))
    branch = BranchChanges("A1", "release/8.10", ("7.2",), (FileChange("w", b"x"),), ("A0",))
    first, second = proposals(generated(tools, branch))
    assert (first.branch, second.branch) == (
        "contrib/redis-windows-tools",
        "contrib/redis-windows-release-8.10",
    )
    assert second.base_branch == "release/8.10" and second.waits_for == ("A0",)
    (bump,) = proposals(generated(CHANGES, series=(plan(before="7.2.3"),)))
    assert bump.title == "Update 7.2 for Windows to 7.2.4"


def test_what_upstream_holds_is_not_proposed() -> None:
    (one,) = proposals(generated(CHANGES), **{"7.2/windows/Dockerfile": b"x"})
    assert one.commits == ()


def test_words_of_ones_own() -> None:
    (one,) = proposals(generated(CHANGES), Wording("A\n title", "B", "C\n\nd\n"))
    assert (one.title, one.body, one.commits[0].message) == ("A title", "B\n", "C\n\nd")
    for title in (" ", "x" * 257):
        with pytest.raises(BadInput):
            proposals(generated(CHANGES), Wording(title))


LIBRARY = (
    b"Maintainers: One <one@example.org> (@one)\nGitRepo: https://example.org/r.git\n\n"
    b"Tags: 7.2.4-windowsservercore-ltsc2022\nArchitectures: windows-amd64\nGitCommit: " + b"c" * 40
    + b"\nDirectory: 7.2/w\nConstraints: windowsservercore-ltsc2022\n"
)  # fmt: skip


def official(step: Step, **more: Any) -> Any:
    return official_proposal(
        REDIS, generated(CHANGES), Place("docker-library/official-images", "u", Path()), base(), [step],
        lambda steps: OfficialEntries((FileChange("library/redis", LIBRARY),), ("@one", "@two")),
        web="https://github.com", subjects={"b" * 40: "Add Windows (#12)"}, wording=Wording(), **more,
    )  # fmt: skip


def test_the_one_to_official_images() -> None:
    (first,) = proposals(generated(CHANGES))
    open_ = Step(first, Operation.CREATE, "", "petra/redis", head_sha="c" * 40)
    waiting = official(open_)
    assert waiting.waits_for == ("A1",) and "It waits for docker-library/redis{#A1}." in waiting.body
    assert numbered(waiting.body, [open_.done(number=7)], final=True).count("docker-library/redis#7") == 2
    assert "{#" not in numbered(waiting.body, [open_], final=True)
    assert f"https://github.com/petra/redis/commit/{'c' * 40}" in waiting.commits[0].message
    merged = official(Step(first, Operation.NONE, "", "petra/redis", merged=True, number=12))
    assert merged.commits[0].message == (
        "Update redis\n\nChanges:\n\n- https://github.com/docker-library/redis/commit/"
        f"{'b' * 40}: Add Windows (no. 12)"
    )
    assert "waits for" not in merged.body and "cc @one @two" in merged.body
    assert "`redis-basics` for `windowsservercore` and `nanoserver`" in merged.body
    assert "### `library/redis`\n\n1 entry added" in merged.body
    assert (
        "| `7.2.4-windowsservercore-ltsc2022` |  | `windows-amd64` | `cccccccccccc` | `7.2/w` |"
        in merged.body
    )
    assert merged.branch == "contrib/redis-windows" and merged.title == "Update redis"


def test_handles() -> None:
    assert handles(["A <a@b> (@a-b)", "B (@c)", "C <c@d>", "A <a@b> (@a-b)"]) == ("@a-b", "@c")


@pytest.mark.parametrize(
    ("custom", "title"),
    [
        ((), "Update redis"),
        (("Update redis (#1)", "Redis: x", "Update redis"), "Update redis"),
        (
            ("Redis: Update to 8", "Redis urgent", "Redis: y", "Update redis"),
            "Redis: Add Windows variants for 7.2",
        ),
        (("[redis] 8", "[redis] 7"), "[redis] Add Windows variants for 7.2"),
        (("redisinsight: x", "Update redis-stack"), "Update redis"),
    ],
)
def test_a_title_as_is_the_custom(custom: tuple[str, ...], title: str) -> None:
    (first,) = proposals(generated(CHANGES))
    merged = Step(first, Operation.NONE, "", "petra/redis", merged=True, number=12)
    made = official(merged, custom=custom)
    assert made.title == title and made.commits[0].message.startswith(f"{title}\n\nChanges:")


RABBITMQ = load("rabbitmq")


@pytest.mark.parametrize("image", [REDIS, RABBITMQ], ids=lambda image: image.name)
def test_a_maintainer_finishes_reading(image: Any) -> None:
    """At most 60 lines that are not folded, and 8 kB; the case first; none of our own switches."""
    from contrib.cli.records import case_of
    from contrib.pulls.case_text import unfolded

    case = case_of(image)
    rows = tuple(
        ParityRow(f"ports:{n}", Fact("ports", f"{n}/tcp", 1), None, Verdict.MISSING, f"reason {n} " * 12)
        for n in range(40)
    )
    plans = tuple(plan(series) for series in ("7.2", "7.0", "6.2"))
    changes = BranchChanges(
        "A1", None, ("7.2", "7.0", "6.2"), (FileChange("x", b"x"),), (), CHANGES.notes * 9
    )
    notes = tuple(f"Note {n}: with a switch (--series 7.{n} takes it)." for n in range(9))
    made = generated(changes, series=plans, notes=notes, later=("8.0: the port has 8.0.1 (--series 8.0)",))
    proof = body.Proof(case, (), (("nanoserver-ltsc2025", "it has not been built and run on Windows"),))
    compared = tuple(body.Compared(f"{n}/w", f"{n}/l", rows, (FINDING,)) for n in range(4))
    sections = body.image_sections(
        image, made, branch=None, compared=compared, checked=("C",), official="d/o", proof=proof
    )
    found = "\n\n".join(section.text for section in sections)
    assert len(found.encode()) <= 8000 and len(unfolded(found).splitlines()) <= 60
    assert not re.search(
        r"(?<![\w-])--[a-z]", re.sub(r"`docker [^`]*`|docker's --time|--hostname", "", found)
    )
    assert found.index("What to know first") < found.index("What was built and run") < found.index("Versions")
    case_lines = found.split("### What to know first")[1].split("###")[0].strip().splitlines()
    assert len(case_lines) <= 10
    assert case is not None
    for each in case.history:
        if each.outcome in ("removed", "declined", "requested"):
            assert each.thread.url in found


def test_the_prose_of_the_packaged_images_is_whole() -> None:
    """Sentences from data have one subject, end once, and point at nothing that is not there."""
    from contrib.cli.records import case_of
    from contrib.pulls.case_text import care_text, case_text, known_text

    for image in (REDIS, RABBITMQ):
        case = case_of(image)
        kinds = tuple(dict.fromkeys(variant.kind for variant in image.variants))
        found = "\n".join(
            (
                case_text(case, "o/r", image.port.name, kinds),
                known_text(case, image.port.name, kinds),
                care_text(case),
            )
        )
        assert not re.search(r"\.\.|\bit It\b|\bit [A-Z][a-z]+'s\b| ,|\babove\b|\bbelow\b(?! a)", found)
        assert not re.search(r"\S  \S", found)


@pytest.mark.parametrize(
    "title", ["Add Windows\u202e", "Add\u200bWindows", "Add \u2066Windows", "Add \x1b[8mWindows"]
)
def test_a_title_that_deceives(title: str) -> None:
    with pytest.raises(BadInput, match="the title of the pull request to"):
        proposals(generated(CHANGES), Wording(title=title))
