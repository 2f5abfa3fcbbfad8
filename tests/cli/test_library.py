"""``contrib library`` from the outside: bashbrew's output, checks with all that they may ask, fixes, bad input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from contrib.cli.main import run

Printed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def contrib(capfdbinary: pytest.CaptureFixture[bytes]) -> Printed:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["library", *arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "replace")

    return call


def git(where: Path, *arguments: str, day: int = 1) -> str:
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (
                ("NAME", "A"),
                ("EMAIL", "a@example.org"),
                ("DATE", f"2026-01-{day:02}T00:00:00Z"),
            )
        },
    }
    done = subprocess.run(["git", *arguments], cwd=where, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Image:
    """An image's repository: two commits on main, one on another branch, a tag."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir()
        git(top, "init", "-q", "-b", "main")
        self.first = self.commit(
            {
                "1.2/Dockerfile": "FROM debian:trixie\nENV DEMO_VERSION=1.2.3\n",
                "1.2/slim/Dockerfile": "FROM scratch AS build\nFROM debian:trixie-slim\nCOPY --from=build / /\n"
                "COPY --from=busybox /bin/x /x\n",
                "win/Dockerfile": "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n",
                "link": "1.2",
            },
            1,
        )
        git(top, "checkout", "-q", "-b", "side")
        self.side = self.commit({"1.2/extra": "x"}, 2)
        git(top, "tag", "v1.2.3-side")
        git(top, "checkout", "-q", "main")
        self.second = self.commit({"1.2/Dockerfile": "FROM debian:trixie\nENV DEMO_VERSION=1.2.4\n"}, 3)

    def commit(self, files: dict[str, str], day: int) -> str:
        for name, text in files.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            git(self.top, "add", name)
        git(self.top, "commit", "-q", "-m", f"day {day}", day=day)
        return git(self.top, "rev-parse", "HEAD")


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image(tmp_path_factory.mktemp("image") / "demo")


