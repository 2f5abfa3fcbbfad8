"""Deliberate exceptions: comments, contrib.toml, [tool.contrib], and options; and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.dockerfile import parse
from contrib.rules.suppressions import suppressions
from contrib.values.globs import matches

BASE = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
FETCH = "RUN curl -o a.zip http://example.com/a-1.zip\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(BASE + FETCH)
    return tmp_path


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert run(["review", *(arguments or ("Dockerfile",)), "--format", "json", "-q"]) in (0, 1)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return found


def rules(found: list[dict[str, Any]]) -> list[str]:
    return [each["rule"] for each in found if "accepted" not in each]


# -- comments ------------------------------------------------------------------------------------------


def test_a_comment_with_a_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(
        BASE + "# contrib: ignore=plain-http-download,unverified-download the server has no https\n" + FETCH
    )
    found = findings(capsys)
    taken = {each["rule"]: each["accepted"] for each in found if "accepted" in each}
    assert taken == dict.fromkeys(["plain-http-download", "unverified-download"], "the server has no https")
    assert not {"plain-http-download", "unverified-download", "unused-suppression"} & set(rules(found))


def test_without_a_reason_it_applies_and_is_a_finding(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("Dockerfile").write_text(BASE + "# contrib: ignore=plain-http-download\n" + FETCH)
    found = findings(capsys)
    assert "plain-http-download" not in rules(found)
    (said,) = [each for each in found if each["rule"] == "suppression-without-reason"]
    assert (said["severity"], said["line"]) == ("warning", 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BASE + "# contrib: ignore=eol-base it is not\n" + FETCH, 2),
        (BASE + "# contrib: ignore=plain-http-download too far up\n\n" + FETCH, 2),
        ("# contrib: ignore=plain-http-download before FROM\n" + BASE + FETCH, 1),
        (BASE + FETCH + "# contrib: ignore=plain-http-download below\n", 3),
        (
            BASE
            + "RUN curl -o a.zip \\\n# contrib: ignore=plain-http-download inside\n http://example.com/a-1.zip\n",
            3,
        ),
        (BASE + "# contrib: ignore=no-such-rule why\n" + FETCH, 2),
        (BASE + "# contrib: ignore\n" + FETCH, 2),
        (BASE + "# contrib: please\n" + FETCH, 2),
    ],
)
def test_one_that_matches_nothing_is_a_finding(
    text: str, line: int, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("Dockerfile").write_text(text)
    found = findings(capsys)
    (said,) = [each for each in found if each["rule"] == "unused-suppression"]
    assert (said["severity"], said["line"]) == ("note", line)
    assert "plain-http-download" in rules(found)


def test_rules_that_did_not_run_are_not_unused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(BASE + "# contrib: ignore=plain-http-download old server\n" + FETCH)
    found = findings(capsys, "Dockerfile", "--ignore", "plain-http-download")
    assert "unused-suppression" not in rules(found)


def test_several_comments_and_other_ones_between(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(
        BASE
        + "#contrib:ignore = plain-http-download -- old\n# about it\n# contrib: ignore=unverified-download: old\n"
        + FETCH
    )
    taken = {each["rule"]: each["accepted"] for each in findings(capsys) if "accepted" in each}
    assert taken == {"plain-http-download": "old", "unverified-download": "old"}


def test_what_is_suppressed_is_not_fixed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wget = "RUN powershell -Command wget https://example.com/a-1.zip -OutFile a.zip\n"
    Path("Dockerfile").write_text(BASE + wget)
    assert run(["review", "Dockerfile", "--fix", "--diff"]) == 0
    assert "wget" in capsys.readouterr().out
    Path("Dockerfile").write_text(BASE + "# contrib: ignore=wget-alias it is short\n" + wget)
    assert run(["review", "Dockerfile", "--fix", "--select", "wget-alias"]) == 0
    assert wget in Path("Dockerfile").read_text()


def test_comments_that_are_not_ours() -> None:
    assert (
        suppressions(
            parse((BASE + "# contribute: ignore=x y\n# a contrib: ignore=x\n" + FETCH).encode(), "f")
        )
        == ()
    )


def test_what_is_generated_holds_none() -> None:
    from contrib.sandbox.demo import default_visitor, stage

    lines = default_visitor().decode().split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("RUN"))
    lines.insert(at, "# contrib: ignore=unverified-download nobody publishes one")
    with stage("\n".join(lines).encode()) as opened:
        assert run(["generate", "redis", "--upstream", "redis", "--from", "Dockerfile", "--source", "port=port.json", "--no-download", "-q"]) == 0  # fmt: skip
        made = list((opened.desk / "redis").rglob("windows*/**/Dockerfile"))
        assert made
        for file in made:
            assert "contrib:" not in file.read_text()


# -- files of settings -----------------------------------------------------------------------------------


def test_contrib_toml(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "contrib.toml").write_text(
        'ignore = ["unverified-download"]\n'
        "[severity]\nplain-http-download = 'note'\n"
        '[per-file-ignores]\n"old/**" = ["plain-http-download"]\n'
    )
    found = findings(capsys)
    assert "unverified-download" not in rules(found)
    assert [each["severity"] for each in found if each["rule"] == "plain-http-download"] == ["note"]
    (project / "old").mkdir()
    (project / "old" / "Dockerfile").write_text(BASE + FETCH)
    assert "plain-http-download" not in rules(findings(capsys, "old/Dockerfile"))


def test_pyproject_and_select(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.contrib]\nselect = ["plain-http-download"]\n')
    assert rules(findings(capsys)) == ["plain-http-download"]
    assert rules(findings(capsys, "Dockerfile", "--select", "unverified-download")) == ["unverified-download"]
    (project / "contrib.toml").write_text('select = ["moving-download-url"]\n')  # it comes first
    assert "plain-http-download" not in rules(findings(capsys))


def test_the_nearest_file_counts_wherever_one_stands(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = project / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "Dockerfile").write_text(BASE + FETCH)
    (project / "contrib.toml").write_text('ignore = ["plain-http-download"]\n')
    monkeypatch.chdir("/")
    assert "plain-http-download" not in rules(findings(capsys, str(inside / "Dockerfile")))
    (project / "a" / "contrib.toml").write_text('[per-file-ignores]\n"b/*" = ["unverified-download"]\n')
    found = rules(findings(capsys, str(inside / "Dockerfile")))
    assert "plain-http-download" in found
    assert "unverified-download" not in found


def test_it_stops_at_the_repository(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "contrib.toml").write_text('ignore = ["plain-http-download"]\n')
    (project / "clone" / ".git").mkdir(parents=True)
    (project / "clone" / "Dockerfile").write_text(BASE + FETCH)
    assert "plain-http-download" in rules(findings(capsys, "clone/Dockerfile"))


def test_it_says_which_settings_apply(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "contrib.toml").write_text('ignore = ["plain-http-download"]\n')
    run(["review", "Dockerfile"])
    assert f"settings: {project / 'contrib.toml'}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("contrib.toml", "ignore = [1 2]\n", 1, "is not TOML"),
        (
            "contrib.toml",
            "select = ['plain-http-download']\nignore = ['no-such']\n",
            2,
            "there is no rule 'no-such'",
        ),
        ("contrib.toml", "ignor = ['eol-base']\n", 1, "ignor: there is no such key"),
        ("contrib.toml", "ignore = 'eol-base'\n", 1, "ignore: expected a list of rules"),
        (
            "contrib.toml",
            "[severity]\neol-base = 'off'\n",
            2,
            "severity.eol-base: expected one of error, warning, note",
        ),
        ("contrib.toml", "[severity]\neol-bas = 'note'\n", 2, "there is no rule 'eol-bas'"),
        ("contrib.toml", "[per-file-ignores]\n'x' = 'eol-base'\n", None, "expected a list of rules"),
        (
            "pyproject.toml",
            "[tool.contrib]\nselect = ['zzz']\n",
            2,
            "tool.contrib.select: there is no rule 'zzz'",
        ),
        ("pyproject.toml", "[tool]\ncontrib = 3\n# tool.contrib\n", None, "tool.contrib: expected a table"),
    ],
)
def test_broken_settings(
    name: str, text: str, line: int | None, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / name).write_text(text)
    assert run(["review", "Dockerfile", "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert said in error["message"]
    assert error["file"].endswith(name)
    assert error["line"] == line


def test_another_pyproject_is_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\nthis is not TOML\n")
    assert run(["review", "Dockerfile"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--select", "unverified-downlod"], "did you mean unverified-download?"),
        (["--ignore", "x,eol-base"], "--ignore: there is no rule 'x'"),
        (["--severity", "eol-base"], "expected RULE=LEVEL"),
        (["--severity", "eol-base=fatal"], "'fatal' is not a level"),
        (["--severity", "x=note"], "there is no rule 'x'"),
        (["--statistics", "--format", "sarif"], "--statistics has the formats text, markdown, json"),
    ],
)
def test_broken_options(
    arguments: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", "Dockerfile", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_options_decide_the_exit_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levels = [f"{rule}=note" for rule in set(rules(findings(capsys)))]
    assert run(["review", "Dockerfile", "--severity", ",".join(levels)]) == 0
    assert run(["review", "Dockerfile", "--severity", ",".join(levels), "--fail-on", "note"]) == 1


def test_statistics(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "other").write_text(BASE + FETCH + FETCH)
    assert run(["review", "Dockerfile", "other", "--statistics", "--format", "json"]) == 1
    shape = json.loads(capsys.readouterr().out)
    row = next(row for row in shape["statistics"] if row["rule"] == "plain-http-download")
    assert (row["count"], row["files"], row["severity"]) == (3, 2, "error")
    assert sum(row["count"] for row in shape["statistics"]) == sum(shape["summary"].values())
    assert run(["review", "Dockerfile", "other", "--statistics"]) == 1
    assert "    3  error    plain-http-download" in capsys.readouterr().out


def test_diff_and_library_check_take_them(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "linux").write_text("FROM alpine:3.20\n")
    run(["diff", "Dockerfile", "linux", "--ignore", "plain-http-download", "--format", "json"])
    assert "plain-http-download" not in rules(json.loads(capsys.readouterr().out)["findings"])
    (project / "library").mkdir()
    (project / "library" / "x").write_text(
        "Maintainers: A (@a)\nGitRepo: https://github.com/a/b.git\n\nTags: 1\n"
    )
    run(["library", "check", "x", "--format", "json"])
    found = rules(json.loads(capsys.readouterr().out)["findings"])
    assert found
    run(["library", "check", "x", "--ignore", ",".join(set(found)), "--format", "json"])
    assert rules(json.loads(capsys.readouterr().out)["findings"]) == []


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a/b/Dockerfile", "**/Dockerfile", True),
        ("Dockerfile", "**/Dockerfile", True),
        ("a/b/c", "a/*", True),  # a directory stands for all below it
        ("a/b/c", "a/*/c", True),
        ("a/b/c", "*/c", False),
        ("a/b/c", "b", True),
        ("a/bb/c", "b", False),
        ("a/b.c", "*.c", True),
        ("ab", "a?", True),
        ("a/b", "./a/", True),
    ],
)
def test_globs(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, pattern) is expected
