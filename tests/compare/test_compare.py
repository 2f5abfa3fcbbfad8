"""Verdicts and reasons, fact by fact, on small pairs of files."""

from __future__ import annotations

import doctest

import pytest

from contrib.compare import ParityRow, compare
from contrib.compare.rows import base
from contrib.images import load
from contrib.values.findings import Verdict
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, SHA1, SHA256, sheet

GET = "Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile app.zip"
CHECK = f"if ((Get-FileHash app.zip).Hash -ne '{SHA256}') {{ exit 1 }}"
UNPACK = "Expand-Archive app.zip -DestinationPath C:\\app"
LINUX_GET = "wget -O a.tgz https://example.org/app-1.2.3.tgz"
LINUX_CHECK = f"echo '{SHA256} a.tgz' | sha256sum -c"


def row(windows: str, linux: str, fact: str, image: str | None = None) -> ParityRow | None:
    """The row of that fact."""
    found = compare(sheet(windows), sheet(linux), load(image) if image else None)
    return next((each for each in found if each.fact == fact), None)


def verdict(windows: str, linux: str, fact: str, image: str | None = None) -> tuple[str, str] | None:
    """Verdict and reason."""
    found = row(windows, linux, fact, image)
    return None if found is None else (found.verdict.value, found.why)


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(base).failed == 0


@pytest.mark.parametrize(
    ("base", "expected", "words"),
    [
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "justified", "Windows base"),
        ("golang:1.26-windowsservercore-ltsc2025", "justified", "Windows base"),
        ("microsoft/windowsservercore", "different", "given up"),
        ("mcr.microsoft.com/windows/servercore:latest", "different", "moves"),
        ("mcr.microsoft.com/windows/servercore", "different", "moves"),
        ("mcr.microsoft.com/windows/servercore:1809", "different", "not among them"),
        ("someone/windows:ltsc2022-windowsservercore-ltsc2022", "different", "not a base"),
    ],
)
def test_base(base: str, expected: str, words: str) -> None:
    found = verdict(f"FROM {base}\n", ALPINE, "base")
    assert found is not None and found[0] == expected and words in found[1]


def test_base_pinned() -> None:
    assert verdict("FROM microsoft/nanoserver\n", ALPINE, "base-pinned") == (
        "missing",
        "the tag names no Windows release",
    )


@pytest.mark.parametrize(
    ("windows", "linux", "words"),
    [
        ("7.2.3", "7.2.5", "2 patch releases behind Linux"),
        ("7.2.5", "7.4.0", "2 minor releases behind Linux"),
        ("7.2.5", "8.0.0", "1 major release behind Linux"),
        ("3.2.100", "3.2.6", "a higher number than Linux has"),
        ("7.2", "7.2.0", "the same numbers"),
        ("7.2.6", "7.2.5", "1 patch release ahead of Linux"),
        ("jdk-17.0.18+8", "jdk-17.0.19+10", "1 patch release behind Linux"),
    ],
)
def test_version_says_how_far(windows: str, linux: str, words: str) -> None:
    found = verdict(SERVERCORE + f"ENV A_VERSION {windows}\n", ALPINE + f"ENV A_VERSION {linux}\n", "version")
    assert found is not None and found[0] == "different" and words in found[1]


def test_version_that_the_own_download_does_not_carry() -> None:
    text = SERVERCORE + f"ENV APP_VERSION 9.0.0\nRUN {GET}\n"
    found = verdict(text, ALPINE + "ENV APP_VERSION 9.0.0\n", "version")
    assert found == ("different", "APP_VERSION says 9.0.0, the file that is fetched is 1.2.3")


def test_version_declared() -> None:
    linux = ALPINE + f"ENV APP_VERSION 1.2.3\nRUN {LINUX_GET}\n"
    found = row(SERVERCORE + f"RUN {GET}\n", linux, "version-declared")
    assert found is not None and found.verdict is Verdict.MISSING
    assert found.hint == "ENV APP_VERSION=1.2.3"
    assert verdict(SERVERCORE + f"ENV APP_VERSION 1.2.3\nRUN {GET}\n", linux, "version-declared") == (
        "same",
        "",
    )
    other = verdict(SERVERCORE + f"ENV APP_VER_VERSION 1.2.3\nRUN {GET}\n", linux, "version-declared")
    assert other is not None and other[0] == "different"


