"""What an image starts: the program that is meant, and the shell around it."""

from __future__ import annotations

import pytest

from contrib.build import read
from contrib.build.start import start_of
from contrib.dockerfile import parse

SERVERCORE = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"


def started(text: str) -> tuple[str, tuple[str, ...], str]:
    found = start_of(read(parse((SERVERCORE + text + "\n").encode())))
    return found.program, found.arguments, found.around


@pytest.mark.parametrize(
    ("text", "program", "arguments", "around"),
    [
        (r'CMD ["cmd", "/c", "start /wait redis-server.exe --port 1"]', "redis-server", ("--port", "1"), "cmd"),
        (r'CMD ["cmd", "/c", "start", "/b", "redis-server.exe"]', "redis-server", (), "cmd"),
        (r'CMD start "a title" /d C:\redis /wait redis-server.exe', "redis-server", (), "cmd"),
        (r'CMD ["cmd", "/C", "cd C:\\redis && redis-server.exe"]', "redis-server", (), "cmd"),
        (r'ENTRYPOINT ["powershell", "-Command"]' + '\nCMD ["redis-server.exe"]', "redis-server", (), "powershell"),
        (r'CMD ["powershell", "-Command", "if ($true) { redis-server.exe }"]', "redis-server", (), "powershell"),
        # no JSON: Docker gives the text to the shell
        ("CMD ['redis-server.exe']", "redis-server", (), "cmd"),
        ('CMD ["redis-server.exe" "--port"]', "redis-server", ("--port",), "cmd"),
        ('CMD ["redis-server.exe", "--port", "1",]', "redis-server", ("--port", "1"), "cmd"),
        ("CMD [ redis-server.exe ]", "redis-server", (), "cmd"),
        ("CMD [ 'C:\\Program Files\\redis\\redis-server.exe', '-x' ]", "redis-server", ("-x",), "cmd"),
        ("CMD ['powershell', '-Command', 'redis-server']", "redis-server", (), "cmd"),
        ("SHELL [\"powershell\"]\nENTRYPOINT ['redis-server', '--port']", "redis-server", ("--port",), "powershell"),
    ],
)  # fmt: skip
def test_the_program_that_is_meant(text: str, program: str, arguments: tuple[str, ...], around: str) -> None:
    assert started(text) == (program, arguments, around)
