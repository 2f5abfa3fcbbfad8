from __future__ import annotations

import pytest

from contrib.facts.kinds import FailsLoudly
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, the, value

PLAIN = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell"]\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (ALPINE + "RUN set -eux; a; b\n", "set -e"),
        (ALPINE + "RUN set -o errexit; a; b\n", "set -e"),
        (ALPINE + 'SHELL ["/bin/ash", "-eo", "pipefail", "-c"]\nRUN a; b\n', "SHELL with -e"),
        (ALPINE + "RUN set -e; a; set +e; b\n", "not in RUN :2"),
        (ALPINE + "RUN a && b\n", "&&"),
        (ALPINE + "RUN a; b\n", "not in RUN :2"),
        (ALPINE + "RUN set -x; a; b\n", "not in RUN :2"),
        (ALPINE + "RUN a\n", "one command per RUN"),
        (SERVERCORE + "RUN a; b\n", "Stop in SHELL"),
        (PLAIN + "RUN $ErrorActionPreference = 'Stop'; a; b\n", "Stop in the RUN"),
        (PLAIN + "RUN $ErrorActionPreference = 'Stop'; a; b\nRUN c; d\n", "not in RUN :4"),
        (PLAIN + "RUN a; b\n", "not in RUN :3"),
        (PLAIN + "RUN a\n", "one command per RUN"),
        (NANOSERVER + "RUN a && b\n", "&&"),
        (NANOSERVER + "RUN a & b\n", "not in RUN :2"),
    ],
)
def test_how_failure_ends_the_build(text: str, shown: str | None) -> None:
    assert value(text, "build-fails-loudly") == shown


def test_stop_is_read_in_the_shell_that_is_in_force() -> None:
    text = SERVERCORE + 'SHELL ["powershell", "-Command"]\nRUN a; b\n'
    assert the(text, FailsLoudly).unguarded == (4,)


def test_powershell_started_by_cmd_sets_its_own() -> None:
    text = NANOSERVER + "RUN powershell -Command \"$ErrorActionPreference = 'Stop'; a; b\"\n"
    assert value(text, "build-fails-loudly") == "Stop in the RUN"