def test_download_of_the_same_site_and_of_another() -> None:
    linux = ALPINE + f"RUN {LINUX_GET}\n"
    assert verdict(SERVERCORE + f"RUN {GET}\n", linux, "download") == (
        "justified",
        "the file for Windows, from example.org like Linux’s",
    )
    found = verdict(SERVERCORE + f"RUN {GET.replace('example.org', 'other.example')}\n", linux, "download")
    assert found is not None and found[0] == "different" and "other.example" in found[1]


def test_download_that_the_image_names() -> None:
    linux = ALPINE + "RUN wget -O r.tgz https://download.redis.io/releases/redis-7.2.5.tar.gz\n"
    port = "RUN Invoke-WebRequest https://github.com/{}/releases/download/{}/R.zip -OutFile r.zip\n"
    alive = verdict(
        SERVERCORE + port.format("redis-windows/redis-windows", "7.2.5"), linux, "download", "redis"
    )
    assert alive is not None and alive[0] == "justified" and "redis-windows" in alive[1]
    ended = verdict(SERVERCORE + port.format("MSOpenTech/redis", "win-3.2.100"), linux, "download", "redis")
    assert ended is not None and ended[0] == "justified" and "has ended" in ended[1]


def test_helpers() -> None:
    linux = ALPINE + f"RUN set -e; wget -O /usr/local/bin/gosu https://x.org/1.17/gosu-amd64; {LINUX_GET}\n"
    git = "Invoke-WebRequest https://x.org/MinGit-2.48.1-64-bit.zip -OutFile git.zip"
    windows = SERVERCORE + f"RUN {git}; {GET}\n"
    assert verdict(windows, linux, "download:gosu") == (
        "justified",
        "steps down from root; Windows has no setuid",
    )
    assert verdict(windows, linux, "download:mingit") == (
        "justified",
        "Windows bases have no git, and no package manager to get one",
    )


@pytest.mark.parametrize(
    ("windows", "linux", "expected"),
    [
        ("http", "http", "same"),
        ("https", "http", "same"),
        ("https", "https", "same"),
        ("http", "https", "different"),
    ],
)
def test_only_a_weaker_scheme_is_different(windows: str, linux: str, expected: str) -> None:
    found = verdict(
        SERVERCORE + f"RUN {GET.replace('https', windows)}\n",
        ALPINE + f"RUN {LINUX_GET.replace('https', linux)}\n",
        "download-scheme",
    )
    assert found is not None and found[0] == expected


@pytest.mark.parametrize(
    ("windows", "linux", "expected", "words"),
    [
        (f"{GET}; {UNPACK}", f"{LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz", "missing", "uses what it gets"),
        (f"{GET}; {CHECK}; {UNPACK}", f"{LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz", "same", ""),
        (
            f"{GET}; {UNPACK}; {CHECK}",
            f"{LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz",
            "different",
            "compared after the file is used",
        ),
        (
            f"{GET}; {CHECK.replace('exit 1', 'Write-Host bad')}; {UNPACK}",
            f"{LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz",
            "different",
            "a mismatch does not end the build",
        ),
        (
            f"{GET}; if ((Get-FileHash app.zip -Algorithm SHA1).Hash -ne '{SHA1}') {{ exit 1 }}; {UNPACK}",
            f"{LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz",
            "different",
            "sha1 is weaker",
        ),
        (
            f"{GET}; {CHECK}; {UNPACK}",
            f"{LINUX_GET}; echo '{SHA1} a.tgz' | sha1sum -c; tar xf a.tgz",
            "same",
            "stronger than Linux’s sha1",
        ),
        (f"{GET}; {CHECK}; {UNPACK}", f"{LINUX_GET}; tar xf a.tgz", "extra", "keep it"),
    ],
)
def test_verification(windows: str, linux: str, expected: str, words: str) -> None:
    found = verdict(SERVERCORE + f"RUN {windows}\n", ALPINE + f"RUN set -e; {linux}\n", "download-verified")
    assert found is not None and found[0] == expected and words in found[1]
    assert words or not found[1]


