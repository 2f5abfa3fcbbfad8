"""``contrib diff`` from the outside: which files, which twin, exit codes, formats, bad input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.cli.main import run
from tests.site import site

FIXTURES = Path(__file__).parents[1] / "report" / "fixtures"
GIT = [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "core.autocrlf=false",
]
NANO = (
    "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
    'SHELL ["cmd", "/S", "/C"]\n'
    'USER ContainerAdministrator\nRUN setx /M PATH "C:\\kiwi;%PATH%"\nUSER ContainerUser\n'
    "ENV KIWI_VERSION=4.2.1\n"
    "COPY --from=kiwi:4.2.1-windowsservercore-ltsc2022 C:\\\\kiwi C:\\\\kiwi\n"
    "RUN kiwi-server --version && kiwi-cli --version\n"
    "VOLUME C:\\\\data\nWORKDIR C:\\\\data\nEXPOSE 4242\n"
    'CMD ["kiwi-server", "C:\\\\kiwi\\\\kiwi.docker.conf"]\n'
)


def git(where: Path, *arguments: str) -> None:
    subprocess.run(["git", *GIT, *arguments], cwd=where, check=True, capture_output=True)


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a series: alpine, servercore, nanoserver; one that was retired in the last commit."""
    root = tmp_path / "up"
    for series in ("4.2", "4.1"):
        alpine = root / series / "alpine"
        alpine.mkdir(parents=True)
        text = (FIXTURES / "alpine.Dockerfile").read_text(encoding="utf-8")
        (alpine / "Dockerfile").write_bytes(text.replace("4.2.1", f"{series}.1").encode())
        (alpine / "docker-entrypoint.sh").write_bytes((FIXTURES / "docker-entrypoint.sh").read_bytes())
    windows = root / "4.2" / "windows"
    for name, data in (
        ("windowsservercore-ltsc2022", (FIXTURES / "good.Dockerfile").read_bytes()),
        ("nanoserver-ltsc2022", NANO.encode()),
    ):
        (windows / name).mkdir(parents=True)
        (windows / name / "Dockerfile").write_bytes(data)
    git(tmp_path, "init", "-q", "-b", "main", "up")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "one")
    git(root, "rm", "-q", "-r", "4.1")
    git(root, "commit", "-q", "-m", "retire 4.1")
    monkeypatch.chdir(tmp_path)
    return root