DEBIAN = """\
Maintainers: D (@d)
GitRepo: https://github.com/example/debian.git
GitCommit: {commit}

Tags: trixie, latest
Architectures: amd64, arm64v8, s390x

Tags: trixie-slim
Architectures: amd64, arm64v8
Directory: slim
"""
DEMO = """\
Maintainers: Ann Example (@ann)
GitRepo: https://github.com/example/demo.git
GitFetch: refs/heads/main
GitCommit: {commit}

Tags: 1.2.3, 1.2, latest
Architectures: amd64, s390x
Directory: 1.2

Tags: 1.2.3-slim, slim
Directory: 1.2/slim

Tags: 1.2.3-windowsservercore-ltsc2025
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
Directory: win
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: Image) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("BASHBREW_LIBRARY", "CONTRIB_LIBRARY", "BASHBREW_ARCH"):
        monkeypatch.delenv(name, raising=False)
    library = tmp_path / "library"
    library.mkdir()
    (library / "debian").write_bytes(DEBIAN.format(commit="0" * 40).encode())
    (library / "demo").write_bytes(DEMO.format(commit=image.first).encode())
    (library / "busybox").write_bytes(
        b"Maintainers: B (@b)\nGitRepo: r\nGitCommit: " + b"1" * 40 + b"\n\nTags: latest\n"
    )
    return library


# -- cat, list -------------------------------------------------------------------------------------


def test_recorded_output(contrib: Printed, corpus: Path) -> None:
    library = ["--library", str(corpus / "library")]
    for arguments, file in (
        (["cat", "--all"], "cat-all.txt"),
        (["list", "--all"], "list-all.txt"),
        (["list", "--all", "--uniq"], "list-all-uniq.txt"),
        (["list", "--all", "--repos"], "list-all-repos.txt"),
    ):
        code, out, err = contrib(*arguments, *library)
        assert (code, err) == (0, "")
        assert out == (corpus / "bashbrew" / file).read_bytes().decode("utf-8", "surrogateescape")


def test_a_folder_is_all_of_its_files(contrib: Printed, corpus: Path) -> None:
    code, out, _ = contrib("cat", f"{corpus}/library")
    assert code == 0
    assert out == (corpus / "bashbrew" / "cat-all.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["cat", "demo"],
        ["cat", "demo:slim"],
        ["cat", "demo", "debian:latest", "demo:1.2"],
        ["cat", "./library/demo"],
        ["list", "demo", "debian"],
        ["list", "demo:slim", "--uniq"],
        ["list", "demo", "--repos"],
        ["list", "demo:slim", "--repos"],
        ["list", "--arch-filter", "demo"],
        ["list", "--apply-constraints", "demo"],
    ],
)
def test_beside_bashbrew(arguments: list[str], contrib: Printed, folder: Path) -> None:
    program = shutil.which("bashbrew")
    if program is None:
        pytest.skip("no bashbrew on PATH")
    done = subprocess.run([program, "--library", str(folder), *arguments], capture_output=True, text=True)
    code, out, err = contrib(*arguments)
    assert (code, out) == (done.returncode, done.stdout)
    assert err == done.stderr


def test_list_options(contrib: Printed, folder: Path) -> None:
    assert contrib("list", "demo:slim")[1] == "demo:1.2.3-slim\ndemo:slim\n"
    assert contrib("list", "demo:slim", "--uniq")[1] == "demo:1.2.3-slim\n"
    assert contrib("list", "demo", "--repos", "--namespace", "me")[1] == "me/demo\n"
    assert contrib("list", "demo", "--arch-filter", "--arch", "s390x", "--uniq")[1] == "demo:1.2.3\n"
    assert json.loads(contrib("list", "demo:slim", "--format", "json")[1]) == ["demo:1.2.3-slim", "demo:slim"]


def test_apply_constraints(contrib: Printed, folder: Path) -> None:
    code, out, err = contrib("list", "demo", "--uniq", "--apply-constraints", "--arch", "windows-amd64")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        'skipping "demo:1.2.3" (due to architecture "windows-amd64"; only "amd64, s390x" supported)',
        'skipping "demo:1.2.3-slim" (due to architecture "windows-amd64"; only "amd64" supported)',
        'skipping "demo:1.2.3-windowsservercore-ltsc2025" (due to unsatisfactory constraints '
        '["windowsservercore-ltsc2025"])',
    ]
    met = ["--constraint", "windowsservercore-ltsc2025,other", "--arch", "windows-amd64"]
    assert contrib("list", "demo", "--uniq", "--apply-constraints", *met)[1] == (
        "demo:1.2.3-windowsservercore-ltsc2025\n"
    )
    exclusive = contrib("list", "demo", "--uniq", "--apply-constraints", "--exclusive-constraints")
    assert exclusive[1] == ""
    assert "exclusive constraints" in exclusive[2]


def test_cat_as_json(contrib: Printed, folder: Path) -> None:
    (shape,) = json.loads(contrib("cat", "demo", "--format", "json")[1])
    assert shape["name"] == "demo"
    assert shape["header"]["Maintainers"] == ["Ann Example (@ann)"]
    assert shape["entries"][2]["Constraints"] == ["windowsservercore-ltsc2025"]


def test_library_from_the_environment(
    contrib: Printed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASHBREW_LIBRARY", str(folder))
    monkeypatch.chdir(folder.parent.parent)
    assert contrib("list", "busybox")[1] == "busybox:latest\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cat"], "nothing is named"),
        (["cat", "demmo"], "did you mean demo?"),
        (["cat", "demo:9"], "there is no tag '9' in demo"),
        (["cat", "./nothing"], "no such library file"),
        (["cat", "https://example.org/demo"], "is a URL"),
        (["list", "--all", "--library", "nowhere"], "nowhere"),
        (["list", "demo", "--arch", "arm64"], "arm64"),
        (["check", "demo", "--rule", "latest-in-tg"], "did you mean latest-in-tag?"),
        (["check", "demo", "--diff"], "--fix"),
        (["check", "demo", "--against", "nowhere"], "--against takes"),
        (["check", "demo", "--upstream", "nowhere"], "no such directory"),
        (["diff", "demo", "library"], "no folder"),
    ],
)
def test_bad_usage(arguments: list[str], message: str, contrib: Printed, folder: Path) -> None:
    if arguments[:2] == ["diff", "demo"]:
        shutil.copy(folder / "demo", folder.parent / "demo")
    code, out, err = contrib(*arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_a_refused_file_is_told_with_line_and_mend(contrib: Printed, folder: Path) -> None:
    data = (folder / "demo").read_bytes().replace(b"1.2, latest", b"1.2 latest")
    (folder / "demo").write_bytes(data)
    code, out, err = contrib("list", "demo")
    assert (code, out) == (2, "")
    assert f"{Path('library', 'demo')}:6: a comma is missing between the tags" in err
    code, out, _ = contrib("cat", "demo", "--format", "json")
    assert code == 2
    assert json.loads(out)["error"]["line"] == 6


def test_bytes_that_are_no_utf8_pass_through(contrib: Printed, folder: Path) -> None:
    (folder / "demo").write_bytes(
        (folder / "demo").read_bytes().replace(b"Directory: win", b"Directory: w\xefn")
    )
    assert "Directory: w\udcefn\n" in contrib("cat", "demo")[1]


def test_a_file_that_is_far_too_large_is_not_read(contrib: Printed, folder: Path) -> None:
    with (folder / "demo").open("wb") as stream:
        stream.truncate(100_000_000)
    for command in (["cat", "demo"], ["check", "demo"], ["diff", "library/demo", "library/debian"]):
        code, _, err = contrib(*command)
        assert code == 2
        assert "100000000" in err or "larger" in err


# -- from ------------------------------------------------------------------------------------------


def test_from(contrib: Printed, folder: Path, image: Image) -> None:
    code, out, _ = contrib("from", "demo", "--upstream", str(image.top))
    assert code == 0
    assert out == (
        "demo:1.2.3: debian:trixie\ndemo:1.2: debian:trixie\ndemo:latest: debian:trixie\n"
        "demo:1.2.3-slim: scratch debian:trixie-slim busybox:latest\n"
        "demo:slim: scratch debian:trixie-slim busybox:latest\n"
        "demo:1.2.3-windowsservercore-ltsc2025: mcr.microsoft.com/windows/servercore:ltsc2025\n"
    )
    named = f"https://github.com/example/demo.git={image.top}"
    shape = json.loads(contrib("from", "demo:slim", "--uniq", "--upstream", named, "--format", "json")[1])
    assert shape == [{"tag": "demo:1.2.3-slim", "from": ["scratch", "debian:trixie-slim", "busybox:latest"]}]


def test_from_without_the_repository_or_the_file(contrib: Printed, folder: Path, image: Image) -> None:
    code, _, err = contrib("from", "demo")
    assert code == 2
    assert "is not at hand" in err
    (folder / "demo").write_bytes((folder / "demo").read_bytes().replace(b"1.2/slim", b"1.2/slin"))
    code, _, err = contrib("from", "demo", "--upstream", str(image.top))
    assert code == 2
    assert "there is no 1.2/slin/Dockerfile" in err


# -- check -----------------------------------------------------------------------------------------


def found(out: str) -> list[tuple[str, str, int]]:
    return [(f["rule"], f["severity"], f["line"]) for f in json.loads(out)["findings"]]


def test_check_with_the_repository(contrib: Printed, folder: Path, image: Image) -> None:
    code, out, _ = contrib("check", "demo", "--upstream", str(image.top), "--format", "json")
    # the slim image's base is not there for what nobody asks: all is well but that 1.2 has changed since
    assert found(out) == [("wrong-gitcommit", "note", 4), ("sharedtags-missing-windows", "note", 13)]
    assert code == 0
    shape = json.loads(out)
    assert shape["not_checked"]["rules"].keys() == {"previous", "network"}
    assert shape["summary"] == {"error": 0, "warning": 0, "note": 2}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Directory: 1.2/slim", "Directory: 1.2/slin", [("directory-missing", "error", 11)]),
        ("Directory: 1.2\n", "Directory: 1.2\nFile: Dockerfil\n", [("file-missing", "error", 9)]),
        ("{commit}", "f" * 40, [("wrong-gitcommit", "error", 4)]),
        ("refs/heads/main", "refs/heads/Main", [("gitfetch-wrong", "error", 3)]),
        ("{commit}", "{side}", [("gitfetch-wrong", "error", 3)]),
        (
            "Tags: 1.2.3, 1.2",
            "Tags: 1.2.5, 1.2",
            [("version-mismatch", "error", 6), ("version-skew-siblings", "warning", 10)],
        ),
        ("amd64, s390x", "amd64, riscv64", [("from-unsupported-arch", "error", 7)]),
        ("Constraints: windowsservercore-ltsc2025\n", "", [("constraint-missing", "error", 13)]),
        (
            "Directory: 1.2\n",
            "Directory: 1.2\nConstraints: nanoserver-ltsc2025\n",
            [("constraint-extra", "error", 9)],
        ),
        ("GitFetch: refs/heads/main\n", "", [("gitfetch-missing", "error", 3)]),
    ],
)
def test_mistakes_that_the_repository_shows(
    old: str, new: str, expected: list[tuple[str, str, int]], contrib: Printed, folder: Path, image: Image
) -> None:
    text = DEMO.replace(old, new).format(commit=image.first, side=image.side)
    (folder / "demo").write_bytes(text.encode())
    code, out, _ = contrib("check", "demo", "--upstream", str(image.top), "--format", "json")
    assert [each for each in found(out) if each[1] != "note"] == expected
    assert code == 1


def test_gitfetch_is_offered(contrib: Printed, folder: Path, image: Image) -> None:
    (folder / "demo").write_bytes(DEMO.format(commit=image.side).encode())
    _, out, _ = contrib("check", "demo", "--upstream", str(image.top), "--format", "json")
    assert "refs/tags/v1.2.3-side does" in json.loads(out)["findings"][0]["message"]


def test_version_not_bumped(contrib: Printed, folder: Path, image: Image) -> None:
    before = folder.parent / "before"
    before.write_bytes((folder / "demo").read_bytes())
    (folder / "demo").write_bytes(DEMO.format(commit=image.second).encode())
    arguments = ["--upstream", str(image.top), "--against", str(before), "--format", "json"]
    _, out, _ = contrib("check", "demo", *arguments)
    assert ("version-not-bumped", "error", 6) in found(out)
    assert "version-mismatch" not in {rule for rule, _, _ in found(out)}


def test_against_a_commit(contrib: Printed, folder: Path) -> None:
    git(folder.parent, "init", "-q", "-b", "main")
    git(folder.parent, "add", "library")
    git(folder.parent, "commit", "-q", "-m", "before")
    (folder / "demo").write_bytes((folder / "demo").read_bytes().replace(b"1.2, latest", b"1.2"))
    for spec in (f"{folder.parent}@main:library/demo", f"{folder.parent}@HEAD:library", str(folder / "demo")):
        code, out, _ = contrib("check", "demo", "--against", spec, "--format", "json")
        dropped = [each for each in found(out) if each[0] == "alias-dropped"]
        assert dropped == ([] if spec == str(folder / "demo") else [("alias-dropped", "warning", 6)])
        assert code == 0
    assert (
        contrib("check", "demo", "--against", f"{folder.parent}@HEAD:library", "--fail-on", "warning")[0] == 1
    )


def test_what_was_there_before_is_a_note(contrib: Printed, folder: Path) -> None:
    data = (folder / "demo").read_bytes().replace(b"Tags: 1.2.3, 1.2, latest", b"Tags: 1.2.3, 1.3, latest")
    (folder / "demo").write_bytes(data)
    assert ("version-skew-in-entry", "warning", 6) in found(contrib("check", "demo", "--format", "json")[1])
    before = folder.parent / "before"
    before.write_bytes(data.replace(b"# ", b""))
    out = contrib("check", "demo", "--against", str(before), "--format", "json")[1]
    assert ("version-skew-in-entry", "note", 6) in found(out)


def test_fix(contrib: Printed, folder: Path) -> None:
    good = (folder / "demo").read_bytes()
    bad = good.replace(b"1.2, latest", b"1.2 latest,").replace(b"Directory: win\n", b"Directory:win \n")
    bad = bad.replace(b"Constraints: windowsservercore-ltsc2025\n", b"")
    (folder / "demo").write_bytes(bad)
    code, out, err = contrib("check", "demo", "--fix", "--diff")
    assert (code, (folder / "demo").read_bytes()) == (0, bad)
    assert "-Tags: 1.2.3, 1.2 latest,\n+Tags: 1.2.3, 1.2, latest\n" in out
    code, out, err = contrib("check", "demo", "--fix")
    assert code == 0
    assert "tag-missing-comma" in err
    mended = (folder / "demo").read_bytes()
    assert mended.replace(b"Directory: win\nConstraints: windowsservercore-ltsc2025\n", b"Constraints: windowsservercore-ltsc2025\nDirectory: win\n") == good  # fmt: skip
    assert contrib("check", "demo", "--fix")[0] == 0
    assert (folder / "demo").read_bytes() == mended


def test_formats(contrib: Printed, folder: Path, tmp_path: Path) -> None:
    (folder / "demo").write_bytes((folder / "demo").read_bytes().replace(b"latest", b"latest-x"))
    code, out, _ = contrib("check", "demo", "--no-color")
    assert code == 1
    assert "error  latest-in-tag" in out
    assert "not checked:" in out
    assert "| " in contrib("check", "demo", "--format", "markdown")[1]
    code, _, _ = contrib("check", "demo", "--format", "sarif", "-o", str(tmp_path / "out.sarif"))
    log = json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))
    results = log["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == {"latest-in-tag", "sharedtags-missing-windows"}
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("library/demo")
    assert contrib("check", "demo", "--fail-on", "never")[0] == 0
    assert contrib("check", "demo", "--rule", "crlf")[0] == 0


def test_check_all_of_the_corpus(contrib: Printed, corpus: Path) -> None:
    code, out, _ = contrib("check", "--all", "--library", str(corpus / "library"), "--format", "json")
    hits: dict[tuple[str, str], set[str]] = {}
    for finding in json.loads(out)["findings"]:
        hits.setdefault((finding["rule"], finding["severity"]), set()).add(Path(finding["file"]).name)
    counted = {rule: len(files) for (rule, severity), files in hits.items() if severity == "warning"}
    assert counted == {
        "arch-suite-mismatch": 2,
        "bare-variant-not-highest": 1,
        "latest-not-highest": 1,
        "stable-alias-on-prerelease": 1,
        "variant-default-differs": 1,
        "version-skew-in-entry": 2,
        "version-skew-siblings": 1,
    }
    assert code == 0  # not an error among the files that are published


def test_not_utf8_and_nul_are_findings_of_a_check_that_ends(contrib: Printed, folder: Path) -> None:
    data = (folder / "demo").read_bytes()
    (folder / "demo").write_bytes(data.replace(b"Directory: win", b"Directory: w\0n"))
    code, out, _ = contrib("check", "demo", "--format", "json")
    assert code == 1
    assert ("control-character", "error", 13) in found(out)
    (folder / "demo").write_bytes(os.urandom(4096))
    assert contrib("check", "demo")[0] == 1


# -- diff ------------------------------------------------------------------------------------------


def test_diff(contrib: Printed, folder: Path, image: Image) -> None:
    new = folder.parent / "new"
    new.write_bytes(DEMO.format(commit=image.second).encode())
    code, out, _ = contrib("diff", "library/demo", "new")
    assert code == 0
    assert out.startswith("library/new: header changed; 6 tags on other commits\n  header\n      GitCommit: ")
    assert "### `library/new`" in contrib("diff", "library/demo", "new", "--format", "markdown")[1]
    shape = json.loads(contrib("diff", "library/demo", "new", "--format", "json")[1])
    assert shape["tags"]["moved"][0]["to"] == [image.second]
    code, out, err = contrib("diff", "new", "new")
    assert (code, out) == (0, "")
    assert "no difference" in err
    assert json.loads(contrib("diff", "new", "new", "--format", "json")[1])["changed"] == []


def test_diff_of_folders(contrib: Printed, folder: Path) -> None:
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    (other / "busybox").unlink()
    (other / "demo").write_bytes((other / "demo").read_bytes().replace(b", latest", b""))
    code, out, _ = contrib("diff", "library", "other")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("library/")] == [
        "library/busybox: 1 entry removed; 1 tag gone",
        "library/demo: 1 entry changed; 1 tag gone",
    ]
    assert len(json.loads(contrib("diff", "library", "other", "--format", "json")[1])) == 2


def test_what_needs_a_look_is_asked(contrib: Printed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    from contrib.cli.common import Terminal

    assert contrib("check", "demo", "--fix", "--ask")[0] == 2
    assert contrib("check", "demo", "--ask")[0] == 2
    good = (folder / "demo").read_bytes()
    (folder / "demo").write_bytes(
        good.replace(b"1.2, latest", b"1.2.3-x, 1.3 latest").replace(b", slim", b", latest-slim")
    )
    answers = {"write slim?": False, "write 1.2?": True}
    asked: list[str] = []

    def answer(question: str, **_: object) -> bool:
        asked.append(question)
        return answers.get(question, False)

    monkeypatch.setattr(Terminal, "interactive", True)
    monkeypatch.setattr(click, "confirm", answer)
    code, _, err = contrib("check", "demo", "--fix", "--ask")
    assert set(asked) >= set(answers)
    assert len(asked) == len(set(asked))
    assert "-Tags: 1.2.3, 1.2.3-x, 1.3, latest\n+Tags: 1.2.3, 1.2.3-x, 1.2, latest\n" in err
    wanted = good.replace(b"1.2, latest", b"1.2.3-x, 1.2, latest").replace(b", slim", b", latest-slim")
    assert (folder / "demo").read_bytes() == wanted
    assert code == 1