def test_a_digest_in_the_address_stands_for_a_check() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    windows = (
        SERVERCORE + f"RUN Invoke-WebRequest https://example.org/raw/{commit}/app.zip -OutFile app.zip\n"
    )
    found = verdict(windows, ALPINE + f"RUN set -e; {LINUX_GET}; {LINUX_CHECK}\n", "download-verified")
    assert found == ("justified", "the address itself fixes the content")


def test_a_nanoserver_image_copies_what_was_decided_elsewhere() -> None:
    windows = NANOSERVER + "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    linux = (
        ALPINE
        + f"RUN set -e; {LINUX_GET}; {LINUX_CHECK}; tar xf a.tgz; rm a.tgz; echo 'a 1' > /etc/app.conf\n"
    )
    for fact in ("download", "download-verified", "cleaned-up", "configuration:a"):
        found = verdict(windows, linux, fact)
        assert found is not None and found[0] == "justified" and "copied from" in found[1], fact


def test_location_and_path() -> None:
    linux = ALPINE + f'RUN {LINUX_GET} && tar xf a.tgz -C /usr/local/bin\nCMD ["app"]\n'
    bad = (
        SERVERCORE
        + f"RUN {GET}; Expand-Archive app.zip -Dest 'C:\\Program Files\\App'; setx /M PATH '%PATH%;C:\\x'\n"
    )
    found = verdict(bad, linux, "install-location")
    assert found is not None and found[0] == "justified" and "spaces" in found[1]
    path = verdict(bad, linux, "on-path")
    assert path is not None and path[0] == "missing" and "does not expand %PATH%" in path[1]
    user = SERVERCORE + f"RUN {GET}; {UNPACK}; setx PATH ('C:\\app;{{0}}' -f $env:PATH)\n"
    assert verdict(user, linux, "on-path") == ("missing", "set for the user that builds, not for the machine")
    none = SERVERCORE + f"RUN {GET}; {UNPACK}\n" + 'CMD ["C:\\\\app\\\\app.exe"]\n'
    assert verdict(none, linux, "on-path") == (
        "missing",
        "started by its full path, and not found by its name",
    )


def test_tools_by_name() -> None:
    linux = ALPINE + 'RUN set -e; make install; app-cli --version\nCMD ["app-server"]\n'
    windows = SERVERCORE + f'RUN {GET}; {UNPACK}; Remove-Item C:\\app\\app-cli.exe\nCMD ["app-server"]\n'
    assert verdict(windows, linux, "installed-tools:app-server") == ("same", "")
    assert verdict(windows, linux, "installed-tools:app-cli") == (
        "missing",
        "app-cli is removed in the build",
    )


def test_checks_by_program() -> None:
    linux = ALPINE + "RUN set -e; python3 --version; pip3 --version\n"
    assert verdict(SERVERCORE + "RUN python --version; pip --version\n", linux, "install-checked") == (
        "same",
        "",
    )
    assert verdict(SERVERCORE + "RUN python --version\n", linux, "install-checked") == (
        "different",
        "not run here: pip",
    )
    missing = verdict(SERVERCORE + "RUN Write-Host x\n", linux, "install-checked")
    assert missing is not None and missing[0] == "missing"


def test_clean_up_and_failing_loudly() -> None:
    linux = ALPINE + f"RUN set -e; {LINUX_GET}; tar xf a.tgz; rm a.tgz\n"
    left = SERVERCORE + f"RUN {GET}; {UNPACK}\n"
    assert verdict(left, linux, "cleaned-up") == ("missing", "what only the build needs stays in the image")
    quiet = left.replace("$ErrorActionPreference = 'Stop'; ", "")
    found = verdict(quiet, linux, "build-fails-loudly")
    assert found is not None and found[0] == "missing"
    assert verdict(left, linux, "build-fails-loudly") == ("same", "")


def test_user() -> None:
    linux = ALPINE + "USER app\n"
    assert verdict(SERVERCORE, linux, "user") == (
        "justified",
        "accepted servercore images run as the container’s administrator",
    )
    left = verdict(NANOSERVER + "USER ContainerAdministrator\n", linux, "user")
    assert left is not None and left[0] == "different"
    assert verdict(NANOSERVER, linux, "user") == ("justified", "nanoserver’s own user, without rights")


