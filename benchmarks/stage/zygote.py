"""Whole processes of contrib without the time of importing it: one process imports, and forks for each command.

Reads one JSON object per line, ``{"argv": […], "environment": {…}, "out": FILE, "err": FILE}``; answers with the process
id when it has started and with its exit code when it has ended, one line each. POSIX only.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from typing import Any


def main() -> None:
    """Serve until stdin ends."""
    from contrib.cli.main import run

    for name in sys.argv[1:]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(asked, run)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _child(asked: dict[str, Any], run: Any) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, name in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
        opened = os.open(name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
    code = 70
    try:
        code = run(asked["argv"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        if asked.get("modules"):
            with open(asked["modules"], "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(" ".join(name for name in sys.modules if not name.startswith("_")))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