GOOD = "up/4.2/windows/windowsservercore-ltsc2022/Dockerfile"


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["diff", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_twin_beside_it(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = output(capsys, GOOD)
    assert code == 0
    assert "different default-survives-arguments" in out
    assert "nothing is missing: 1 fact different" in out
    assert str(Path("4.2/alpine/Dockerfile")) in err
    quiet = output(capsys, GOOD, "-q")
    assert quiet[1] == out and quiet[2] == ""


def test_the_twin_beside_it_without_git(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path, name in (("4.2/alpine3.20", "alpine"), ("4.2/windows/windowsservercore-ltsc2022", "good")):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "Dockerfile").write_bytes((FIXTURES / f"{name}.Dockerfile").read_bytes())
    (tmp_path / "4.2/alpine3.20/docker-entrypoint.sh").write_bytes(
        (FIXTURES / "docker-entrypoint.sh").read_bytes()
    )
    code, out, err = output(capsys, "4.2/windows/windowsservercore-ltsc2022/Dockerfile")
    assert code == 0 and "1 different" in out
    assert "alpine3.20" in err


def test_two_files_by_name_and_at_a_commit(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output(
        capsys, str(FIXTURES / "first.Dockerfile"), "up@HEAD~1:4.1/alpine/Dockerfile", "--format", "json"
    )
    shape = json.loads(out)
    assert code == 1
    assert shape["linux"] == {
        "source": "up@HEAD~1:4.1/alpine/Dockerfile",
        "base": "alpine:3.20",
        "version": "4.1.1",
    }
    verdicts = {row["fact"]: row["verdict"] for row in shape["parity"]}
    assert verdicts["download-verified"] == "different"
    assert verdicts["volumes"] == "missing"
    assert verdicts["configuration:local-only"] == "same"
    # the entrypoint script beside the Linux file was read at that commit too
    assert verdicts["arguments-as-program"] == "justified"


def test_upstream_and_ref(upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "Dockerfile").write_bytes((FIXTURES / "good.Dockerfile").read_bytes())
    _, _, err = output(capsys, "mine/Dockerfile", "--upstream", "up")
    assert "4.2" in err and "alpine" in err
    _, _, err = output(capsys, "mine/Dockerfile", "--upstream", "up", "--ref", "HEAD~1")
    assert "up@HEAD~1:4.2/alpine/Dockerfile" in err
    code, _, err = output(capsys, "mine/Dockerfile", "--upstream", "up@main", "--ref", "HEAD~1")
    assert code == 2 and "two commits" in err


def test_a_series_that_upstream_has_retired(
    upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_bytes((FIXTURES / "first.Dockerfile").read_bytes())
    code, _, err = output(capsys, "Dockerfile", "--upstream", "up")
    assert code == 1
    assert ":4.1/alpine/Dockerfile" in err


def test_no_twin_to_be_found(upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(
        (FIXTURES / "good.Dockerfile").read_bytes().replace(b"4.2.1", b"9.9.9")
    )
    code, _, err = output(capsys, "Dockerfile", "--upstream", "up")
    assert code == 2 and "no Linux Alpine Dockerfile of series 9.9 in up" in err
    assert "hint: name it: contrib diff " in err
    code, _, err = output(capsys, "Dockerfile")
    assert code == 2 and "which Linux Dockerfile is its twin?" in err


def test_nanoserver_takes_the_settings_of_what_it_copies(
    upstream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = output(capsys, "up/4.2/windows/nanoserver-ltsc2022/Dockerfile", "--format", "json")
    rows = {row["fact"]: row for row in json.loads(out)["parity"]}
    assert rows["configuration:local-only"]["verdict"] == "same"
    assert rows["configuration:local-only"]["windows"] == {"value": "no", "line": 7}
    assert rows["default-survives-arguments"]["verdict"] == "different"
    assert rows["download-verified"]["verdict"] == "justified"
    assert rows["command"]["verdict"] == "justified"


@pytest.mark.parametrize(
    "arguments", [["up"], ["--all", "up"], ["up", "--ref", "HEAD"], ["--all", "--upstream", "up@HEAD"]]
)
def test_all_variants(arguments: list[str], upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = output(capsys, *arguments)
    assert code == 0
    assert "2 Windows Dockerfiles: 0 errors" in out
    code, out, _ = output(capsys, *arguments, "--format", "json")
    assert [c["windows"]["version"] for c in json.loads(out)["comparisons"]] == ["4.2.1", "4.2.1"]


def test_all_below_a_directory(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = output(capsys, "up/4.2/windows/nanoserver-ltsc2022", "--format", "json")
    shape = json.loads(out)
    assert len(shape["comparisons"]) == 1
    assert "nanoserver" in shape["comparisons"][0]["windows"]["source"]


def test_a_variant_without_twin_is_left_out_and_said(
    upstream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lonely = upstream / "5" / "windowsservercore-ltsc2022"
    lonely.mkdir(parents=True)
    (lonely / "Dockerfile").write_bytes((FIXTURES / "good.Dockerfile").read_bytes())
    _, out, err = output(capsys, "up")
    assert "2 Windows Dockerfiles" in out
    assert "5/windowsservercore-ltsc2022/Dockerfile has no Linux twin" in err


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "json", "sarif"])
def test_formats_and_output(
    format_: str, upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = output(capsys, GOOD, "--format", format_)
    assert code == 0
    assert out.endswith("\n") and not out.endswith("\n\n")
    _, nothing, _ = output(capsys, GOOD, "--format", format_, "-o", "report")
    assert nothing == ""
    assert (tmp_path / "report").read_bytes() == out.encode()
    if format_ == "json":
        assert json.loads(out)["findings"] == []
    if format_ == "sarif":
        assert json.loads(out)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    "arguments", [["--all", "--upstream", "up@HEAD"], ["--all", "up@HEAD"], [GOOD, "--upstream", "up@HEAD"]]
)
def test_two_commits_are_refused(
    arguments: list[str], upstream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = output(capsys, *arguments, "--ref", "HEAD~1")
    assert code == 2 and out == "" and "--ref HEAD~1 and …@HEAD name two commits" in err


def test_sarif_names_the_path_in_the_repository(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (upstream.parent / GOOD).write_bytes((FIXTURES / "first.Dockerfile").read_bytes())
    _, out, _ = output(capsys, GOOD, "--format", "sarif")
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(out)["runs"][0]["results"]
    ]
    assert len(places) > 5 and set(places) == {GOOD.removeprefix("up/")}


def test_fail_on(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = str(FIXTURES / "first.Dockerfile")
    twin = "up/4.2/alpine/Dockerfile"
    assert output(capsys, first, twin)[0] == 1
    assert output(capsys, first, twin, "--fail-on", "never")[0] == 0
    assert output(capsys, GOOD, "--fail-on", "note")[0] == 0


def test_verbose_gives_everything(upstream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, brief, _ = output(capsys, GOOD)
    _, full, _ = output(capsys, GOOD, "-v")
    assert len(brief.splitlines()) <= 25 < len(full.splitlines())
    assert "hint: docker run IMAGE kiwi-server C:\\kiwi\\kiwi.docker.conf --flag" in full


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["up/4.2/alpine/Dockerfile"],
            "builds a Linux image (FROM alpine:3.20); the Windows Dockerfile comes first",
        ),
        ([GOOD, GOOD], "builds a Windows image"),
        (["none"], "there is no such file"),
        (["up@nope:x"], "there is no commit 'nope'"),
        (["up@HEAD:4.2/Alpine/Dockerfile"], "there is no 4.2/Alpine/Dockerfile at HEAD"),
        (["empty"], "is empty"),
        (["text"], "has no FROM"),
        (["binary"], "NUL"),
        (["large"], "larger than"),
        (["up", "up/4.2/alpine/Dockerfile"], "name no LINUX"),
        (["--all"], "which repository?"),
        (["--all", GOOD], "this is a file"),
        ([], "which Windows Dockerfile?"),
        (["-", "-"], "only one of the two"),
        (["none/windows"], "there is no such file"),
        ([GOOD, "--image", "nope"], "no image 'nope'"),
    ],
)
def test_bad_input(
    arguments: list[str], words: str, upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_bytes(b"hello\n")
    (tmp_path / "binary").write_bytes(b"\x7fELF\x00\x00")
    (tmp_path / "large").write_bytes(b"#" * (5 * 1024 * 1024))
    code, out, err = output(capsys, *arguments)
    assert code == 2
    assert words in err
    assert out == ""
    code, out, _ = output(capsys, *arguments, "--format", "json")
    assert code == 2
    assert words in json.loads(out)["error"]["message"]


def test_stdin_as_windows(
    upstream: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (FIXTURES / "good.Dockerfile").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, out, _ = output(capsys, "-", "up/4.2/alpine/Dockerfile")
    assert code == 0 and "1 different" in out


def test_pages_of_files_and_the_twin_at_the_same_commit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "/o/n/raw/abc/4.2/windows/windowsservercore-ltsc2022/Dockerfile": "good.Dockerfile",
        "/o/n/raw/abc/4.2/alpine/Dockerfile": "alpine.Dockerfile",
        "/o/n/raw/abc/4.2/alpine/docker-entrypoint.sh": "docker-entrypoint.sh",
    }

    with site({path: (FIXTURES / name).read_bytes() for path, name in files.items()}) as address:
        page = f"{address}/o/n/blob/abc/4.2/windows/windowsservercore-ltsc2022/Dockerfile"
        code, out, err = output(capsys, page, "--format", "json")
    assert code == 0
    assert "compared with 4.2/alpine/Dockerfile" in err
    rows = {row["fact"]: row["verdict"] for row in json.loads(out)["parity"]}
    assert rows["arguments-as-program"] == "justified"
    assert rows["download-verified"] == "same"


def test_the_image_is_recognised_by_its_facts(
    upstream: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (FIXTURES / "good.Dockerfile").read_text(encoding="utf-8").replace("KIWI_VERSION", "REDIS_VERSION")
    (tmp_path / "Dockerfile").write_bytes(text.encode())
    _, out, _ = output(capsys, "Dockerfile", "up/4.2/alpine/Dockerfile", "--format", "json")
    assert json.loads(out)["image"] == "redis"
    _, out, _ = output(capsys, GOOD, "--format", "json")
    assert json.loads(out)["image"] is None


def test_nothing_that_is_not_needed_is_imported() -> None:
    code = (
        "import sys; from contrib.cli.main import run; run(['diff', '--help']); "
        "slow = [m for m in ('git', 'github', 'rich', 'jinja2', 'tree_sitter') if m in sys.modules]; sys.exit(len(slow))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr.decode()
