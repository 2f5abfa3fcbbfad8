"""`contrib bump` against catalogues, lists and servers that are wrong: what it must say, and that nothing is damaged."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.images import load
from contrib.sandbox import upstreams
from tests.cli.test_generate import Done, git
from tests.web import Web, web

PORT = load("redis").port
A, B = "a" * 64, "b" * 64


def archive(version: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(zipfile.ZipInfo(f"Redis-{version}-Windows-x64-msys2/redis-server.exe"), version)
    return content.getvalue()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def release(version: str, **more: Any) -> dict[str, Any]:
    asset: dict[str, Any] = {
        "name": PORT.asset_name(version),
        "state": "uploaded",
        "size": len(archive(version)),
        "digest": f"sha256:{sha(archive(version))}",
        "browser_download_url": PORT.url(version),
    }
    asset.update(more.pop("asset", {}))
    for key in [key for key, value in asset.items() if value is None]:
        del asset[key]
    item = {"tag_name": version, "name": version, "draft": False, "prerelease": "-" in version,
            "published_at": "2024-05-20T00:00:00Z", "body": "", "assets": [asset]}  # fmt: skip
    return item | more


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Upstream with Windows variants for 7.2 (7.2.3) and 7.0 (7.0.14), committed."""
    root = tmp_path_factory.mktemp("prepared")
    upstreams.build(upstreams.templated(), root / "upstream.git")
    git(root, "clone", "--quiet", "--config", "core.autocrlf=false", str(root / "upstream.git"), "clone")
    port = root / "port.json"
    port.write_text(json.dumps([release("7.2.3"), release("7.0.14")]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTRIB_TODAY", "2024-06-05")
        words = ["generate", "redis", "--upstream", str(root / "clone"), "--source", f"port={port}"]
        for kind in ("windowsservercore", "nanoserver"):
            words += ["--variant", f"{kind}-ltsc2022"]
        assert run([*words, "--no-download", "--series", "all", "-q"]) == 0
    git(root / "clone", "add", "--all")
    git(root / "clone", "commit", "--quiet", "--message", "windows")
    return root / "clone"


class Place:
    def __init__(self, root: Path, prepared: Path, capsys: pytest.CaptureFixture[str], there: Web) -> None:
        self.root = root
        self.clone = root / "clone"
        shutil.copytree(prepared, self.clone)
        self.port = root / "port.json"
        self.capsys = capsys
        self.web = there

    def bump(self, *words: str, port: Any = None, download: bool = False) -> Done:
        if port is not None:
            data = port if isinstance(port, bytes) else json.dumps(port).encode()
            self.port.write_bytes(data)
        self.capsys.readouterr()
        more = [] if download else ["--no-download"]
        given = ["--source", f"port={self.port}"] if self.port.exists() else []
        code = run(["bump", "redis", "--upstream", str(self.clone), *given, *more, *words])
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def status(self) -> list[str]:
        return git(self.clone, "status", "--porcelain", "--untracked-files=all").splitlines()


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One web for all tests here: its hosts and its authority stay the same."""
    with (
        pytest.MonkeyPatch.context() as patch,
        web(tmp_path_factory.mktemp("web"), patch) as there,
    ):
        yield there


@pytest.fixture
def place(
    tmp_path: Path,
    prepared: Path,
    internet: Web,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    monkeypatch.setenv("CONTRIB_TODAY", "2024-06-05")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    internet.pages.clear()
    internet.asked.clear()
    return Place(tmp_path, prepared, capsys, internet)


GOOD = release("7.0.15")
#: catalogue for 7.2, what the line of 7.2 says, exit code of --check
CATALOGUES: dict[str, tuple[list[Any], str, int]] = {
    "newer": ([release("7.2.4")], "7.2 windows: 7.2.3 -> 7.2.4", 1),
    "pre-release": ([release("7.2.9", prerelease=True), release("7.2.4")], "7.2 windows: 7.2.3 -> 7.2.4", 1),
    "only a pre-release": ([release("7.2.9-rc1"), release("7.2.3")], "(pre-release-only: 7.2.9-rc1 is out", 1),
    "withdrawn": ([release("7.2.9", name="7.2.9 (WITHDRAWN: do not use)"), release("7.2.4")], "7.2.3 -> 7.2.4", 1),
    "only a withdrawn one": ([release("7.2.9", name="7.2.9 (WITHDRAWN)"), release("7.2.3")], "(withdrawn: 7.2.9", 1),
    "rebuild": ([release("7.2.4.1"), release("7.2.3")], "(rebuild-only: 7.2.4.1 is a rebuild of 7.2.4", 1),
    "numbers": ([release("7.2.9"), release("7.2.10")], "7.2.3 -> 7.2.10", 1),
    "another asset": ([release("7.2.9", asset={"name": "Redis-7.2.9-x86_64.zip"}), release("7.2.3")],
                      "(no-archive: 7.2.9 cannot be used: its release has no archive", 3),
    "no assets, long ago": ([release("7.2.9", assets=[]), release("7.2.3")], "(no-archive: 7.2.9", 3),
    "no assets, today": ([release("7.2.9", assets=[], published_at="2024-06-05T08:00:00Z"), release("7.2.3")],
                         "(upload-unfinished: 7.2.9 is not uploaded yet", 1),
    "sha1 alone": ([release("7.2.4", asset={"digest": "sha1:" + "a" * 40})], "(no-digest: 7.2.4", 3),
    "assets null": ([release("6.9.1", assets=None), release("7.2.4")], "7.2.3 -> 7.2.4", 1),
    "twice with two digests": ([release("7.2.4"), release("7.2.4", asset={"digest": f"sha256:{B}"}), release("7.2.3")],
                               "(contradiction: 7.2.4 cannot be used: the source gives two sha256 digests", 3),
    "in the future": ([release("7.2.4", published_at="2999-01-01T00:00:00Z"), release("7.2.3")],
                      "(too-young: 7.2.4 says that it was published on 2999-01-01", 1),
    "another project": ([release("7.2.4", asset={"browser_download_url": "https://github.com/o/p/releases/download/7.2.4/x.zip"}), release("7.2.3")],
                        "(bad-address: 7.2.4", 2),
    "old address": ([release("7.2.4", asset={"browser_download_url": PORT.url("7.2.3")}), release("7.2.3")],
                    "(bad-address: 7.2.4", 2),
    "renamed tags": ([{**release("7.2.4"), "tag_name": "v7.2.4"}], "(not-understood: the source 'port' has no release of 7.2", 3),
    "another form of name": ([{**release("7.2.4"), "tag_name": "v7.2.4"}, release("7.2.3")],
                             "(not-understood: the source 'port' has 'v7.2.4', which is not understood, and 7.2.3 may", 3),
    "a number more, and letters": ([{**release("7.2.4"), "tag_name": "7.2.4.post1"}, release("7.2.3")], "(not-understood: ", 3),
    "a nightly": ([{**release("7.2.4"), "tag_name": "7.2.4-nightly.5"}, release("7.2.3")], "(pre-release-only: ", 1),
    "an old name": ([{**release("7.2.1"), "tag_name": "v7.2.1"}, release("7.2.3")], "7.2 windows: 7.2.3 (newest)", 1),
    "of an empty file": ([release("7.2.4", asset={"digest": f"sha256:{sha(b'')}"}), release("7.2.3")], "(archive: ", 3),
    "no bytes": ([release("7.2.4", asset={"size": 0}), release("7.2.3")], "(archive: 7.2.4 cannot be used: ", 3),
    "broken": ([release("7.2.9", name="7.2.9 - BROKEN, see #1"), release("7.2.4")], "7.2.3 -> 7.2.4", 1),
    "gone": ([release("7.2.1")], "(gone: the source 'port' no longer has 7.2.3", 3),
    "replaced": ([release("7.2.3", asset={"digest": f"sha256:{B}"})], "(replaced: the archive of 7.2.3 was replaced since 2024-05-20", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CATALOGUES)
def test_catalogues(place: Place, case: str) -> None:
    items, says, code = CATALOGUES[case]
    done = place.bump("--check", port=[*items, GOOD])
    assert says in done.out, done.out + done.err
    assert done.code == code and "7.0 windows: 7.0.14 -> 7.0.15" in done.lines and place.status() == []
    if case not in ("another asset", "twice with two digests", "another project", "gone", "replaced"):
        return
    # The other series moves, whatever is wrong with this one.
    done = place.bump(port=[*items, GOOD])
    assert "7.0.15" in json.loads((place.clone / "versions.json").read_text())["7.0"]["windows"]["version"]


@pytest.mark.parametrize(
    ("catalogue", "code", "says"),
    [
        ([], 3, "source-empty"),
        (
            [{"tag_name": "nightly", "assets": []}],
            3,
            "none of the 1 names in the source 'port' is understood",
        ),
        ([{"tag_name": 7}], 2, "expected a list of releases"),
        (b"<html>", 2, "is not JSON"),
    ],
)
def test_a_dead_watch(place: Place, catalogue: Any, code: int, says: str) -> None:
    done = place.bump("--check", port=catalogue)
    assert done.code == code and says in done.out + done.err


def test_a_port_without_a_release_for_a_year(place: Place) -> None:
    old = [release(v, published_at="2020-01-02T00:00:00Z") for v in ("7.2.4", "7.0.14")]
    stopped = place.bump(port=old)
    assert (
        stopped.code == 2
        and "2020-01-02" in stopped.err
        and "stale-port" in stopped.err
        and place.status() == []
    )
    done = place.bump("--allow", "stale-port")
    assert done.code == 0 and "7.2 windows: 7.2.3 -> 7.2.4" in done.lines
    refused = place.bump("--allow", "stale-port", port=[release("7.2.4"), release("7.0.14")])
    assert refused.code == 2 and "does not apply" in refused.err


def test_a_replaced_archive_is_written_only_when_asked_for(place: Place) -> None:
    catalogue = [release("7.2.3", asset={"digest": f"sha256:{B}"}), release("7.0.14")]
    done = place.bump(port=catalogue)
    assert done.code == 0 and B in done.out and sha(archive("7.2.3")) in done.out and place.status() == []
    assert place.bump("--to", "7.2.3").code == 2 and place.status() == []
    done = place.bump("--to", "7.2.3", "--allow", "digest-changed")
    assert (
        done.code == 0
        and B in (place.clone / "7.2/windows/windowsservercore-ltsc2022/Dockerfile").read_text()
    )
    shown = json.loads(
        place.bump("--check", "--format", "json", "--to", "7.2.3", "--allow", "digest-changed").out
    )
    assert shown["commits"][0]["title"] == "Update 7.2 to the replaced archive of 7.2.3"


def test_the_present_version_named(place: Place) -> None:
    done = place.bump("--to", "7.2.3", port=[release("7.2.4"), release("7.2.3"), GOOD])
    assert done.code == 0 and "7.2.3 is there already; 7.2.4 is out" in done.out and place.status() == []


def test_a_variant(place: Place) -> None:
    wrong = place.bump("--variant", "xx", port=[release("7.2.4"), GOOD])
    assert wrong.code == 2 and "nanoserver-ltsc2022" in wrong.err
    assert place.bump("--variant", "nanoserver-ltsc2022", "--check").code == 1


def test_a_dirty_tree_is_noticed_before_anything_is_downloaded(place: Place) -> None:
    (place.clone / "7.2/alpine/Dockerfile").write_text("FROM x\n")
    done = place.bump(port=[release("7.2.4"), GOOD], download=True)
    assert done.code == 2 and "changes of its own" in done.err and place.web.asked == []


# -- archives from a server ----------------------------------------------------------------------------------


def served(body: bytes, kind: str = "application/zip") -> Callable[[Any], tuple[int, dict[str, str], bytes]]:
    return lambda headers: (200, {"Content-Type": kind, "Content-Length": str(len(body))}, body)


@pytest.mark.parametrize(
    ("body", "asset", "says"),
    [
        (b"<!DOCTYPE html><html>log in</html>", {"digest": None, "size": None}, "it is a web page"),
        (b"", {"digest": None, "size": None}, "it is empty"),
        (b"MZ" + b"x" * 100, {"digest": None, "size": None}, "does not begin as that of a .zip"),
        (archive("7.2.4"), {"digest": None, "size": 1000}, "bytes came, and the source gives 1000"),
        (archive("7.2.4")[:60], {"digest": None, "size": None}, "it does not open"),
        (archive("7.9.9"), {"digest": None, "size": None}, "it has no directory Redis-7.2.4-Windows-x64-msys2"),
        (archive("7.2.4"), {"digest": f"sha256:{B}"}, "do not agree"),
    ],
)  # fmt: skip
def test_what_is_downloaded_is_looked_at(place: Place, body: bytes, asset: dict[str, Any], says: str) -> None:
    place.web.pages[PORT.url("7.2.4")] = served(body)
    place.web.pages[PORT.url("7.0.15")] = served(archive("7.0.15"))
    done = place.bump(port=[release("7.2.4", asset=asset), GOOD], download=True)
    assert done.code == 3 and says in done.out, done.out
    assert "7.0 windows: 7.0.14 -> 7.0.15" in done.lines
    assert json.loads((place.clone / "versions.json").read_text())["7.2"]["windows"]["version"] == "7.2.3"


def test_a_good_archive_is_downloaded_once(place: Place) -> None:
    for version in ("7.2.4", "7.0.15"):
        place.web.pages[PORT.url(version)] = served(archive(version))
    done = place.bump("--check", port=[release("7.2.4"), GOOD], download=True)
    assert done.code == 1 and "asset digest and own download agree" in done.err
    count = len(place.web.asked)
    assert count == 2
    assert place.bump("--check", download=True).code == 1 and len(place.web.asked) == count


def test_an_archive_that_is_not_there(place: Place) -> None:
    place.web.pages[PORT.url("7.0.15")] = served(archive("7.0.15"))
    done = place.bump(port=[release("7.2.4"), release("7.2.3"), GOOD], download=True)
    assert done.code == 3 and "no-archive" in done.out and "7.0 windows: 7.0.14 -> 7.0.15" in done.lines


# -- Linux -----------------------------------------------------------------------------------------------------

OLD = {"7.2.5": "5981179706f8391f03be91d951acafaeda91af7fac56beffb2701963103e423d",
       "7.0.15": "98066f5363504b26c34dd20fbcc3c957990d764cdf42576c836fc021073f4341"}  # fmt: skip


def line(version: str, digest: str = A, url: str | None = None, algorithm: str = "sha256") -> str:
    url = url or f"http://download.redis.io/releases/redis-{version}.tar.gz"
    return f"hash redis-{version}.tar.gz {algorithm} {digest} {url}"


LISTS: dict[str, tuple[list[str], str, int]] = {
    "newer": ([line("7.2.6")], "7.2 linux: 7.2.5 -> 7.2.6", 1),
    "carriage returns": ([line("7.2.6") + "\r"], "7.2 linux: 7.2.5 -> 7.2.6", 1),
    "numbers": ([line("7.2.6-rc1"), line("7.2.9"), line("7.2.10")], "7.2.5 -> 7.2.10", 1),
    "file": ([line("7.2.6", url="file:///etc/passwd")], "(bad-address: 7.2.6", 2),
    "shell": ([line("7.2.6", url="https://x/$(touch${IFS}p)/redis-7.2.6.tar.gz")], "(bad-address: 7.2.6", 2),
    "another version's address": ([line("7.2.6", url="http://download.redis.io/releases/redis-7.2.7.tar.gz")], "(unproved: ", 3),
    "another host": ([line("7.2.6", url="https://example.org/redis-7.2.6.tar.gz")], "(unproved: ", 3),
    "twice": ([line("7.2.6"), line("7.2.6", B)], "(contradiction: 7.2.6", 3),
    "sha1 too": ([line("7.2.6", "c" * 40, algorithm="sha1"), line("7.2.6")], "7.2.5 -> 7.2.6", 1),
    "sha1 alone": ([line("7.2.6", "c" * 40, algorithm="sha1")], "(no-digest: ", 3),
    "md5": (["hash redis-1.0.tar.gz md5 deadbeef http://x", line("7.2.6")], "7.2.5 -> 7.2.6", 1),
    "replaced": ([line("7.2.5", B)], "(replaced: the archive of 7.2.5 was replaced", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
def test_lists(place: Place, case: str) -> None:
    lines, says, code = LISTS[case]
    rest = [line(v, d) for v, d in OLD.items() if case != "replaced" or v != "7.2.5"]
    listed = place.root / "hashes"
    listed.write_text("\n".join([*rest, *lines]) + "\n", newline="")
    done = place.bump(
        "--linux", "--check", "--source", f"hashes={listed}", port=[release("7.2.3"), release("7.0.14")]
    )
    assert says in done.out, done.out
    assert done.code == code and place.status() == []


def test_linux_where_windows_has_nothing(place: Place) -> None:
    """Each platform stands on its own: the port's source is not even there."""
    listed = place.root / "hashes"
    listed.write_text("\n".join([line("7.2.6"), *(line(v, d) for v, d in OLD.items())]) + "\n")
    done = place.bump("--linux", "--offline", "--source", f"hashes={listed}")
    assert done.code == 0 and "7.2 linux: 7.2.5 -> 7.2.6" in done.lines
    assert (
        "A line" not in done.err
        and json.loads((place.clone / "versions.json").read_text())["7.2"]["sha256"] == A
    )


def test_components_are_due_too(place: Place) -> None:
    listed, alpine = place.root / "hashes", place.root / "alpine"
    listed.write_text("\n".join(line(v, d) for v, d in OLD.items()) + "\n")
    alpine.write_text("Maintainers: A (@a)\n\nTags: 20991231, edge\n\nTags: 3.99.1, 3.99, 3, latest\n")
    words = ["--linux", "--series", "7.2", "--source", f"hashes={listed}", "--source", f"alpine={alpine}"]
    done = place.bump(*words, "--check", "--offline", port=[release("7.2.3"), release("7.0.14")])
    assert done.code == 1 and "-> 3.99" in done.out
    shown = json.loads(place.bump(*words, "--check", "--offline", "--format", "json").out)
    assert shown["commits"][0]["title"] == "Update 7.2 to alpine 3.99"
    assert shown["moves"][0]["components"][0]["source"] == "alpine"


@pytest.mark.parametrize(
    ("pins", "says", "code"),
    [
        (("servercore:ltsc2016", "nanoserver:ltsc2022"), "servercore:ltsc2022 is a base that official-images no longer pins", 1),
        (("servercore:ltsc2022", "nanoserver:ltsc2022", "nanoserver:ltsc2025"), "nanoserver:ltsc2025 is a newer base", 1),
        (("servercore:ltsc2022", "nanoserver:ltsc2022"), "", 0),
    ],
)  # fmt: skip
def test_bases(place: Place, pins: tuple[str, ...], says: str, code: int) -> None:
    listed = place.root / "pins"
    listed.write_text("".join(f"mcr.microsoft.com/windows/{pin}\n" for pin in pins))
    done = place.bump("--check", "--source", f"pins={listed}", port=[release("7.2.3"), release("7.0.14")])
    assert done.code == code and says in done.out


def test_a_hold_is_carried_on_and_lifted_when_its_end_has_come(place: Place) -> None:
    comment = '\n#"nanoserver-ltsc2025", # it does not start (https://example.org/1; until 7.2.4)\n'
    script = place.clone / "versions.sh"
    with script.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(comment)
    git(place.clone, "commit", "--quiet", "--all", "--message", "hold")
    there = [release("7.2.3"), release("7.0.14")]
    done = place.bump("--check", port=there)
    assert (
        done.code == 0
        and "nanoserver-ltsc2025: held back (it does not start): until 7.2.4 is out" in done.out
    )
    (held,) = json.loads(place.bump("--check", "--format", "json").out)["holds"]
    assert held["link"] == "https://example.org/1" and held["until"] == "7.2.4" and not held["lift"]

    report = place.root / "loads.json"
    base = {
        "base": "mcr.microsoft.com/windows/nanoserver:ltsc2025",
        "error": None,
        "results": [{"verdict": "loads"}],
    }
    report.write_text(json.dumps({"files": [], "bases": [base]}))
    passed = place.bump("--check", "--evidence", str(report))
    assert passed.code == 1 and "all of it would start on" in passed.out
    base["results"] = [{"verdict": "loads"}, {"verdict": "unknown"}]
    report.write_text(json.dumps({"files": [], "bases": [base]}))
    assert place.bump("--check", "--evidence", str(report)).code == 0
    report.write_text("{}")
    assert place.bump("--check", "--evidence", str(report)).code == 2

    done = place.bump("--check", port=[release("7.2.4"), *there])
    assert done.code == 1 and "(contrib base add ltsc2025 redis --kind nanoserver)" in done.out
    assert place.bump().code == 0 and comment in script.read_text("utf-8")


def test_a_hold_until_the_runners_have_a_build(place: Place) -> None:
    with (place.clone / "versions.sh").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write('\n#"nanoserver-ltsc2025", # no host yet (until 10.0.26100.4652)\n')
    git(place.clone, "commit", "--quiet", "--all", "--message", "hold")
    runners = place.root / "runners.json"

    def build(number: int) -> None:
        item = {
            "tag_name": "win25/20261101.1",
            "prerelease": False,
            "body": f"OS Version: 10.0.26100 Build {number}",
        }
        runners.write_text(json.dumps([item]))

    there = [release("7.2.3"), release("7.0.14")]
    done = place.bump("--check", port=there)
    assert done.code == 0 and "what they have is not known" in done.out
    build(4000)
    done = place.bump("--check", "--runners", str(runners))
    assert done.code == 0 and "they have 10.0.26100.4000" in done.out
    build(4652)
    assert place.bump("--check", "--runners", str(runners)).code == 1


def test_january_2017_windows_stays(clones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """docker-library/redis@9d502df4, "Update to 3.2.7": Linux moves as it did, and Windows stays at 3.2.100."""
    repository = clones / "docker-library+redis" / "repo"
    if not repository.is_dir():
        pytest.skip("CONTRIB_TEST_CLONES has no clone of docker-library/redis")
    changed = git(repository, "diff", "--unified=0", "9d502df4~1", "9d502df4")
    new = next(
        line.split()[-1] for line in changed.splitlines() if line.startswith("+ENV REDIS_DOWNLOAD_SHA1")
    )
    listed, port = tmp_path / "hashes", tmp_path / "port.json"
    listed.write_text(line("3.2.7", new, algorithm="sha1") + "\n")
    port.write_text(json.dumps([release("8.0.1")]))
    given = ["bump", "redis", "--upstream", f"{repository}@9d502df4~1", "--linux", "--series", "3.2", "--no-download",
             "--source", f"hashes={listed}", "--source", f"port={port}"]  # fmt: skip
    assert run([*given, "--check"]) == 1
    said = capsys.readouterr().out
    assert "3.2 linux: 3.2.6 -> 3.2.7" in said
    for variant in ("windowsservercore", "nanoserver"):
        assert f"3.2/windows/{variant} stays at 3.2.100: MicrosoftArchive/redis has ended" in said
    assert run([*given, "--diff"]) == 0

    def lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith(("+", "-"))]

    assert lines(capsys.readouterr().out) == lines(changed)
