from __future__ import annotations

import doctest

import pytest

from contrib.facts.extractors import configuration
from contrib.facts.kinds import Configuration, Survives
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet, the, value

CMD = 'CMD ["app", "C:\\\\app\\\\app.docker.conf"]\n'


def settings(text: str, copied: dict[str, str] | None = None) -> dict[str, str]:
    """Setting to value."""
    return {f.name.partition(":")[2]: f.value for f in sheet(text, copied).all("configuration")}


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(configuration).failed == 0


@pytest.mark.parametrize(
    "run",
    [
        "(Get-Content C:\\app\\app.conf) -replace '^(bind)\\s+.*$', '$1 0.0.0.0' -replace '^(guard)\\s+.*$', '$1 no' | Set-Content C:\\app\\app.docker.conf",
        "Get-Content C:\\app\\app.conf | ForEach-Object { $_ -replace '^bind .*', 'bind 0.0.0.0' -replace '^guard yes', 'guard no' } | Set-Content C:\\app\\app.docker.conf",
        "gc C:\\app\\app.conf | % { $_ -replace '^bind .*', 'bind 0.0.0.0' } | % { $_ -replace '^guard yes', 'guard no' } | Out-File C:\\app\\app.docker.conf",
        "$c = Get-Content C:\\app\\app.conf; $c = $c -replace '^bind .*', 'bind 0.0.0.0'; $c = $c -replace 'guard yes', 'guard no'; Set-Content C:\\app\\app.docker.conf $c",
        "$c = (Get-Content C:\\app\\app.conf).Replace('bind 127.0.0.1', 'bind 0.0.0.0').Replace('guard yes', 'guard no'); $c | Set-Content -Path C:\\app\\app.docker.conf",
        "Get-Content C:\\app\\app.conf | Where-Object { $_ -notmatch '^bind ' } | Where { $_ -notmatch 'guard yes' } | Set-Content C:\\app\\app.docker.conf; "
        "Add-Content C:\\app\\app.docker.conf 'bind 0.0.0.0'; Add-Content C:\\app\\app.docker.conf 'guard no'",
        "Add-Content -Path C:\\app\\app.docker.conf -Value @('bind 0.0.0.0', 'guard no')",
        "'bind 0.0.0.0' | Add-Content C:\\app\\app.docker.conf; Add-Content C:\\app\\app.docker.conf 'guard no'",
        "Write-Output 'bind 0.0.0.0' >> C:\\app\\app.docker.conf; Write-Output 'guard no' >> C:\\app\\app.docker.conf",
    ],
)
def test_powershell_edits(run: str) -> None:
    text = SERVERCORE + f"RUN {run}\n" + CMD
    assert settings(text) == {"bind": "0.0.0.0", "guard": "no"}
    survives = the(text, Survives)
    assert survives.value == "no: only in app.docker.conf"
    assert survives.command == ("app", "C:\\app\\app.docker.conf")


def test_the_last_value_counts_and_a_line_taken_out_later_does_not_undo_it() -> None:
    add = "Add-Content C:\\a.conf '{}'"
    run = "; ".join([add.format("bind 1.1.1.1"), add.format("bind 2.2.2.2")])
    drop = "Get-Content C:\\a.conf | Where-Object { $_ -notmatch '^bind 1' } | Set-Content C:\\b.conf"
    assert settings(SERVERCORE + f"RUN {run}\n") == {"bind": "2.2.2.2"}
    assert settings(SERVERCORE + f"RUN {run}; {drop}\n") == {"bind": "2.2.2.2"}


def test_cmd_edits() -> None:
    text = (
        NANOSERVER
        + "RUN echo bind 0.0.0.0>> C:\\app\\app.docker.conf && echo guard no>> C:\\app\\app.docker.conf\n"
        + CMD
    )
    assert settings(text) == {"bind": "0.0.0.0", "guard": "no"}