def test_environment_by_name_with_paths_mapped() -> None:
    linux = ALPINE + "ENV GOPATH /go\nENV LANG C.UTF-8\nENV MODE fast\nENV ONLY yes\n"
    windows = SERVERCORE + "ENV GOPATH C:\\\\go\nENV mode slow\nENV EXTRA 1\n"
    assert verdict(windows, linux, "environment:GOPATH") == ("same", "/go is C:\\go on Windows")
    assert verdict(windows, linux, "environment:LANG") == (
        "justified",
        "locales of the C library; Windows has its own",
    )
    assert verdict(windows, linux, "environment:MODE") == ("different", "slow here, fast on Linux")
    assert verdict(windows, linux, "environment:ONLY") == ("missing", "Linux sets ONLY=yes")
    assert verdict(windows, linux, "environment:EXTRA") == ("extra", "only Windows sets it")


def test_configuration_by_setting_whatever_the_means() -> None:
    compiled = "sed -ri 's!^(#define CONFIG_DEFAULT_GUARD) 1$!\\1 0!' /usr/src/app/server.h; make install"
    linux = ALPINE + f'RUN set -e; {compiled}\nCMD ["app"]\n'
    conf = (
        "RUN (Get-Content C:\\app\\a.conf) -replace '^guard .*', 'guard {}' | Set-Content C:\\app\\b.conf\n"
    )
    start = 'CMD ["app", "C:\\\\app\\\\b.conf"]\n'
    assert verdict(SERVERCORE + conf.format("no") + start, linux, "configuration:guard") == ("same", "")
    assert verdict(SERVERCORE + conf.format("maybe") + start, linux, "configuration:guard") == (
        "different",
        "maybe here, no on Linux",
    )
    assert verdict(SERVERCORE + start, linux, "configuration:guard") == ("missing", "Linux changes it to no")


def test_a_default_that_only_the_command_carries_is_never_justified() -> None:
    compiled = (
        "sed -ri 's!^(#define CONFIG_DEFAULT_PROTECTED_MODE) 1$!\\1 0!' /usr/src/app/server.h; make install"
    )
    linux = ALPINE + f'RUN set -e; {compiled}\nCMD ["redis-server"]\n'
    windows = SERVERCORE + (
        "RUN Add-Content C:\\redis\\d.conf 'protected-mode no'\nWORKDIR C:\\\\data\n"
        'CMD ["redis-server.exe", "../redis/d.conf"]\n'
    )
    for image in (None, "redis"):
        found = row(windows, linux, "default-survives-arguments", image)
        assert found is not None and found.verdict is Verdict.DIFFERENT
        assert found.why == "docker run IMAGE redis-server --flag runs without the changed protected-mode"
        assert found.hint == "docker run IMAGE redis-server ../redis/d.conf --flag"


