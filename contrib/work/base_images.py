"""Makes ``library_templates/bases/IMAGE.json``: what an official image's Windows variants hand on.

    python -m contrib.work.base_images IMAGE REPOSITORY > library_templates/bases/IMAGE.json

Every Windows Dockerfile at the repository's HEAD is read. Per kind (servercore, nanoserver) a setting that all
of them agree on is written down; one that differs from version to version is named under ``unknown``. A variable
that holds a version, an address or a digest is ``varying`` even where all files agree today. An image that
starts from another official image names it under ``base``. Files below a directory that is called after a kind of
image of its own (``builder``, ``jre``) have a table of their own, for the tags with that word.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contrib.clients.git import Repository
from contrib.dockerfile import parse
from contrib.dockerfile.expand import environments
from contrib.dockerfile.inherited import SETTINGS
from contrib.dockerfile.model import Dockerfile, Instruction, Stage

_KINDS = ("servercore", "nanoserver")
#: Words of tags and directories that name another image of the repository than the one without them.
_WORDS = ("builder", "jre")
#: Values that the next release changes.
_OF_A_RELEASE = re.compile(r"\d\.\d|[0-9a-fA-F]{32}|://")


def settings_of(dockerfile: Dockerfile) -> dict[str, Any]:
    """What the last stage sets, through the stages that it starts from; a key for each setting that is there.

    ``environment`` is a table of texts, None for a value that the file leaves open. ``shell_form`` lists
    ``entrypoint`` and ``command`` where a shell runs them.
    """
    reading = environments(dockerfile)
    chain: list[Stage] = []
    stage = dockerfile.last_stage
    while stage is not None:
        chain.insert(0, stage)
        origin = reading.bases[stage.index].origin
        stage = dockerfile.stages[origin] if origin is not None else None
    found: dict[str, Any] = {}
    forms: dict[str, bool] = {}
    for instruction in (i for stage in chain for i in stage.instructions):
        _apply(instruction, reading.before(instruction).resolve, found, forms)
    if chain:
        environment = {
            variable.name: variable.value if variable.known else None
            for variable in reading.after(chain[-1]).variables()
            if variable.kind == "env"
        }
        if environment:
            found["environment"] = environment
    if any(forms.values()):
        found["shell_form"] = [name for name, shell in forms.items() if shell]
    return found


def _apply(instruction: Instruction, resolve: Any, found: dict[str, Any], forms: dict[str, bool]) -> None:
    keyword = instruction.keyword
    if keyword == "SHELL":
        found["shell"] = list(instruction.values)
    elif keyword in ("USER", "WORKDIR"):
        text = resolve(" ".join(instruction.values))
        if keyword == "WORKDIR" and "workdir" in found and not _absolute(text):
            text = found["workdir"].rstrip("\\/") + "\\" + text
        found[keyword.lower()] = text
    elif keyword in ("VOLUME", "EXPOSE"):
        name = "volumes" if keyword == "VOLUME" else "exposed"
        found[name] = sorted({*found.get(name, ()), *(resolve(value) for value in instruction.values)})
    elif keyword in ("CMD", "ENTRYPOINT"):
        name = "command" if keyword == "CMD" else "entrypoint"
        found[name] = list(instruction.values) if instruction.exec_form else [instruction.body]
        forms[name] = not instruction.exec_form
        if keyword == "ENTRYPOINT":
            found.pop("command", None)
            forms.pop("command", None)


def _absolute(path: str) -> bool:
    return path.startswith(("\\", "/")) or path[1:2] == ":"


def agreed(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One table from those of several versions: what they agree on, and under ``unknown`` what they do not."""
    tables = list(files)
    table: dict[str, Any] = {}
    unknown = []
    for name in (*SETTINGS, "shell_form", "base"):
        values = [each.get(name) for each in tables]
        if all(value == values[0] for value in values):
            if values[0] is not None:
                table[name] = values[0]
        elif name in SETTINGS:
            unknown.append(name)
        elif name == "base":
            return {"unknown": list(SETTINGS)}
    if "shell_form" in table:
        table["shell_form"] = [name for name in table["shell_form"] if name in table]
    sets = [each.get("environment", {}) for each in tables]
    names = sorted({name for each in sets for name in each})
    constant = {
        name: sets[0][name]
        for name in names
        if all(each.get(name) is not None and each.get(name) == sets[0].get(name) for each in sets)
        and not _OF_A_RELEASE.search(sets[0][name])
    }
    if constant:
        table["environment"] = constant
    varying = [name for name in names if name not in constant]
    if varying:
        table["varying"] = varying
    if unknown:
        table["unknown"] = unknown
    return table


def of_repository(repository: Repository) -> dict[tuple[str, str], dict[str, Any]]:
    """Kind and word (one of the tag's, "" for none) to table, from the Windows Dockerfiles at HEAD."""
    tree = repository.tree(repository.resolve("HEAD"))
    paths = [path for path in tree.paths() if path.rpartition("/")[2] == "Dockerfile"]
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for path, data in sorted(tree.read_all(paths).items()):
        dockerfile = parse(data, path)
        bases = environments(dockerfile).bases
        if bases and bases[-1].kind in _KINDS:
            settings = settings_of(dockerfile)
            if not bases[-1].root.microsoft:
                settings["base"] = bases[-1].root.repository
            words = re.split(r"[/-]", path)
            word = next((each for each in _WORDS if each in words), "")
            kinds.setdefault((str(bases[-1].kind), word), []).append(settings)
    order = [(kind, word) for kind in _KINDS for word in (*_WORDS, "")]
    return {each: agreed(kinds[each]) for each in order if each in kinds}


def document(
    name: str, repository: str, commit: str, tables: Mapping[tuple[str, str], Mapping[str, Any]]
) -> str:
    """The JSON file: a setting a line."""
    about = (
        f"What the Windows variants of {name} hand on to a Dockerfile that starts from them. "
        f"Made by `python -m contrib.work.base_images` from {repository} at {commit}."
    )
    entries = []
    for (kind, word), table in tables.items():
        tags = {"tags": [word]} if word else {}
        entry = {"kinds": [kind], **tags, "source": f"{repository}@{commit}", **table}
        settings = ",\n".join(f"      {_text(key)}: {_text(value)}" for key, value in entry.items())
        entries.append(f"    {{\n{settings}\n    }}")
    return f'{{\n  "about": {_text(about)},\n  "images": [\n' + ",\n".join(entries) + "\n  ]\n}\n"


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = dict(sorted(value.items()))
    return json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """``IMAGE OWNER/NAME DIRECTORY``: print the file."""
    if len(arguments) != 3:
        sys.stderr.write("usage: python -m contrib.work.base_images IMAGE OWNER/NAME DIRECTORY\n")
        return 2
    name, label, directory = arguments
    with Repository.open(Path(directory)) as repository:
        commit = repository.resolve("HEAD")
        text = document(name, label, commit, of_repository(repository))
    sys.stdout.buffer.write(text.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
