"""What keeps a container alive in the program's stead, and what is started apart from the main process."""

from __future__ import annotations

import pytest

from contrib.build import effects, read
from contrib.build.staying import apart, stays
from contrib.dockerfile import parse
from contrib.shells import model as shell

BASE = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
PS = BASE + 'SHELL ["powershell", "-Command"]\n'


def scripts(text: str) -> tuple[str | None, str | None]:
    build = read(parse(text.encode()))
    instruction = build.last("CMD") or build.last("ENTRYPOINT")
    assert instruction is not None
    script = build.script(instruction)
    if script is None:
        return None, None
    stay, beside = stays(build, script), apart(build, script)
    return (stay.kind if stay is not None else None), (beside.what if beside is not None else None)


@pytest.mark.parametrize(
    ("text", "kind", "beside"),
    [
        (BASE + 'CMD ["app.exe"]', None, None),
        (PS + "CMD app.exe; while ($true) { Start-Sleep 60 }", "loop", None),
        (PS + "CMD while (1) { app.exe }", "loop", None),
        (PS + "CMD for (;;) { sleep 1 }", "loop", None),
        (PS + "CMD app.exe; Start-Sleep -Seconds 86400", "wait", None),
        (PS + "CMD Start-Sleep 5; app.exe", None, None),
        (PS + "CMD Start-Process app.exe; Wait-Event", "wait", "Start-Process"),
        (PS + "CMD Start-Process app.exe -NoNewWindow -Wait", None, None),
        (PS + "CMD Start-Process app.exe; do { sleep 1 } while (Get-Process app)", None, "Start-Process"),
        (PS + "CMD app.exe; Get-Content app.log -Wait", "log", None),
        (PS + "CMD Start-Service app; Wait-Event", "service", "Start-Service"),
        (PS + "CMD net start app; app.exe", "service", "net"),
        (BASE + "CMD app.exe & ping -t localhost", "wait", None),
        (BASE + "CMD ping -n 3 localhost && app.exe", None, None),
        (BASE + "CMD start app.exe && timeout /t -1", "wait", "start"),
        (BASE + "CMD start /b app.exe && timeout /t 5 && other.exe", None, None),
        (BASE + 'CMD ["cmd", "/k", "app.exe"]', "open", None),
        (BASE + 'CMD ["powershell", "-NoExit", "-Command", "app.exe"]', "open", None),
        (BASE + 'CMD ["powershell", "-Command", "app.exe; pause"]', "wait", None),
        (BASE + 'ENTRYPOINT ["C:\\\\ServiceMonitor.exe", "w3svc"]', "wait", None),
    ],
)
def test_what_outlives_the_program(text: str, kind: str | None, beside: str | None) -> None:
    assert scripts(text + "\n") == (kind, beside)


@pytest.mark.parametrize(
    ("body", "asks", "state"),
    [
        ("app --version", True, False),
        ("& $exe -v", True, False),
        ("C:\\app\\app.exe /?", True, False),
        ("Get-Command app -Version", False, False),
        ("app run", False, False),
        ("cd C:\\app", False, True),
        ("Set-Alias a b", False, True),
        ("Set-ExecutionPolicy Bypass -Scope Process", False, True),
        ("Set-ExecutionPolicy Bypass -Scope LocalMachine", False, False),
        ("Remove-Item a", False, False),
    ],
)
def test_commands_without_an_action(body: str, asks: bool, state: bool) -> None:
    build = read(parse(f"{PS}RUN {body}\n".encode()))
    (script,) = (each for each in build.scripts.values() if each is not None)
    (command,) = shell.commands(script.nodes)
    assert effects.asks_for_version(build, command) is asks
    assert effects.changes_only_the_shell(command) is state