@pytest.mark.parametrize(
    ("run", "changed"),
    [
        (
            "sed -ri 's!^(#define CONFIG_DEFAULT_GUARD) 1$!\\1 0!' /usr/src/app/server.h; make -C /usr/src/app",
            {"guard": "no"},
        ),
        (
            "sed -ri 's!^( *makeBoolConfig[(]\"guard\",.*, *)1( *,.*[)],)$!\\10\\2!' /usr/src/app/config.c; make -C /usr/src/app",
            {"guard": "no"},
        ),
        ("sed -i 's/^bind .*/bind 0.0.0.0/' /etc/app.conf", {"bind": "0.0.0.0"}),
        ("sed -i -e 's/^#* *guard = .*/guard = off/' /etc/app.conf", {"guard": "no"}),
        (
            "sed -i '/\"guard\"/s/, 1, NULL/, 0, NULL/' /usr/src/app/config.c; make -C /usr/src/app",
            {"guard": "no"},
        ),
        ("sed -i '/^bind /s/127.0.0.1/0.0.0.0/' /etc/app.conf", {"bind": "0.0.0.0"}),
        ("sed -i '/^bind /s/^/# /' /etc/app.conf", {"bind": "built-in default"}),
        ("sed -i '/^bind /d' /etc/app.conf", {"bind": "built-in default"}),
        ("sed -i 's/^bind 127.*/# &/' /etc/app.conf", {"bind": "built-in default"}),
        ("echo 'guard no' >> /etc/app.conf", {"guard": "no"}),
        ("printf 'a 1\\nb 2\\n' > /etc/app.conf", {"a": "1", "b": "2"}),
        ("echo 'guard no' | tee -a /etc/app.conf", {"guard": "no"}),
        ("echo 'deb http://x y' > /etc/apt/sources.list.d/x.list", {}),
        ("sed -ri 's!cd jemalloc && ./configure !&--x !' /usr/src/app/deps/Makefile; make", {}),
    ],
)
def test_posix_edits(run: str, changed: dict[str, str]) -> None:
    assert settings(ALPINE + f'RUN set -e; {run}\nCMD ["app"]\n') == changed


def test_a_default_that_is_compiled_in_survives() -> None:
    run = "sed -ri 's!^(#define CONFIG_DEFAULT_GUARD) 1$!\\1 0!' /usr/src/app/server.h; make -C /usr/src/app install"
    text = ALPINE + f'RUN set -e; {run}\nCMD ["app"]\n'
    assert value(text, "default-survives-arguments") == "yes: compiled in"


def test_flags_of_the_command() -> None:
    text = SERVERCORE + 'CMD ["app", "--guard", "no", "--all", "--port=80", "--config", "x.conf"]\n'
    assert settings(text) == {"guard": "no", "all": "yes", "port": "80"}
    assert value(text, "default-survives-arguments") == "no: flags of CMD"
    kept = SERVERCORE + 'ENTRYPOINT ["app", "--all"]\n'
    assert value(kept, "default-survives-arguments") != "no: flags of CMD"


def test_flags_that_the_entrypoint_adds() -> None:
    entry = '#!/bin/bash\nif [ "$1" = app ]; then\n\tset -- "$@" --bind_ip_all\nfi\nexec "$@"\n'
    text = ALPINE + 'COPY docker-entrypoint.sh /\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["app"]\n'
    assert settings(text, {"docker-entrypoint.sh": entry}) == {"bind_ip_all": "yes"}
    assert (
        value(text, "default-survives-arguments", {"docker-entrypoint.sh": entry})
        == "yes: added by the entrypoint"
    )


def test_a_file_that_is_read_anyway_survives() -> None:
    text = ALPINE + "RUN echo 'guard no' >> /etc/app.conf\nCMD [\"app\"]\n"
    assert value(text, "default-survives-arguments") == "yes: in a file that is read anyway"


def test_relative_and_posix_paths_name_the_same_file() -> None:
    edit = "RUN Add-Content C:\\app\\app.docker.conf 'guard no'\nWORKDIR C:\\\\data\n"
    for path in ("../app/app.docker.conf", "/cygdrive/c/app/app.docker.conf", "C:/app/app.docker.conf"):
        assert value(SERVERCORE + edit + f'CMD ["app", "{path}"]\n', "default-survives-arguments") == (
            "no: only in app.docker.conf"
        )


def test_a_change_that_is_looked_for_is_known_as_checked() -> None:
    run = (
        "(Get-Content C:\\a.conf) -replace 'guard yes', 'guard no' | Set-Content C:\\b.conf; "
        "if (-not (Select-String -Path C:\\b.conf -Pattern '^guard no$')) { throw 'x' }"
    )
    assert the(SERVERCORE + f"RUN {run}\n", Configuration).checked
    posix = "grep -q 'guard yes' /etc/a.conf; sed -i 's/guard yes/guard no/' /etc/a.conf"
    assert the(ALPINE + f"RUN set -e; {posix}\n", Configuration).checked


def test_a_configuration_file_of_the_build_context_that_the_command_names() -> None:
    conf = "# a comment\nguard no\nport 6000\n\n[section]\nname = x\n"
    text = SERVERCORE + 'WORKDIR C:\\\\app\nCOPY app.conf ./\nCMD ["app", "app.conf"]\n'
    assert settings(text, {"app.conf": conf}) == {"guard": "no", "port": "6000", "name": "x"}
    found = the(text, Survives, {"app.conf": conf})
    assert (found.settings, found.copied) == ((), ("guard", "port", "name"))
    assert settings(text) == {}
    assert settings(text.replace('"app.conf"]', '"other.conf"]'), {"app.conf": conf}) == {}
