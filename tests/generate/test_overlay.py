from __future__ import annotations

from pathlib import Path

import pytest

from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.generate.model import Overlay
from contrib.generate.overlay import decide, single, take, with_theirs
from contrib.images import load
from contrib.images.templates import Literals, Options, render
from contrib.releases import Checksum, Release, Version
from contrib.values.errors import BadInput
from contrib.values.guards import Guards

IMAGE = load("redis")
SHA = "0123456789abcdef" * 4
VISITOR = Path(__file__).parents[2] / "contrib" / "sandbox" / "visitor" / "Dockerfile"

OWN = """\
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV REDIS_VERSION=7.2.4
ENV LANG=C
ENV GREETING="hello world"
RUN Invoke-WebRequest -Uri {url} -OutFile r.zip; \\
    if ((Get-FileHash r.zip -Algorithm sha256).Hash -ne '{sha}') {{ exit 1 }}; \\
    Expand-Archive r.zip -DestinationPath {install}; \\
    Remove-Item r.zip
EXPOSE 6379 16379
WORKDIR C:\\\\data
CMD ["redis-server", "--maxmemory", "100mb", "--port", "6379"]
"""
LIVING = IMAGE.port.url("7.2.4")


def overlay_of(text: str, *, force: bool = False) -> Overlay:
    return take(IMAGE, extract(parse(text.encode(), "Dockerfile")), Guards(("ended-port",) if force else ()))


def own(url: str = LIVING, install: str = "C:\\Redis") -> str:
    return OWN.format(url=url, sha=SHA, install=install)


def verdict(overlay: Overlay, fact: str) -> str:
    return next(d.verdict for d in overlay.decisions if d.fact == fact)


class TestTake:
    def test_what_is_theirs_to_decide(self) -> None:
        taken = overlay_of(own())
        assert taken.port == IMAGE.port
        assert taken.version == "7.2.4" and taken.sha256 == SHA
        assert taken.options.install == "C:\\Redis"
        assert taken.options.exposed == ("6379/tcp", "16379/tcp")
        assert dict(taken.options.environment) == {"LANG": "C"}
        assert verdict(taken, "environment:LANG") == "kept"
        assert verdict(taken, "environment:GREETING") == "replaced"

    def test_settings(self) -> None:
        taken = overlay_of(own())
        assert taken.options.settings is not None
        assert [(s.name, s.value) for s in taken.options.settings if not s.was] == [("maxmemory", "100mb")]
        assert verdict(taken, "configuration:maxmemory") == "kept"
        assert verdict(taken, "configuration:port") == "kept"  # the built-in default

    @pytest.mark.parametrize(
        ("setting", "value"), [("dir", "C:/elsewhere"), ("daemonize", "yes"), ("logfile", "redis.log")]
    )
    def test_settings_that_are_not_theirs(self, setting: str, value: str) -> None:
        taken = overlay_of(own().replace('"--maxmemory", "100mb"', f'"--{setting}", "{value}"'))
        decision = next(d for d in taken.decisions if d.fact == f"configuration:{setting}")
        assert decision.verdict == "replaced" and decision.why == IMAGE.decided[setting]
        assert all(s.name != setting for s in taken.options.settings or ())

    @pytest.mark.parametrize(
        "install",
        ["'C:\\Program Files\\Redis'", "C:\\Windows\\Redis", "C:\\Users\\x", "C:\\data", "D:\\redis"],
    )
    def test_directories_that_cannot_be(self, install: str) -> None:
        assert overlay_of(own(install=install)).options.install is None

    def test_the_ports_other_build(self) -> None:
        taken = overlay_of(own(LIVING.replace("msys2", "cygwin")))
        assert taken.port.name == "redis-windows-cygwin" and taken.version == "7.2.4"

    def test_a_build_with_a_service_is_not_taken(self) -> None:
        taken = overlay_of(own(LIVING.replace("msys2.zip", "msys2-with-Service.zip")))
        decision = next(d for d in taken.decisions if d.fact == "download")
        assert (decision.verdict, decision.rule) == ("replaced", "windows-service")
        assert taken.port == IMAGE.port

    def test_a_source_that_has_ended(self) -> None:
        text = VISITOR.read_text(encoding="utf-8")
        taken = overlay_of(text)
        assert taken.port == IMAGE.port and taken.version is None
        assert "has ended (3.2.100, 2016-07-01)" in taken.notes[0] and "--allow ended-port" in taken.notes[0]
        assert verdict(taken, "download") == verdict(taken, "version") == "replaced"

    def test_a_source_that_has_ended_and_is_insisted_on(self) -> None:
        taken = overlay_of(VISITOR.read_text(encoding="utf-8"), force=True)
        assert not taken.port.alive and taken.version == "3.2.100" and verdict(taken, "download") == "kept"
        (release,) = single(taken).releases
        assert release.url == taken.port.url("3.2.100") and release.absent == ("your Dockerfile",)

    def test_a_source_of_their_own(self) -> None:
        taken = overlay_of(own("https://github.com/me/redis-win/releases/download/v7.2.4/redis-7.2.4.zip"))
        assert (taken.port.repository, taken.port.tag, taken.port.asset) == (
            "me/redis-win",
            "v{version}",
            "redis-{version}.zip",
        )
        (release,) = single(taken).releases
        assert release.version == Version.parse("7.2.4")
        assert [c.digest for c in release.checksums] == [SHA]
        assert any("me/redis-win" in note for note in taken.notes)

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.org/redis-7.2.4.zip",
            "https://github.com/me/redis/releases/download/v7.2.4/redis-7.2.4.msi",
            "https://github.com/me/redis/releases/download/latest/redis.zip",
        ],
    )
    def test_a_source_that_cannot_be_taken(self, url: str) -> None:
        taken = overlay_of(own(url))
        assert taken.port == IMAGE.port and taken.version is None and verdict(taken, "download") == "replaced"

    def test_a_linux_file(self) -> None:
        with pytest.raises(BadInput, match="Linux image") as caught:
            overlay_of('FROM alpine:3.20\nCMD ["redis-server"]\n')
        assert caught.value.file == "Dockerfile"

    def test_a_file_that_downloads_nothing(self) -> None:
        taken = overlay_of('FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCMD ["redis-server"]\n')
        assert taken.port == IMAGE.port and taken.version is None and "downloads nothing" in taken.notes[0]


