from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.images import load as load_image
from contrib.releases import Catalogue, Releases, Source, Version, load, overrides, read_sources
from contrib.releases.health import health, sentences
from contrib.releases.sources import external_pins, github_releases, hashes
from contrib.values.errors import BadInput, OutsideError

IMAGE = load_image("redis")
PORT = IMAGE.port


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def release(
    version: str,
    *,
    prerelease: bool = False,
    draft: bool = False,
    digest: str | None = "",
    body: str = "",
    published: str = "2026-01-02T03:04:05Z",
    assets: Sequence[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    name = PORT.asset_name(version)
    asset = {
        "name": name,
        "state": "uploaded",
        "digest": f"sha256:{sha(version)}" if digest == "" else digest,
        "browser_download_url": PORT.url(version),
    }
    return {
        "tag_name": version,
        "draft": draft,
        "prerelease": prerelease,
        "published_at": published,
        "body": body,
        "assets": [asset] if assets is None else list(assets),
    }


def catalogue(*items: Any) -> Catalogue:
    return github_releases.parse([json.dumps(list(items)).encode()], PORT, name="port", origin="port.json")


def texts(found: Catalogue) -> list[str]:
    return [each.version.text for each in found.releases]


class TestGitHubReleases:
    def test_newest_by_number_and_not_by_date(self) -> None:
        found = catalogue(
            release("8.8.0", published="2026-03-01T00:00:00Z"),
            release("8.10.1", published="2026-01-01T00:00:00Z"),
            release("8.2.9"),
        )
        assert texts(found) == ["8.10.1", "8.8.0", "8.2.9"]
        assert found.series() == ("8.10", "8.8", "8.2")
        newest = found.newest("8")
        assert newest is not None and newest.version.text == "8.10.1"

    def test_rebuilds_milestones_drafts_and_foreign_tags(self) -> None:
        found = catalogue(
            release("8.6.1.1"),
            release("8.6.1"),
            release("8.0-m01"),
            release("8.6.2", draft=True),
            release("8.6.3", prerelease=True),
            {**release("8.6.9"), "tag_name": "nightly"},
            release("8.6-rc1"),
        )
        newest = found.newest("8.6")
        assert newest is not None and newest.version.text == "8.6.1"
        assert [r.version.text for r in found.rebuilds(newest)] == ["8.6.1.1"]
        assert found.newest("8.0") is None and found.newest("8.0-rc") is None
        candidate = found.newest("8.6-rc")
        assert candidate is not None and candidate.version.text == "8.6-rc1"
        assert "8.6.2" not in texts(found) and "nightly" not in texts(found)

    def test_a_release_without_the_archive_is_known_and_not_taken(self) -> None:
        found = catalogue(release("7.2.9", assets=[]), release("7.2.8"))
        assert found.releases[0].missing.endswith("Redis-7.2.9-Windows-x64-msys2.zip; it has no assets")
        newest = found.newest("7.2")
        assert newest is not None and newest.version.text == "7.2.8"

    def test_an_upload_that_is_not_finished(self) -> None:
        asset = {"name": PORT.asset_name("7.2.9"), "state": "starter"}
        assert "not finished" in catalogue(release("7.2.9", assets=[asset])).releases[0].missing

    def test_checksums_of_asset_and_text(self) -> None:
        name = PORT.asset_name("7.2.9")
        body = f"Notes\nHashes\n=======\nAlgorithm : SHA256\nHash      : {sha('7.2.9').upper()}\nPath      : D:\\a\\b\\{name}\n"
        found = catalogue(release("7.2.9", body=body)).releases[0]
        assert [(c.source, c.digest) for c in found.checksums] == [
            ("asset digest", sha("7.2.9")),
            ("release text", sha("7.2.9")),
        ]
        assert found.absent == ()

    def test_what_is_absent_is_said(self) -> None:
        found = catalogue(release("7.2.9", digest=None)).releases[0]
        assert found.checksums == ()
        assert found.absent == ("asset digest", "release text", "file of digests")

    def test_pages_in_one_file(self) -> None:
        both = json.dumps([[release("7.2.9")], [release("7.2.8")]]).encode()
        found = github_releases.parse([both], PORT, name="port", origin="port.json")
        assert texts(found) == ["7.2.9", "7.2.8"]

    @pytest.mark.parametrize(
        ("document", "says"),
        [
            (b"{}", "expected a list of releases"),
            (b'{"message": "Not Found"}', "Not Found"),
            (b"[1]", "expected a list of releases"),
            (b'[{"tag_name": 7}]', "expected a list of releases"),
            (b"[", "is not JSON"),
            (b"\xff\xfe", "is UTF-16"),
            (b"\xff", "not UTF-8"),
            (b"[" * 100_000, "JSON|nested"),
        ],
    )
    def test_what_is_no_list_of_releases(self, document: bytes, says: str) -> None:
        with pytest.raises(BadInput, match=says) as caught:
            github_releases.parse([document], PORT, name="port", origin="port.json")
        assert caught.value.file == "port.json"

    @pytest.mark.parametrize(
        ("bad", "fault"),
        [
            (release("7.2.9", digest="sha256:xyz"), "unusable"),
            (release("7.2.9", digest="md4:" + "a" * 32), "unusable"),
            ({**release("7.2.9"), "assets": None}, "unusable"),
            ({**release("7.2.9"), "assets": [1]}, "unusable"),
            (release("7.2.9", assets=[]), "upload-unfinished"),
            (release("7.2.9", assets=[{"name": "other.zip"}]), "no-archive"),
            (release("7.2.9", assets=[{"name": PORT.asset_name("7.2.9"), "state": "starter"}]), "upload-unfinished"),
            (release("7.2.9", assets=[{"name": PORT.asset_name("7.2.9"), "browser_download_url": PORT.url("7.2.8")}]), "bad-address"),
            (release("7.2.9", assets=[{"name": PORT.asset_name("7.2.9"), "browser_download_url": PORT.url("7.2.9").replace("redis-windows/redis-windows", "other/project")}]), "bad-address"),
            (release("7.2.9", assets=[{"name": PORT.asset_name("7.2.9"), "browser_download_url": PORT.url("7.2.9") + "?x=';"}]), "bad-address"),
        ],
    )  # fmt: skip
    def test_a_bad_release_costs_itself_alone(self, bad: dict[str, Any], fault: str) -> None:
        found = catalogue(bad, release("7.2.8"))
        assert found.releases[0].fault == fault and not found.releases[0].usable
        newest = found.newest("7.2")
        assert newest is not None and newest.version.text == "7.2.8"

    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1:9/x.zip", "file:///etc/passwd", "https://x/';.zip"]
    )
    def test_another_host_is_neither_written_nor_fetched(self, address: str) -> None:
        asset = {"name": PORT.asset_name("7.2.9"), "browser_download_url": address}
        found = catalogue(release("7.2.9", assets=[asset])).releases[0]
        assert found.url == PORT.url("7.2.9") and found.download == address

    def test_the_project_under_its_former_name(self) -> None:
        former = PORT.url("7.2.9").replace(PORT.repository, PORT.former[0])
        asset = {"name": PORT.asset_name("7.2.9"), "browser_download_url": former}
        assert catalogue(release("7.2.9", assets=[asset])).releases[0].url == former

    def test_a_release_twice_with_another_digest(self) -> None:
        again = release("7.2.9", digest=f"sha256:{sha('x')}")
        found = catalogue(release("7.2.9"), again).releases[0]
        assert found.fault == "contradiction" and sha("x") in found.missing and sha("7.2.9") in found.missing
        assert catalogue(release("7.2.9"), release("7.2.9")).releases[0].usable

    def test_a_file_of_digests_among_the_assets(self) -> None:
        bare = release("7.2.9", digest=None)
        name = "SHA256SUMS.txt"
        url = PORT.url("7.2.9").replace(PORT.asset_name("7.2.9"), name)
        bare["assets"].append({"name": name, "browser_download_url": url})
        found = catalogue(bare).releases[0]
        assert found.lists == (url,) and found.absent == ("asset digest", "release text")

    def test_what_is_not_understood_is_counted(self) -> None:
        found = catalogue({**release("7.2.9"), "tag_name": "build-7.2.9"}, release("7.2.8"))
        assert [each.what for each in found.unread] == ["build-7.2.9"]

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda c: st.lists(c, max_size=4) | st.dictionaries(st.sampled_from(["tag_name", "assets", "name", "body", "digest", "draft", "x"]), c, max_size=5), max_leaves=12))  # fmt: skip
    def test_any_json_is_read_or_refused(self, value: Any) -> None:
        try:
            github_releases.parse([json.dumps(value).encode()], PORT, name="port", origin="x")
        except BadInput as error:
            assert error.file == "x"


