from __future__ import annotations

import pytest

from contrib.facts.kinds import Command, Entrypoint
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, the, value

ENTRY = """#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
	set -- app-server "$@"
fi
exec "$@"
"""
START = 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app-server"]\n'


def test_exec_form_is_the_main_process() -> None:
    found = the(SERVERCORE + 'CMD ["App-Server.EXE", "x.conf"]\n', Command)
    assert (found.program, found.arguments) == ("app-server", ("x.conf",))
    assert value(SERVERCORE + 'CMD ["App-Server.EXE", "x.conf"]\n', "foreground") == "app-server"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SERVERCORE + "CMD app.exe x ; while ($true) { Start-Sleep 3600 }\n", "no: an endless loop"),
        (SERVERCORE + "CMD app.exe; Start-Sleep 9999\n", "no: Start-Sleep keeps it alive"),
        (SERVERCORE + "CMD Start-Service app; Get-Content C:\\log -Wait\n", "no: starts a service"),
        (SERVERCORE + "CMD app.exe --x\n", "no: PowerShell is the main process"),
        (
            SERVERCORE + 'CMD ["powershell", "-Command", "app; while (1) { sleep 1 }"]\n',
            "no: an endless loop",
        ),
        (NANOSERVER + "CMD app.exe\n", "no: cmd is the main process"),
        (NANOSERVER + "CMD app.exe & ping -t localhost\n", "no: ping -t keeps it alive"),
        (NANOSERVER + "CMD for /L %i in (0,0,1) do timeout 60\n", "no: timeout keeps it alive"),
        (
            SERVERCORE + 'ENTRYPOINT ["C:\\\\start.cmd"]\nCMD ["app"]\n',
            "no: start.cmd stays the main process",
        ),
        (ALPINE + "CMD app --x\n", "no: sh is the main process"),
        (ALPINE + "CMD exec app --x\n", "app"),
        (ALPINE + "CMD tail -f /dev/null\n", "no: tail -f keeps it alive"),
        (ALPINE + 'CMD ["sh"]\n', "sh"),
    ],
)
def test_foreground(text: str, shown: str) -> None:
    assert value(text, "foreground") == shown


def test_the_last_command_counts_and_shell_forms_are_shown_as_written() -> None:
    text = SERVERCORE + 'CMD ["a"]\nCMD .\\\\app.exe .\\\\x.conf --port 80\n'
    found = the(text, Command)
    assert found.form == "shell"
    assert found.program == "app"
    assert found.arguments[1:] == ("--port", "80")


def test_entrypoint_and_command_together() -> None:
    text = NANOSERVER + 'ENTRYPOINT ["C:\\\\app.exe"]\nCMD ["--config", "app.conf"]\n'
    assert value(text, "entrypoint") == '["C:\\\\app.exe"]'
    assert the(text, Command).program == "app"
    assert value(text, "arguments-as-program") == "everything goes to app"


def test_an_entry_script_that_prefixes_the_program() -> None:
    copied = {"entry.sh": ENTRY}
    assert value(ALPINE + START, "arguments-as-program", copied) == "flags and *.conf start app-server"
    assert the(ALPINE + START, Entrypoint, copied).script
    assert value(ALPINE + START, "foreground", copied) == "app-server"
    without = {"entry.sh": ENTRY.replace("exec ", "")}
    assert value(ALPINE + START, "foreground", without) == "no: entry.sh stays the main process"


def test_without_the_script_nothing_is_claimed_of_it() -> None:
    assert value(ALPINE + START, "arguments-as-program") is None


def test_an_entry_script_that_goes_by_another_name_in_the_image() -> None:
    text = ALPINE + 'COPY --chmod=755 start.sh /__entry.sh\nENTRYPOINT ["/__entry.sh"]\nCMD ["app-server"]\n'
    assert value(text, "arguments-as-program", {"start.sh": ENTRY}) == "flags and *.conf start app-server"