def test_flags_in_the_command_that_linux_adds_in_its_entrypoint() -> None:
    entry = {"entry.sh": 'set -- "$@" --bind_ip_all\nexec "$@"\n'}
    linux = sheet(ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n', entry)
    windows = sheet(SERVERCORE + 'CMD ["app", "--bind_ip_all"]\n')
    found = {each.fact: each for each in compare(windows, linux)}
    assert found["configuration:bind_ip_all"].verdict is Verdict.SAME
    assert found["command"].verdict is Verdict.JUSTIFIED
    assert found["default-survives-arguments"].verdict is Verdict.DIFFERENT
    assert found["default-survives-arguments"].hint == "docker run IMAGE app --bind_ip_all --flag"


def test_ports_volumes_and_directories() -> None:
    linux = ALPINE + "EXPOSE 80 443\nVOLUME /data\nWORKDIR /data\n"
    assert verdict(SERVERCORE + "EXPOSE 80\n", linux, "ports") == ("missing", "Linux has 443/tcp")
    assert verdict(SERVERCORE + "EXPOSE 80 443 9\n", linux, "ports") == ("extra", "only here: 9/tcp")
    assert verdict(SERVERCORE + "EXPOSE 80 9\n", linux, "ports") == (
        "different",
        "only on Linux: 443/tcp; only here: 9/tcp",
    )
    found = row(SERVERCORE, linux, "volumes")
    assert found is not None and (found.verdict, found.hint) == (Verdict.MISSING, "VOLUME C:\\\\data")
    assert verdict(SERVERCORE + "VOLUME c:/data\n", linux, "volumes") == (
        "same",
        "/data is C:\\data on Windows",
    )
    assert verdict(SERVERCORE + "WORKDIR C:/data\n", linux, "workdir") == (
        "same",
        "/data is C:\\data on Windows",
    )
    other = verdict(SERVERCORE + "WORKDIR C:/x\n", linux, "workdir")
    assert other is not None and other[0] == "different"


def test_the_image_maps_paths() -> None:
    linux = ALPINE + "WORKDIR /usr/local/bin\n"
    assert verdict(SERVERCORE + "WORKDIR C:/redis\n", linux, "workdir", "redis") == (
        "same",
        "/usr/local/bin is C:\\redis on Windows",
    )


@pytest.mark.parametrize(
    ("windows", "linux", "expected", "words"),
    [
        ('["App.exe", "x"]', '["app", "x"]', "same", ""),
        ("app x", '["app", "x"]', "different", "shell form"),
        ('["other"]', '["app"]', "different", "starts other, Linux app"),
        ('["app", "-a"]', '["app", "-b"]', "different", "only here: -a; only on Linux: -b"),
        ('["app", "C:\\\\etc\\\\a.conf"]', '["app", "/etc/a.conf"]', "same", ""),
    ],
)
def test_command(windows: str, linux: str, expected: str, words: str) -> None:
    found = verdict(SERVERCORE + f"CMD {windows}\n", ALPINE + f"CMD {linux}\n", "command")
    assert found is not None and found[0] == expected and words in found[1]


def test_shells_are_each_bases_own() -> None:
    assert verdict(SERVERCORE, ALPINE + 'CMD ["sh"]\n', "command") == (
        "justified",
        "each starts the shell of its base",
    )
    assert verdict(SERVERCORE, ALPINE + 'CMD ["app"]\n', "command") == ("missing", 'Linux starts ["app"]')


def test_entrypoints() -> None:
    linux = ALPINE + 'COPY e.sh /\nENTRYPOINT ["/e.sh"]\nCMD ["app"]\n'
    assert row(SERVERCORE, linux, "entrypoint").verdict is Verdict.JUSTIFIED  # type: ignore[union-attr]
    assert row(SERVERCORE, linux, "copied-files:e.sh").verdict is Verdict.JUSTIFIED  # type: ignore[union-attr]
    script = SERVERCORE + 'ENTRYPOINT ["powershell", "C:\\\\e.ps1"]\n'
    assert row(script, ALPINE + 'CMD ["app"]\n', "entrypoint").verdict is Verdict.EXTRA  # type: ignore[union-attr]
    both = row(SERVERCORE + 'ENTRYPOINT ["C:\\\\app.exe"]\n', ALPINE + 'ENTRYPOINT ["/app"]\n', "entrypoint")
    assert both is not None and both.verdict is Verdict.SAME


def test_other_instructions() -> None:
    assert verdict(SERVERCORE + "HEALTHCHECK CMD x\n", ALPINE, "healthcheck") == (
        "different",
        "only Windows has one; official images have none",
    )
    assert verdict(SERVERCORE + "MAINTAINER x\n", ALPINE, "labels:MAINTAINER") == (
        "extra",
        "maintainers are named in the library file",
    )
    assert verdict(SERVERCORE + "LABEL a=b\n", ALPINE + "LABEL a=b c=d\n", "labels") == (
        "missing",
        "only on Linux: c",
    )
    assert verdict(SERVERCORE, ALPINE + "COPY app.conf /etc/\n", "copied-files:app.conf") == (
        "missing",
        "Linux copies this configuration",
    )
    assert verdict(SERVERCORE + "COPY app.exe C:/\n", ALPINE, "copied-files:app.exe") == (
        "extra",
        "a binary from the build context cannot be reviewed",
    )


def test_what_only_linux_can_have_is_listed_as_justified() -> None:
    linux = ALPINE + (
        "RUN addgroup -S a && adduser -S -G a a && apk add --no-cache tini tzdata musl-locales jq su-exec && umask 077 "
        "&& ln -s a /usr/bin/b\nSTOPSIGNAL SIGQUIT\n"
        'COPY e.sh /\nENTRYPOINT ["/e.sh"]\n'
    )
    found = {each.fact: each for each in compare(sheet(SERVERCORE), sheet(linux))}
    for fact in (
        "users-and-groups", "ownership", "timezone-data", "init", "locales", "runtime-packages", "program-links",
        "package-caches", "stop-signal", "step-down",
    ):  # fmt: skip
        assert found[fact].verdict is Verdict.JUSTIFIED, fact
        assert found[fact].why, fact


def test_every_row_but_the_same_has_a_reason() -> None:
    linux = (
        ALPINE
        + f'ENV APP_VERSION 1.2.3\nRUN set -e; {LINUX_GET}; {LINUX_CHECK}; make install\nVOLUME /d\nCMD ["app"]\n'
    )
    for windows in (SERVERCORE, NANOSERVER, SERVERCORE + f"RUN {GET}; {UNPACK}\nCMD app\nMAINTAINER x\n"):
        for each in compare(sheet(windows), sheet(linux)):
            assert each.verdict is Verdict.SAME or each.why, each.fact
            assert each.linux is not None or each.windows is not None, each.fact


def test_variables_that_name_where_each_side_installs() -> None:
    linux = (
        ALPINE
        + "RUN set -e; wget -O j.tgz https://x.org/java-26.0.2.tgz; tar -xf j.tgz -C /opt/java\nENV JAVA_HOME /opt/java\n"
    )
    windows = (
        SERVERCORE
        + "RUN Invoke-WebRequest https://x.org/java-26.0.2.zip -OutFile j.zip; Expand-Archive j.zip -Dest C:\\java-26\n{}"
    )
    assert verdict(windows.format("ENV JAVA_HOME C:\\\\java-26\n"), linux, "environment:JAVA_HOME") == (
        "same",
        "where the program is, on both sides",
    )
    found = row(windows.format(""), linux, "environment:JAVA_HOME")
    assert found is not None and found.hint == "ENV JAVA_HOME=C:\\\\java-26"


def test_of_a_copied_configuration_only_what_linux_changes_counts() -> None:
    compiled = "sed -ri 's!^(#define CONFIG_DEFAULT_GUARD) 1$!\\1 0!' /usr/src/app/server.h; make install"
    linux = sheet(ALPINE + f'RUN set -e; {compiled}\nCMD ["app"]\n')
    text = SERVERCORE + 'WORKDIR C:\\\\app\nCOPY app.conf ./\nCMD ["app", "app.conf"]\n'
    found = {each.fact: each for each in compare(sheet(text, {"app.conf": "guard no\nport 6000\n"}), linux)}
    assert found["configuration:guard"].verdict is Verdict.SAME
    assert "configuration:port" not in found
    assert (
        found["default-survives-arguments"].why
        == "docker run IMAGE app --flag runs without the changed guard"
    )
    found = {each.fact: each for each in compare(sheet(text, {"app.conf": "port 6000\n"}), linux)}
    assert found["configuration:guard"].verdict is Verdict.MISSING
    assert "default-survives-arguments" not in found


def test_tools_that_are_copied_one_by_one() -> None:
    linux = ALPINE + 'ENV REDIS_VERSION 7.2.5\nRUN set -e; make install\nCMD ["redis-server"]\n'
    start = 'CMD ["redis-server"]\n'
    copy = "COPY --from=redis:7.2.5-windowsservercore-ltsc2022 {} C:\\\\redis\\\\\n" + start
    some = NANOSERVER + copy.format("C:\\\\redis\\\\redis-server.exe C:\\\\redis\\\\redis-cli.exe")
    assert verdict(some, linux, "installed-tools:redis-cli", "redis") == ("same", "")  # the file names it
    missing = verdict(some, linux, "installed-tools:redis-benchmark", "redis")
    assert missing == (
        "missing",
        "redis-benchmark is not among what is copied from redis:7.2.5-windowsservercore-ltsc2022",
    )
    whole = NANOSERVER + copy.format("C:\\\\redis")
    assert verdict(whole, linux, "installed-tools:redis-benchmark", "redis") == (
        "same",
        "with all that is put in C:\\redis",
    )