class TestHashesInText:
    NAME = "app-1.2.3-x64.zip"
    HEX = "ab" * 32

    @pytest.mark.parametrize(
        "text",
        [
            "{hex}  {name}",
            "{hex} *{name}",
            "{name}: {hex}",
            "| `{name}` | `{HEX}` |",
            "SHA256 ({name}) = {hex}",
            "Hash : {HEX}\r\nPath : C:\\x\\{name}\r\n",
            "Algorithm : SHA256\nHash      : {HEX}\nPath      : D:\\a\\{name}\n\nAlgorithm : SHA256\nHash : "
            + "cd" * 32
            + "\nPath : D:\\a\\other.zip",
        ],
    )
    def test_found(self, text: str) -> None:
        body = text.replace("{hex}", self.HEX).replace("{HEX}", self.HEX.upper()).replace("{name}", self.NAME)
        assert github_releases.hashes_in(body, self.NAME) == (self.HEX,)

    @pytest.mark.parametrize(
        "text",
        [
            "{hex}  app-1.2.3-x64-with-Service.zip\n",
            "{hex}  xapp-1.2.3-x64.zip",
            "{hex}  app-1.2.3-x64.zip.asc",
            "{hex}\n\nPath : D:\\other.zip\nsee app-1.2.3-x64.zip",
            "0{hex}  {name}",
            "{name}",
            "{hex} {hex2} {name}",
        ],
    )
    def test_of_something_else(self, text: str) -> None:
        body = text.replace("{hex2}", "cd" * 32).replace("{hex}", self.HEX).replace("{name}", self.NAME)
        assert github_releases.hashes_in(body, self.NAME) == ()

    def test_two_that_differ_are_both_told(self) -> None:
        body = f"{self.HEX}  {self.NAME}\n{'cd' * 32}  {self.NAME}"
        assert len(github_releases.hashes_in(body, self.NAME)) == 2

    @given(st.text(max_size=300))
    def test_any_text(self, text: str) -> None:
        for found in github_releases.hashes_in(text + f"\n{self.HEX} {self.NAME}", self.NAME):
            assert len(found) == 64


