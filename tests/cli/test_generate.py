"""`contrib generate` and `contrib bump` on real repositories, with local files as sources."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.images import load
from contrib.sandbox import upstreams
from tests.web import web

PORT = load("redis").port
WINDOWS = [
    f"7.2/windows/{kind}-{release}/Dockerfile"
    for kind in ("nanoserver", "windowsservercore")
    for release in ("ltsc2022", "ltsc2025")
]


def git(directory: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"]
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def release(version: str, **more: Any) -> dict[str, Any]:
    name = PORT.asset_name(version)
    asset = {
        "name": name,
        "state": "uploaded",
        "digest": f"sha256:{sha(version)}",
        "browser_download_url": PORT.url(version),
    }
    item: dict[str, Any] = {
        "tag_name": version,
        "draft": False,
        "prerelease": "-" in version,
        "published_at": "2024-05-01T00:00:00Z",
        "body": f"{sha(version)}  {name}",
        "assets": [asset],
    }
    return item | more


class Done:
    """What a run gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Place:
    """A clone of the demo's upstream, and a port."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.bare = root / "upstream.git"
        self.ids = upstreams.build(upstreams.templated(), self.bare)
        self.clone = root / "clone"
        git(root, "clone", "--quiet", "--config", "core.autocrlf=false", str(self.bare), str(self.clone))
        self.port = root / "port.json"
        self.releases("8.8.0", "8.0-m01", "7.2.4.1", "7.2.4", "7.2.3", "7.0.15", "7.0.14")
        self._capsys = capsys

    def releases(self, *versions: str) -> None:
        self.port.write_text(json.dumps([release(version) for version in versions]), encoding="utf-8")

    def contrib(
        self,
        command: str,
        *arguments: str,
        upstream: str | None = None,
        port: bool = True,
        download: bool = False,
    ) -> Done:
        words = [command, "redis", "--upstream", upstream or str(self.clone)]
        words += ["--source", f"port={self.port}"] if port else []
        self._capsys.readouterr()
        code = run([*words, *([] if download else ["--no-download"]), *arguments])
        captured = self._capsys.readouterr()
        return Done(code, captured.out, captured.err)

    def commit(self) -> None:
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--message", "windows")

    def status(self) -> list[str]:
        return git(self.clone, "status", "--porcelain", "--untracked-files=all").splitlines()

    def read(self, path: str) -> str:
        return (self.clone / path).read_bytes().decode()

    def versions(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.read("versions.json"))
        return found


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("CONTRIB_TODAY", "2024-06-05")
    for name in ("CONTRIB_UPSTREAM", "CONTRIB_SOURCE", "CONTRIB_SERIES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Place(tmp_path, capsys)


class TestGenerate:
    def test_the_newest_common_series_is_written(self, place: Place) -> None:
        done = place.contrib("generate")
        assert done.code == 0, done.err
        assert [line for line in done.lines if "windows/" in line] == WINDOWS
        assert set(done.lines) == {line[3:] for line in place.status()}
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4"
        assert "windows" not in place.versions()["7.0"]
        for path in WINDOWS:
            text = place.read(path)
            assert "\nENV REDIS_VERSION 7.2.4\n" in text  # as the twin writes it and "\r" not in text
            assert text.startswith("#\n# NOTE: THIS DOCKERFILE IS GENERATED")
        assert "Linux has 7.2.5 and the port 7.2.4" in done.err
        assert "later: 7.0: the port has 7.0.15" in done.err
        assert (
            git(place.clone, "log", "--format=%s", "-1").strip()
            == "Let nobody else read what the server writes"
        )

    def test_a_second_run_changes_nothing(self, place: Place) -> None:
        place.contrib("generate")
        before = place.status()
        second = place.contrib("generate")
        assert (second.code, second.out) == (0, "") and "nothing to change" in second.err
        assert place.status() == before
        assert place.contrib("generate", "--check").code == 0
        place.commit()
        assert place.contrib("generate", "--check").code == 0 and place.status() == []

    def test_check_tells_and_writes_nothing(self, place: Place) -> None:
        done = place.contrib("generate", "--check")
        assert done.code == 1 and set(WINDOWS) <= set(done.lines)
        assert place.status() == []

    def test_diff_is_a_patch_that_git_takes(self, place: Place) -> None:
        done = place.contrib("generate", "--diff", "--quiet")
        assert done.code == 0 and place.status() == []
        patch = place.root / "patch"
        patch.write_bytes(done.out.encode())
        git(place.clone, "apply", "--index", str(patch))
        assert place.contrib("generate", "--check").code == 0

    def test_series_and_variants_that_are_asked_for(self, place: Place) -> None:
        done = place.contrib("generate", "--series", "7.0", "--variant", "nanoserver-ltsc2022")
        assert [line for line in done.lines if "windows/" in line] == [
            "7.0/windows/nanoserver-ltsc2022/Dockerfile",
            "7.0/windows/windowsservercore-ltsc2022/Dockerfile",
        ]
        assert place.versions()["7.0"]["windows"]["version"] == "7.0.15"

    def test_all_series(self, place: Place) -> None:
        place.contrib("generate", "--series", "all")
        versions = place.versions()
        assert {s: versions[s]["windows"]["version"] for s in versions} == {"7.2": "7.2.4", "7.0": "7.0.15"}

    def test_series_come_one_after_the_other(self, place: Place) -> None:
        place.contrib("generate")
        place.commit()
        done = place.contrib("generate", "--series", "7.0")
        assert done.code == 0
        assert all(line.startswith("7.0/windows/") or line == "versions.json" for line in done.lines)
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4"

    def test_a_version_that_is_asked_for(self, place: Place) -> None:
        place.contrib("generate", "--to", "7.2.4.1")
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4.1"

    def test_json(self, place: Place) -> None:
        done = place.contrib("generate", "--format", "json")
        shown = json.loads(done.out)
        assert shown["layout"] == "templated" and shown["written"] is True
        (series,) = shown["series"]
        assert (series["series"], series["linux"], series["version"]) == ("7.2", "7.2.5", "7.2.4")
        assert series["sha256"] == sha("7.2.4") and series["agreeing"] == ["asset digest", "release text"]
        assert [f["path"] for f in shown["files"] if "windows/" in f["path"]] == WINDOWS
        assert any("archive" in line for line in shown["not_run_here"])

    def test_a_clone_as_git_for_windows_makes_it(self, place: Place) -> None:
        place.clone = place.root / "crlf"
        settings = ["--config", "core.autocrlf=true", "--config", "core.filemode=false"]
        git(
            place.root,
            "-c",
            "core.autocrlf=true",
            "clone",
            "--quiet",
            *settings,
            str(place.bare),
            str(place.clone),
        )
        before = git(place.clone, "ls-files", "-s", "versions.sh")
        assert place.contrib("generate").code == 0
        assert place.contrib("generate", "--check").code == 0
        for path in [*WINDOWS, "versions.sh", "versions.json"]:
            assert b"\r" not in (place.clone / path).read_bytes()
        subprocess.run(
            ["git", "-c", "core.safecrlf=false", "add", "--all"],
            cwd=place.clone,
            check=True,
            capture_output=True,
        )
        assert git(place.clone, "ls-files", "-s", "versions.sh").split()[0] == before.split()[0] == "100755"
        assert "\r" not in git(place.clone, "show", f":{WINDOWS[0]}")

    def test_what_is_generated_raises_no_finding(self, place: Place) -> None:
        from contrib.dockerfile import parse
        from contrib.rules.review import review

        place.contrib("generate")
        twin = parse((place.clone / "7.2/alpine/Dockerfile").read_bytes(), "twin")
        for path in WINDOWS:
            findings = review(
                parse((place.clone / path).read_bytes(), path), path=path, twin=twin, image=load("redis")
            )
            assert [f for f in findings if f.rule != "stale-accept" and f.accepted is None] == []


class TestGuards:
    def test_a_dirty_tree(self, place: Place) -> None:
        (place.clone / "README.md").write_bytes(b"mine\n")
        for option in ((), ("--check",)):
            done = place.contrib("generate", *option)
            assert done.code == 2 and "README.md" in done.err and place.status() == [" M README.md"]

    def test_the_difference_of_a_dirty_tree_is_to_what_is_committed(self, place: Place) -> None:
        clean = place.contrib("generate", "--diff")
        (place.clone / "versions.json").write_bytes(b"mine\n")
        done = place.contrib("generate", "--diff")
        assert (done.code, done.out) == (0, clean.out) and "versions.json" in done.err
        assert place.status() == [" M versions.json"]

    def test_own_changes_that_somebody_changed_again(self, place: Place) -> None:
        place.contrib("generate")
        path = place.clone / WINDOWS[0]
        path.write_bytes(path.read_bytes() + b"# mine\n")
        done = place.contrib("generate")
        assert done.code == 2 and WINDOWS[0] in done.err
        assert path.read_bytes().endswith(b"# mine\n")

    def test_an_untracked_file(self, place: Place) -> None:
        (place.clone / "notes.txt").write_bytes(b"x")
        assert place.contrib("generate").code == 2

    @pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
    def test_a_link_in_the_way(self, place: Place) -> None:
        outside = place.root / "outside"
        outside.mkdir()
        (place.clone / "7.2" / "windows").symlink_to(outside)
        place.commit()
        done = place.contrib("generate")
        assert done.code == 2 and "link" in done.err
        assert list(outside.iterdir()) == [] and place.status() == []

    def test_a_bare_repository_is_looked_at_only(self, place: Place) -> None:
        assert place.contrib("generate", "--check", upstream=str(place.bare)).code == 1
        shown = place.contrib("generate", "--diff", upstream=str(place.bare))
        assert shown.code == 0 and "+++ b/" + WINDOWS[0] in shown.lines
        refused = place.contrib("generate", upstream=str(place.bare))
        assert refused.code == 2 and "no work tree" in refused.err

    def test_a_commit_is_read_as_it_stood(self, place: Place) -> None:
        first = f"{place.clone}@{place.ids[0]}"
        shown = place.contrib("generate", "--diff", upstream=first)
        assert shown.code == 0 and "7.0/windows/windowsservercore-ltsc2022/Dockerfile" in shown.out
        refused = place.contrib("generate", upstream=first)
        assert refused.code == 2 and "never written" in refused.err and place.status() == []

    def test_a_bare_repository_needs_no_config(self, place: Place) -> None:
        (place.bare / "config").unlink()
        assert place.contrib("generate", "--check", upstream=str(place.bare)).code == 1

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--series", "9.9"), "no series"),
            (("--series", "7.2;id"), "is not a series"),
            (("--variant", "windowsservercore-1809"), "no variant"),
            (("--to", "7.2.99"), "no release 7.2.99"),
            (("--to", "7.2.4;id"), "is not a version"),
            (("--to", "8.8.0"), "not of the series 7.2"),
            (("--series", "7.2", "--series", "7.0", "--to", "7.2.4"), "one version"),
            (("--source", "prot=x"), "no such source"),
            (("--source", "port"), "NAME=PATH_OR_URL"),
        ],
    )
    def test_bad_usage_changes_nothing(self, place: Place, arguments: Sequence[str], says: str) -> None:
        done = place.contrib("generate", *arguments)
        assert done.code == 2 and says in done.err, done.err
        assert place.status() == []

    def test_upstream_is_judged_first(self, place: Place) -> None:
        done = place.contrib("generate", "--source", "hashes=missing", upstream=str(place.root / "missing"))
        assert done.code == 2 and "no such directory" in done.err

    def test_nothing_in_common(self, place: Place) -> None:
        place.releases("8.8.0")
        done = place.contrib("generate")
        assert done.code == 2 and "7.2, 7.0" in done.err and "8.8" in done.err

    def test_prereleases_are_not_taken(self, place: Place) -> None:
        place.port.write_text(
            json.dumps([release("7.2.9", prerelease=True), release("7.2.4")]), encoding="utf-8"
        )
        place.contrib("generate")
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4"
        done = place.contrib("generate", "--to", "7.2.9")
        assert done.code == 2 and "pre-release" in done.err

    def test_checksums_that_do_not_agree(self, place: Place) -> None:
        place.port.write_text(
            json.dumps([release("7.2.4", body=f"{'0' * 64}  {PORT.asset_name('7.2.4')}")]), encoding="utf-8"
        )
        done = place.contrib("generate")
        assert done.code == 3 and "do not agree" in done.err and place.status() == []

    def test_nothing_tells_a_checksum(self, place: Place) -> None:
        item = release("7.2.4", body="")
        item["assets"][0]["digest"] = None
        place.port.write_text(json.dumps([item]), encoding="utf-8")
        done = place.contrib("generate")
        assert done.code == 2 and "nothing gives the sha256" in done.err and place.status() == []

    def test_offline_without_a_file(self, place: Place) -> None:
        done = place.contrib("generate", "--offline", port=False)
        assert done.code == 3 and "--source port=FILE" in done.err

    def test_an_error_as_json(self, place: Place) -> None:
        done = place.contrib("generate", "--series", "9.9", "--format", "json")
        assert json.loads(done.out)["error"]["kind"] == "bad-input"

    def test_not_a_repository_of_an_image(self, place: Place) -> None:
        other = place.root / "other"
        other.mkdir()
        git(other, "init", "--quiet")
        (other / "README").write_bytes(b"x")
        git(other, "add", ".")
        git(other, "commit", "--quiet", "--message", "x")
        assert place.contrib("generate", upstream=str(other)).code == 2


class TestDownload:
    """Archives are downloaded for their checksums unless that is not wanted."""

    @pytest.fixture
    def served(
        self, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Callable[[bytes], None]]:
        with web(tmp_path, monkeypatch) as there:

            def serve(archive: bytes) -> None:
                there.pages[PORT.url("7.2.4")] = archive
                place.port.write_text(json.dumps([release("7.2.4")]), encoding="utf-8")

            yield serve

    def test_its_checksum_stands_beside_the_others(
        self, place: Place, served: Callable[[bytes], None]
    ) -> None:
        served(b"7.2.4")
        shown = json.loads(place.contrib("generate", "--format", "json", download=True).out)
        assert shown["series"][0]["agreeing"] == ["asset digest", "release text", "own download"]
        assert shown["series"][0]["url"] == PORT.url("7.2.4")

    def test_an_archive_that_was_replaced(self, place: Place, served: Callable[[bytes], None]) -> None:
        served(b"something else")
        done = place.contrib("generate", download=True)
        assert done.code == 3 and "own download" in done.err and place.status() == []

    @pytest.mark.parametrize(
        "address",
        ["http://127.0.0.1:{port}/latest/meta-data/?7.2.4", "https://evil.example/x.zip", "file:///x"],
    )
    def test_an_address_that_is_not_the_one_written_down(
        self, place: Place, served: Callable[[bytes], None], address: str
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            item = release("7.2.4")
            item["assets"][0]["browser_download_url"] = address.format(port=listener.getsockname()[1])
            place.port.write_text(json.dumps([item]), encoding="utf-8")
            done = place.contrib("generate", download=True)
            assert done.code == 2 and "nothing was downloaded" in done.err and place.status() == []
            listener.settimeout(0)
            with pytest.raises(BlockingIOError):  # nobody has called
                listener.accept()

    def test_what_is_no_token_is_refused_before_anything_is_asked(
        self, place: Place, served: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served(b"7.2.4")
        monkeypatch.setenv("GH_TOKEN", "two\nlines")
        done = place.contrib("generate", download=True)
        assert done.code == 2 and "GH_TOKEN: holds no token" in done.err and "two" not in done.err
        assert place.status() == []

    def test_offline_downloads_nothing(self, place: Place, served: Callable[[bytes], None]) -> None:
        served(b"something else")
        done = place.contrib("generate", "--offline", download=True)
        assert done.code == 0 and "own download (--offline)" in done.err


class TestFrom:
    def test_the_demos_visitor(self, place: Place) -> None:
        visitor = Path(upstreams.__file__).parents[1] / "visitor" / "Dockerfile"
        done = place.contrib("generate", "--from", str(visitor))
        assert done.code == 0, done.err
        assert "kept of yours: " in done.err and "ports (6379/tcp)" in done.err
        assert "[retired-base-repository]" in done.err and "[keep-alive-loop]" in done.err
        assert "has ended (3.2.100, 2016-07-01)" in done.err
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4"
        assert place.contrib("generate", "--from", str(visitor), "--check").code == 0

    def test_what_is_theirs_is_written(self, place: Place) -> None:
        own = place.root / "Dockerfile"
        own.write_text(
            "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
            'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
            "ENV LANG=C\n"
            f"RUN Invoke-WebRequest -Uri {PORT.url('7.2.3')} -OutFile r.zip; \\\n"
            f"  if ((Get-FileHash r.zip -Algorithm sha256).Hash -ne '{sha('7.2.3')}') {{ exit 1 }}; \\\n"
            "  Expand-Archive r.zip -DestinationPath C:\\Redis; Remove-Item r.zip\n"
            "EXPOSE 6379\n"
            'CMD ["redis-server", "--maxmemory", "100mb"]\n',
            encoding="utf-8",
        )
        shown = json.loads(place.contrib("generate", "--from", str(own), "--format", "json").out)
        (series,) = shown["series"]
        assert series["version"] == "7.2.3" and "your Dockerfile" in series["agreeing"]
        assert any("the port has 7.2.4 (--to 7.2.4)" in note for note in shown["notes"])
        verdicts = {d["fact"]: d["verdict"] for d in shown["decisions"]}
        assert verdicts["version"] == verdicts["install-location"] == verdicts["environment:LANG"] == "kept"
        text = place.read(WINDOWS[3])
        assert "ENV LANG C\n" in text and "C:\\Redis" in text and "'maxmemory 100mb'" in text
        assert '"/Redis/redis.docker.conf"]' in text

    def test_their_digest_is_wrong(self, place: Place) -> None:
        own = place.root / "Dockerfile"
        own.write_text(
            'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell"]\n'
            f"RUN Invoke-WebRequest -Uri {PORT.url('7.2.3')} -OutFile r.zip; "
            f"if ((Get-FileHash r.zip -Algorithm sha256).Hash -ne '{'0' * 64}') {{ exit 1 }}; "
            "Expand-Archive r.zip -DestinationPath C:\\redis; Remove-Item r.zip\n",
            encoding="utf-8",
        )
        done = place.contrib("generate", "--from", str(own))
        assert done.code == 3 and "your Dockerfile" in done.err and place.status() == []

    @pytest.mark.parametrize(
        ("version", "series", "written"), [("5.0.14.1", (), "7.2"), ("7.2.4", ("--series", "7.0"), "7.0")]
    )
    def test_a_source_of_their_own_that_has_no_series_here(
        self, place: Place, version: str, series: tuple[str, ...], written: str
    ) -> None:
        own = place.root / "Dockerfile"
        own.write_text(
            'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
            f"RUN Invoke-WebRequest https://github.com/somebody/redis/releases/download/v{version}/Redis-x64-{version}.zip -OutFile r.zip; "
            'Expand-Archive r.zip -DestinationPath C:\\redis; Remove-Item r.zip\nCMD ["C:\\\\redis\\\\redis-server.exe"]\n',
            encoding="utf-8",
        )
        done = place.contrib("generate", "--from", str(own), "--format", "json", *series)
        assert done.code == 0, done.err
        shown = json.loads(done.out)
        assert [each["series"] for each in shown["series"]] == [written]
        decided = {d["fact"]: (d["verdict"], d["ours"]) for d in shown["decisions"]}
        assert decided["version"][0] == decided["download"][0] == "replaced"
        assert PORT.repository in decided["download"][1]
        assert any("somebody/redis is not among the image’s sources" in note for note in shown["notes"])

    def test_a_source_that_has_ended_has_no_series_here(self, place: Place) -> None:
        visitor = Path(upstreams.__file__).parents[1] / "visitor" / "Dockerfile"
        done = place.contrib("generate", "--from", str(visitor), "--allow", "ended-port")
        assert done.code == 2 and "upstream maintains 7.2, 7.0" in done.err and place.status() == []

    @pytest.mark.parametrize("spec", ["missing", "7.2/alpine/Dockerfile"])
    def test_what_is_no_windows_dockerfile(self, place: Place, spec: str) -> None:
        done = place.contrib("generate", "--from", str(place.clone / spec))
        assert done.code == 2 and spec in done.err and place.status() == []


class TestOfficialImages:
    def test_bases_that_are_pinned(self, place: Place) -> None:
        official = place.root / "official-images.git"
        upstreams.build(upstreams.official_images(place.ids), official)
        assert place.contrib("generate", "--official-images", str(official)).code == 0

    def test_a_base_that_is_not(self, place: Place) -> None:
        pins = place.root / "pins"
        pins.write_text("mcr.microsoft.com/windows/servercore:ltsc2022\n", encoding="utf-8")
        done = place.contrib("generate", "--source", f"pins={pins}")
        assert done.code == 2 and "windowsservercore-ltsc2025" in done.err and place.status() == []
        only = place.contrib(
            "generate", "--source", f"pins={pins}", "--variant", "windowsservercore-ltsc2022"
        )
        assert only.code == 0


class TestReleaseBranches:
    @pytest.fixture
    def branches(self, place: Place) -> Place:
        bare = place.root / "branches.git"
        upstreams.build(upstreams.release_branches(), bare, default_branch="main")
        place.clone = place.root / "branches"
        git(place.root, "clone", "--quiet", "--config", "core.autocrlf=false", str(bare), str(place.clone))
        place.releases("8.10.0", "8.8.0", "8.2.1", "7.4.2", "8.0.1")
        return place

    def test_the_branch_at_hand_is_written(self, branches: Place) -> None:
        main = branches.contrib("generate")
        assert main.code == 0 and "belong on the branch release/8.10" in main.err
        assert not any("windows/" in line and line.endswith("Dockerfile") for line in main.lines)
        git(branches.clone, "add", "--all")
        git(branches.clone, "commit", "--quiet", "--message", "generator")
        git(branches.clone, "checkout", "--quiet", "release/8.10")
        done = branches.contrib("generate")
        assert done.code == 0 and "windows/nanoserver-ltsc2025/Dockerfile.j2" in done.lines
        assert json.loads(branches.read(".redis.version.json"))["windows_release_tag"] == "8.10.0"
        assert branches.contrib("generate", "--check").code == 0

    def test_bump(self, branches: Place) -> None:
        git(branches.clone, "checkout", "--quiet", "release/8.10")
        branches.contrib("generate")
        branches.commit()
        branches.releases("8.10.2", "8.10.0")
        assert branches.contrib("bump", "--check").code == 1
        done = branches.contrib("bump")
        assert done.lines == ["8.10 windows: 8.10.0 -> 8.10.2"]
        assert json.loads(branches.read(".redis.version.json"))["release_tag"] != "8.10.2"
        text = branches.read("windows/nanoserver-ltsc2025/Dockerfile")
        assert (
            "ENV REDIS_VERSION=8.10.2\n" in text and "--from=redis:8.10.2-windowsservercore-ltsc2025" in text
        )
        refused = branches.contrib("bump", "--linux")
        assert refused.code == 2 and "own automation" in refused.err

    def test_a_branch_without_templates(self, branches: Place) -> None:
        git(branches.clone, "checkout", "--quiet", "release/8.2")
        done = branches.contrib("generate", "--series", "8.2")
        assert done.code == 0, done.err
        assert "windows/windowsservercore-ltsc2022/Dockerfile" in done.lines
        branches.commit()
        branches.releases("8.2.3")
        assert branches.contrib("bump", "--series", "8.2").code == 0
        assert "ENV REDIS_VERSION=8.2.3\n" in branches.read("windows/nanoserver-ltsc2022/Dockerfile")

    def test_a_series_that_has_ended(self, branches: Place) -> None:
        done = branches.contrib("generate", "--series", "8.0")
        assert done.code == 2 and "retired" in done.err


class TestRealRepositories:
    """docker-library/redis as it stood; see CONTRIB_TEST_CLONES."""

    def clone(self, place: Place, clones: Path, ref: str) -> None:
        source = clones / "docker-library+redis" / "repo"
        place.clone = place.root / "real"
        git(
            place.root,
            "clone",
            "--quiet",
            "--no-checkout",
            "--config",
            "core.autocrlf=false",
            str(source),
            str(place.clone),
        )
        git(place.clone, "checkout", "--quiet", ref)

    def test_templated(self, place: Place, clones: Path) -> None:
        self.clone(place, clones, "HEAD")
        done = place.contrib("generate", "--series", "all")
        assert done.code == 0, done.err
        assert place.contrib("generate", "--series", "all", "--check").code == 0
        assert place.versions()["7.2"]["windows"]["version"] == "7.2.4"

    def test_a_release_branch_at_a_milestone(self, place: Place, clones: Path) -> None:
        upstream = f"{clones / 'redis+docker-library-redis' / 'repo'}@release/8.0"
        place.releases("8.0.2")
        unasked = place.contrib("generate", "--check", upstream=upstream)
        assert unasked.code == 2 and "8.0 (8.0-m01)" in unasked.err and "--series 8.0" in unasked.err
        shown = place.contrib("generate", "--diff", "--series", "8.0", upstream=upstream)
        assert shown.code == 0 and "+++ b/windows/nanoserver-ltsc2025/Dockerfile" in shown.lines

    def test_two_layouts_in_one_repository(self, place: Place, clones: Path) -> None:
        upstream = str(clones / "redis+docker-library-redis" / "repo")
        done = place.contrib("generate", "--check", upstream=upstream)
        assert done.code == 2 and "two layouts" in done.err

    def test_plain_with_the_port_of_that_day(self, place: Place, clones: Path) -> None:
        self.clone(place, clones, "05474359")
        own = place.root / "Dockerfile"
        visitor = Path(upstreams.__file__).parents[1] / "visitor" / "Dockerfile"
        text = visitor.read_text(encoding="utf-8")
        check = f"    if ((Get-FileHash redis.zip -Algorithm sha256).Hash -ne '{sha('3.2.100')}') {{ exit 1 }}; \\\n"
        own.write_text(text.replace("    Expand-Archive", check + "    Expand-Archive"), encoding="utf-8")
        done = place.contrib("generate", "--from", str(own), "--allow", "ended-port")
        assert done.code == 0, done.err
        dockerfile = place.read("3.2/windows/nanoserver-ltsc2022/Dockerfile")
        assert "ENV REDIS_VERSION 3.2.100\n" in dockerfile  # in the form that the twin has
        assert 'CMD ["redis-server", "C:\\\\redis\\\\redis.docker.conf"]' in dockerfile
        assert place.contrib("generate", "--from", str(own), "--allow", "ended-port", "--check").code == 0
        place.commit()
        # the living port has no release of 3.2, and Linux's 3.2.7 is not the port's
        hashes = place.root / "hashes"
        hashes.write_text(
            f"hash redis-3.2.7.tar.gz sha1 {'a' * 40} http://download.redis.io/releases/redis-3.2.7.tar.gz\n",
            encoding="utf-8",
        )
        bump = place.contrib("bump", "--linux", "--source", f"hashes={hashes}")
        assert "3.2 linux: 3.2.6 -> 3.2.7" in bump.lines
        assert any(line.startswith("3.2 windows: 3.2.100 (ended: stays") for line in bump.lines)
        assert place.read("3.2/windows/nanoserver-ltsc2022/Dockerfile") == dockerfile
        assert "ENV REDIS_VERSION 3.2.7" in place.read("3.2/alpine/Dockerfile")


class TestBump:
    @pytest.fixture
    def ready(self, place: Place) -> Place:
        place.contrib("generate", "--series", "all")
        place.commit()
        return place

    def test_nothing_is_due(self, ready: Place) -> None:
        ready.releases("8.8.0", "7.2.4", "7.2.3", "7.0.15", "7.0.14")
        done = ready.contrib("bump", "--check")
        assert done.code == 0 and "nothing to do" in done.err
        assert done.lines == ["7.2 windows: 7.2.4 (newest)", "7.0 windows: 7.0.15 (newest)"]

    def test_a_rebuild_is_named_and_not_taken(self, ready: Place) -> None:
        done = ready.contrib("bump", "--check")
        assert done.code == 1 and "7.2 windows: 7.2.4 (rebuild-only: 7.2.4.1 is a rebuild" in done.out
        assert ready.contrib("bump", "--to", "7.2.4.1").lines == ["7.2 windows: 7.2.4 -> 7.2.4.1"]

    def test_a_newer_release(self, ready: Place) -> None:
        ready.releases("8.8.0", "7.2.10", "7.2.9", "7.2.4", "7.0.15")
        assert ready.contrib("bump", "--check").code == 1 and ready.status() == []
        shown = ready.contrib("bump", "--diff")
        assert shown.code == 0 and "+ENV REDIS_VERSION 7.2.10" in shown.lines and ready.status() == []
        done = ready.contrib("bump")
        assert done.code == 0 and "7.2 windows: 7.2.4 -> 7.2.10" in done.lines
        assert [line[3:] for line in ready.status()] == [*WINDOWS, "versions.json"]
        assert sha("7.2.10") in ready.read(WINDOWS[3])
        assert "--from=redis:7.2.10-windowsservercore-ltsc2022" in ready.read(WINDOWS[0])
        assert "7.2.4" not in "".join(ready.read(path) for path in WINDOWS)
        assert ready.contrib("bump", "--check").code == 0

    def test_linux_is_left_alone(self, ready: Place) -> None:
        ready.releases("7.2.10", "7.0.15")
        before = ready.read("7.2/alpine/Dockerfile")
        ready.contrib("bump")
        assert ready.read("7.2/alpine/Dockerfile") == before
        assert ready.versions()["7.2"]["version"] == "7.2.5"

    def test_what_upstream_changed_in_its_template_stays(self, ready: Place) -> None:
        template = ready.clone / "Dockerfile-windows-servercore.template"
        template.write_bytes(template.read_bytes().replace(b"EXPOSE 6379", b"# upstream's word\nEXPOSE 6379"))
        for release_ in ("ltsc2022", "ltsc2025"):
            for series in ("7.0", "7.2"):
                path = ready.clone / f"{series}/windows/windowsservercore-{release_}/Dockerfile"
                path.write_bytes(path.read_bytes().replace(b"EXPOSE 6379", b"# upstream's word\nEXPOSE 6379"))
        ready.commit()
        ready.releases("7.2.10", "7.0.15")
        assert ready.contrib("bump").code == 0
        assert "# upstream's word\n" in ready.read(WINDOWS[3])
        assert "Dockerfile-windows-servercore.template" not in [line[3:] for line in ready.status()]

    def test_never_downwards(self, ready: Place) -> None:
        ready.releases("7.2.3", "7.0.15")
        done = ready.contrib("bump", "--check")
        assert done.code == 3 and "gone: the source 'port' no longer has 7.2.4" in done.out
        ready.releases("7.2.3", "7.2.4", "7.0.15")
        refused = ready.contrib("bump", "--to", "7.2.3")
        assert refused.code == 2 and "version-down" in refused.err and ready.status() == []

    def test_never_onto_a_prerelease(self, ready: Place) -> None:
        ready.releases("7.2.11-rc1", "7.2.4", "7.0.15")
        assert ready.contrib("bump", "--check").code == 0
        refused = ready.contrib("bump", "--series", "7.2", "--to", "7.2.11-rc1")
        assert refused.code == 2 and "pre-release" in refused.err

    def test_a_directory_of_candidates_takes_candidates_only(self, place: Place) -> None:
        versions = place.versions()
        versions["7.4-rc"] = versions["7.2"] | {"version": "7.4-rc2"}
        (place.clone / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")
        for variant in ("alpine", "debian"):
            directory = place.clone / "7.4-rc" / variant
            directory.mkdir(parents=True)
            (directory / "Dockerfile").write_bytes(
                (place.clone / "7.2" / variant / "Dockerfile").read_bytes()
            )
        place.commit()
        place.releases("7.4.0", "7.4-rc1", "7.2.4")
        unasked = place.contrib("generate", "--check")
        assert "7.4-rc/windows" not in unasked.out
        assert place.contrib("generate", "--series", "7.4-rc").code == 0
        assert place.versions()["7.4-rc"]["windows"]["version"] == "7.4-rc1"
        place.commit()
        place.releases("7.4.1", "7.4.0", "7.4-rc2", "7.4-rc1", "7.2.4")
        # Linux's two are brought up too; Windows is written as they are
        assert place.contrib("bump", "--diff").lines.count("+ENV REDIS_VERSION 7.4-rc2") == 6
        refused = place.contrib("bump", "--series", "7.4-rc", "--to", "7.4.0")
        assert refused.code == 2 and "pre-releases only" in refused.err
        place.releases("7.4.0", "7.2.4")
        none = place.contrib("generate", "--series", "7.4-rc")
        assert none.code == 2 and "it belongs into the series 7.4" in none.err

    def test_to_finds_its_series(self, ready: Place) -> None:
        ready.releases("7.2.4", "7.0.16", "7.0.15")
        done = ready.contrib("bump", "--to", "7.0.16")
        assert done.lines == ["7.0 windows: 7.0.15 -> 7.0.16"]

    def test_without_windows_variants(self, place: Place) -> None:
        done = place.contrib("bump")
        assert done.code == 2 and "contrib generate redis" in done.err

    def test_linux_too(self, ready: Place) -> None:
        hashes = ready.root / "hashes"
        hashes.write_bytes(upstreams.redis_hashes(later=True))
        ready.releases("7.2.10", "7.0.15")
        done = ready.contrib("bump", "--linux", "--source", f"hashes={hashes}")
        assert done.code == 0, done.err
        assert "7.2 linux: 7.2.5 -> 7.2.6" in done.lines
        assert ready.versions()["7.2"]["version"] == "7.2.6"
        assert ready.versions()["7.2"]["windows"]["version"] == "7.2.10"
        for variant in ("alpine", "debian"):
            assert "7.2.6" in ready.read(f"7.2/{variant}/Dockerfile")
        assert list(ready.versions()["7.2"])[:3] == ["version", "url", "sha256"]
        again = ready.contrib("bump", "--linux", "--check", "--source", f"hashes={hashes}")
        assert again.code == 0

    def test_linux_that_is_out_of_reach_is_said(self, ready: Place) -> None:
        ready.releases("7.2.10", "7.0.15")
        done = ready.contrib("bump", "--linux", "--offline")
        assert done.code == 0 and "Linux was left alone" in done.err
        assert "7.2 windows: 7.2.4 -> 7.2.10" in done.lines

    def test_json(self, ready: Place) -> None:
        ready.releases("7.2.10", "7.0.15")
        shown = json.loads(ready.contrib("bump", "--diff", "--format", "json").out)
        first = shown["moves"][0]
        assert first["series"] == "7.2" and (first["before"], first["after"]) == ("7.2.4", "7.2.10")
        assert first["url"] == PORT.url("7.2.10") and first["checksum"] == sha("7.2.10")
        assert first["reason"] is None and first["published"] == "2024-05-01" and first["age"] == 35
        assert shown["moves"][1]["reason"] == "newest" and shown["due"] and not shown["undetermined"]
        assert [commit["title"] for commit in shown["commits"]] == ["Update 7.2 for Windows to 7.2.10"]
