"""The commands that stand before the real ones while upstream's scripts run over a copy (contrib.upstream.prove).

Called as ``prove_tools.py NAME ARGUMENT…`` in the name of ``wget``, ``curl``, ``git`` (ls-remote of an address),
``bashbrew`` or ``gawk`` (jq-template.awk). What the network would answer stands in the table that
CONTRIB_PROVE_TABLE names; what is not in it fails.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any


def main(name: str, arguments: list[str]) -> int:
    """Answer; the exit code."""
    table = json.loads(Path(os.environ["CONTRIB_PROVE_TABLE"]).read_text("utf-8"))
    if name in ("wget", "curl"):
        return _fetch(name, arguments, table)
    if name == "git":
        return _git(arguments, table)
    if name == "bashbrew":
        return _bashbrew(arguments, table)
    return _gawk(arguments)


def _fetch(name: str, arguments: list[str], table: dict[str, Any]) -> int:
    urls = [word for word in arguments if re.match(r"https?://", word)]
    output = "-" if name == "curl" else ""
    for place, word in enumerate(arguments):
        if word in ("-o", "-O", "--output", "--output-document") or re.fullmatch(r"-[A-Za-z]*[oO]", word):
            output = arguments[place + 1]
        elif name == "wget" and re.fullmatch(r"-[A-Za-z]*O-", word):
            output = "-"
        elif word.startswith(("--output-document=", "--output=")):
            output = word.partition("=")[2]
    for url in urls:
        for pattern, text in table["texts"]:
            if re.fullmatch(pattern, url):
                if output == "-":
                    sys.stdout.write(text)
                else:
                    Path(output or url.rpartition("/")[2]).write_text(text, "utf-8")
                break
        else:
            sys.stderr.write(f"{name}: nothing in prove.toml stands for {url}\n")
            return 4
    return 0


def _git(arguments: list[str], table: dict[str, Any]) -> int:
    words = [word for word in arguments if not word.startswith("-")]
    if words[:1] == ["ls-remote"] and len(words) > 1:
        if not re.match(r"https?://", words[1]):
            # A remote of the copy: the real git is the next one on PATH.
            path = os.environ["PATH"].partition(os.pathsep)[2]
            return subprocess.call(["git", *arguments], env={**os.environ, "PATH": path})
        for pattern, tags in table["tags"]:
            if re.fullmatch(pattern, words[1]):
                for number, tag in enumerate(tags):
                    ref = f"refs/tags/{tag}"
                    # as git: a pattern is matched against the end of the ref, from a slash on
                    if not words[2:] or any(
                        fnmatch.fnmatchcase(f"/{ref}", f"*/{each}") for each in words[2:]
                    ):
                        sys.stdout.write(f"{number:040x}\t{ref}\n")
                return 0
    sys.stderr.write(f"git: nothing in prove.toml stands for {' '.join(words)}\n")
    return 128


def _bashbrew(arguments: list[str], table: dict[str, Any]) -> int:
    from contrib.library import parse

    if arguments[:2] != ["cat", "--format"] or len(arguments) < 4:
        sys.stderr.write(f"bashbrew: only cat --format FORMAT REFERENCE… is answered here, not {arguments}\n")
        return 1
    for reference in arguments[3:]:
        repository, _, tag = reference.rpartition("/")[2].partition(":")
        path = Path(table["library"]) / repository
        found = parse(path.read_bytes(), repository).find(tag or "latest") if path.is_file() else ()
        if not found:
            sys.stderr.write(f"bashbrew: there is no {reference}\n")
            return 1
        for entry in found:
            if ".TagEntry.Architectures" in arguments[2]:
                sys.stdout.write(f'[{repository}:{tag or "latest"}]="{" ".join(entry.architectures)}"\n')
            else:
                sys.stdout.write("\n".join(entry.tags) + "\n")
    return 0


def _gawk(arguments: list[str]) -> int:
    """``gawk -f …/jq-template.awk FILE``: rendered by contrib, everything exported being the environment."""
    if len(arguments) != 3 or arguments[0] != "-f" or not arguments[1].endswith("jq-template.awk"):
        sys.stderr.write("gawk: not installed; only jq-template.awk is answered here\n")
        return 127
    from contrib.clients.libjq import Worker
    from contrib.upstream.jqtemplate import checked_json, compile_template, render
    from contrib.values.errors import ContribError

    path = Path(arguments[2])
    try:
        program = compile_template(path.read_bytes(), str(path), lambda name: _module(path.parent / name))
        text, _ = checked_json(Path("versions.json").read_bytes(), "versions.json")
        with Worker() as worker:
            sys.stdout.buffer.write(render(program, text, [dict(os.environ)], worker)[0])
    except ContribError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _module(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