class TestHashes:
    def parse(self, text: str) -> Catalogue:
        source = Source("hashes", "hashes", hashes.Options("https://x", "redis-", ".tar.gz"))
        return hashes.parse([text.encode()], source, "README")

    def test_lines(self) -> None:
        found = self.parse(
            "# comment\n"
            f"hash redis-7.2.5.tar.gz sha256 {'a' * 64} http://download.redis.io/releases/redis-7.2.5.tar.gz\n"
            f"hash 6.2-rc1.tar.gz sha256 {'b' * 64} https://example.org/6.2-rc1\n"
            f"hash redis-2.8.1.tar.gz sha1 {'c' * 40} http://download.redis.io/releases/redis-2.8.1.tar.gz\n"
            f"hash redis-nightly.tar.gz sha256 {'d' * 64} https://example.org/n\n"
            f"hash redis-7.2.5.zip sha256 {'e' * 64} https://example.org/z\n"
        )
        assert texts(found) == ["7.2.5", "6.2-rc1", "2.8.1"]
        assert found.find("7.2.5").url == "http://download.redis.io/releases/redis-7.2.5.tar.gz"
        assert found.find("2.8.1").checksums[0].algorithm == "sha1"

    def test_two_digests_for_one_file_contradict(self) -> None:
        found = self.parse(
            f"hash redis-7.2.5.tar.gz sha256 {'a' * 64} https://x/1\nhash redis-7.2.5.tar.gz sha256 {'b' * 64} https://x/1\n"
        )
        assert found.releases[0].fault == "contradiction" and "a" * 64 in found.releases[0].missing

    @pytest.mark.parametrize("order", [("sha1", "sha256"), ("sha256", "sha1")])
    def test_the_stronger_digest_comes_first(self, order: tuple[str, str]) -> None:
        lengths = {"sha1": 40, "sha256": 64}
        lines = [f"hash redis-7.2.5.tar.gz {a} {'a' * lengths[a]} https://x/1\r\n" for a in order]
        found = self.parse("".join(lines)).releases[0]
        assert [c.algorithm for c in found.checksums] == ["sha256", "sha1"] and found.usable

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("hash redis-7.2.5.tar.gz sha256 abc https://x", "line 1: 'abc' is not a digest of sha256"),
            (f"hash redis-7.2.5.tar.gz md5 {'a' * 32} https://x", "line 1: md5"),
            ("hash redis-7.2.5.tar.gz sha256", "line 1: expected"),
        ],
    )
    def test_a_bad_line_is_left_out_and_said(self, line: str, says: str) -> None:
        found = self.parse(f"{line}\nhash redis-7.2.6.tar.gz sha256 {'a' * 64} https://x/6\n")
        assert texts(found) == ["7.2.6"] and found.unread[0].why.startswith(says)

    def test_not_a_list(self) -> None:
        with pytest.raises(BadInput, match="no line"):
            self.parse("<html>\n")


def test_pins_of_the_corpus(corpus: Path) -> None:
    directory = corpus / "external-pins"
    paths = [p.relative_to(directory).as_posix() for p in sorted(directory.rglob("*")) if p.is_file()]
    references = {pin.reference for pin in external_pins.from_paths(paths, "")}
    assert {variant.base for variant in IMAGE.variants} <= references