def test_their_digest_stands_beside_the_others() -> None:
    taken = overlay_of(own())
    release = Release(
        Version.parse("7.2.4"), LIVING, "x.zip", None, False, (Checksum("asset digest", "sha256", "a" * 64),)
    )
    both = with_theirs(release, taken)
    assert [c.source for c in both.checksums] == ["asset digest", "your Dockerfile"]
    other = Release(Version.parse("7.2.5"), LIVING, "x.zip", None, False)
    assert with_theirs(other, taken) == other


class TestDecide:
    def decisions(self, text: str) -> dict[str, tuple[str, str]]:
        sheet = extract(parse(text.encode(), "Dockerfile"))
        taken = take(IMAGE, sheet, Guards())
        variant = IMAGE.variants[0]
        ours = render(IMAGE, variant, Literals("7.2.4", LIVING, SHA).values(variant), taken.options)
        found = decide(IMAGE, taken, sheet, extract(parse(ours.encode(), "ours")))
        assert all(d.why and d.theirs and d.ours for d in found)
        return {d.fact: (d.verdict, d.rule) for d in found}

    def test_no_reason_argues_for_what_is_left_out(self) -> None:
        """A nanoserver file of theirs: what its servercore image decides has that reason, and nothing is X -> X."""
        theirs = (
            'FROM mcr.microsoft.com/windows/servercore:1809 AS d\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
            f"RUN Invoke-WebRequest {LIVING} -OutFile r.zip; Expand-Archive r.zip -DestinationPath C:\\redis\n"
            "FROM mcr.microsoft.com/windows/nanoserver:1809\nCOPY --from=d C:\\\\redis C:\\\\redis\n"
            'CMD ["C:\\\\redis\\\\redis-server.exe", "--protected-mode", "no"]\n'
        )
        sheet = extract(parse(theirs.encode(), "Dockerfile"))
        taken = take(IMAGE, sheet, Guards())
        variant = next(each for each in IMAGE.variants if each.kind == "nanoserver")
        text = render(IMAGE, variant, Literals("7.2.4", LIVING, SHA).values(variant), taken.options)
        found = {d.fact: d for d in decide(IMAGE, taken, sheet, extract(parse(text.encode(), "ours")))}
        replaced = [d for d in found.values() if d.verdict == "replaced"]
        assert replaced and all(d.theirs.lower() != d.ours.lower() for d in replaced)
        assert "nanoserver copies from" in found["download-scheme"].why and not found["download-scheme"].rule
        assert "no PowerShell" in found["source-or-binary"].why
        assert "configuration file" not in found["command"].why or IMAGE.configured in found["command"].ours
        assert found["user"].verdict == "kept"

    def test_of_the_demos_visitor(self) -> None:
        found = self.decisions(VISITOR.read_text(encoding="utf-8"))
        assert found["base"] == ("replaced", "retired-base-repository")
        assert found["install-location"] == ("replaced", "install-path-with-spaces")
        assert found["on-path"] == ("replaced", "setx-without-machine")
        assert found["download-verified"] == ("replaced", "unverified-download")
        assert found["foreground"] == ("replaced", "keep-alive-loop")
        assert found["command"] == ("replaced", "shell-form-cmd")
        assert found["volumes"] == ("replaced", "data-volume")
        assert found["version-declared"] == ("replaced", "hard-coded-version")
        assert found["ports"][0] == "kept" and found["configuration:protected-mode"][0] == "kept"

    def test_of_what_we_generate_ourselves_all_is_kept(self) -> None:
        variant = IMAGE.variants[0]
        text = render(IMAGE, variant, Literals("7.2.4", LIVING, SHA).values(variant), Options())
        found = self.decisions(text)
        assert {fact for fact, (verdict_, _) in found.items() if verdict_ == "replaced"} == set()

    def test_rules_that_are_named_exist(self) -> None:
        from contrib.generate.overlay import REPLACED
        from contrib.rules import REGISTRY

        known = set(REGISTRY)
        assert {rule for rule, _ in REPLACED.values() if rule} <= known