def test_pins_of_a_list_and_of_a_tree() -> None:
    listed = external_pins.parse(b"# pins\nmcr.microsoft.com/windows/servercore:ltsc2022\n", origin="pins")
    tree = external_pins.from_paths(
        [".external-pins/list.sh", ".external-pins/mcr.microsoft.com/windows/servercore___ltsc2022", "x"]
    )
    assert listed == tree
    with pytest.raises(BadInput) as caught:
        external_pins.parse(b"\nnot a reference\n", origin="pins")
    assert caught.value.line == 2


class TestLoading:
    def test_overrides(self) -> None:
        assert overrides(["port=a=b", "hashes=https://x"]) == {"port": "a=b", "hashes": "https://x"}
        for words in (["port"], ["=x"], ["port="], ["port=a", "port=b"]):
            with pytest.raises(BadInput):
                overrides(words)

    def test_an_unknown_source_says_which_there_are(self) -> None:
        with pytest.raises(BadInput) as caught:
            load(IMAGE, {"prot": "x"})
        assert "port" in (caught.value.hint or "")

    def test_files(self, tmp_path: Path) -> None:
        file = tmp_path / "port.json"
        file.write_text(json.dumps([release("7.2.9")]), encoding="utf-8")
        assert texts(load(IMAGE, {"port": str(file)}).port) == ["7.2.9"]

    def test_offline_says_what_to_do(self) -> None:
        with pytest.raises(OutsideError) as caught:
            _ = load(IMAGE).port
        assert caught.value.exit_code == 3 and "--source port=FILE" in (caught.value.hint or "")

    @pytest.mark.parametrize("name", ["missing.json", ""])
    def test_a_file_that_is_none(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(BadInput):
            _ = load(IMAGE, {"port": str(tmp_path / name)}).port

    def test_pins_without_a_tree_are_said(self) -> None:
        releases: Releases = load(IMAGE)
        assert releases.pins is None and "official-images" in releases.unread[0]

    def test_pins_of_a_directory(self, tmp_path: Path) -> None:
        place = tmp_path / "mcr.microsoft.com" / "windows"
        place.mkdir(parents=True)
        (place / "servercore___ltsc2025").write_bytes(b"")
        pins = load(IMAGE, {"pins": str(tmp_path)}).pins
        assert pins is not None and pins[0].reference == "mcr.microsoft.com/windows/servercore:ltsc2025"

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ('[port]\nkind = "gitlab"\n', "port.kind"),
            ('[port]\nkind = "github-releases"\nrepository = "x"\n', "port.repository"),
            ('[port]\nkind = "github-releases"\nrepository = "x/y"\nbranch = "z"\n', "port.branch"),
            ('[hashes]\nkind = "hashes"\nurl = "http://x"\n', "hashes.url"),
        ],
    )
    def test_sources_that_are_wrong(self, text: str, key: str) -> None:
        with pytest.raises(BadInput) as caught:
            read_sources(text.encode(), "sources.toml")
        assert key in caught.value.message and caught.value.file == "sources.toml"


def test_a_version_that_is_not_there_names_its_neighbours() -> None:
    with pytest.raises(BadInput) as caught:
        catalogue(release("7.2.9"), release("7.2.8"), release("6.2.1")).find("7.2.5")
    assert caught.value.hint == "it has 7.2.9, 7.2.8"


def test_health() -> None:
    found = catalogue(
        release("7.2.9", published="2026-10-01T00:00:00Z"),
        release("7.0.1.2", published="2025-11-30T00:00:00Z"),
        release("7.0.1", published="2025-10-01T00:00:00Z"),
    )
    figures = health(PORT, found, [("7.2", "7.2.12"), ("7.0", "7.0.1"), ("6.2", "6.2.1")], date(2026, 11, 24))
    assert figures.last_year == 2 and figures.latest == date(2026, 10, 1)
    assert figures.lags == {"7.2": ("7.2.9", "7.2.12")}
    assert sentences(PORT, figures) == (
        "redis-windows/redis-windows made 2 releases in the last year, the last on 2026-10-01.",
        "In 7.2 it has 7.2.9, where Linux has 7.2.12.",
    )
    dead = next(port for port in IMAGE.ports if not port.alive)
    assert "has ended (3.2.100, 2016-07-01)" in sentences(dead, figures)[0]


@given(st.lists(st.sampled_from(["8.8.0", "8.10.1", "8.10-rc1", "8.6.1.1", "8.6.1", "3.2.100"]), unique=True))
def test_catalogues_are_sorted_whatever_the_order(versions: list[str]) -> None:
    found = catalogue(*(release(v) for v in versions))
    assert texts(found) == [v.text for v in sorted(map(Version.parse, versions), reverse=True)]
