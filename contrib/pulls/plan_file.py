"""A plan in a file: what a person reviewed is what is carried out, or nothing is.

``--plan-out`` writes what the dry run shows, and what it rests on. ``--plan`` plans again with the same options and
holds the two against each other: where upstream, a branch or a pull request has moved since, or somebody edited
the file, it shows the difference and writes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contrib.clients.small import data_of
from contrib.clients.worktree import save
from contrib.pulls.model import Plan
from contrib.values import jsontext
from contrib.values.errors import BadInput

#: Version of the file's shape.
SCHEMA = 1


def shape(plan: Plan, image: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The plan as the file has it.

    :param arguments: options that it was made with; they are used again when it is carried out.
    """
    made = plan.as_json()
    for step, entry in zip(plan.steps, made["plan"], strict=True):
        proposal = step.proposal
        entry |= {
            "key": proposal.key,
            "number": step.number,
            "url": step.url,
            "head": step.head_repository,
            "head_sha": step.head_sha,
            "expected": step.expected,
            "base_sha": proposal.base_commit or None,
            "push": step.push,
            "edits": list(step.edits),
            "draft": proposal.draft,
            "body": step.text(plan.steps).text if proposal.sections else None,
            "guards": [one.as_json() for one in step.guards],
            "waits_for": list(step.waiting),
        }
        for commit, spec in zip(entry["commits"], proposal.commits, strict=True):
            commit["files"] = [
                {
                    "path": change.path,
                    "mode": change.mode,
                    "sha256": None if change.content is None else hashlib.sha256(change.content).hexdigest(),
                }
                for change in spec.files
            ]
    return {"schema": SCHEMA, "image": image, "arguments": list(arguments), **made}


def write(path: Path, shaped: dict[str, Any]) -> None:
    """Write the file.

    :raises BadInput: it cannot be written (:func:`contrib.clients.worktree.save`).
    """
    save(path, (json.dumps(shaped, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def read(path: Path, image: str | None) -> dict[str, Any]:
    """Read the file.

    :raises BadInput: it is no plan, or is of another image.
    """
    try:
        data = data_of(path)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from error
    if data is None:
        raise BadInput("is no plain file" if path.exists() else "there is no such file", file=str(path))
    hint = "contrib pr IMAGE --dry-run --plan-out FILE writes a plan"
    shaped = jsontext.read(data, str(path), dict, hint=hint)
    arguments = shaped.get("arguments")
    if (
        shaped.get("schema") != SCHEMA
        or not isinstance(shaped.get("image"), str)
        or not isinstance(shaped.get("plan"), list)
        or not isinstance(arguments, list)
        or not all(isinstance(word, str) for word in arguments)
    ):
        raise BadInput("is not a plan", file=str(path), hint=hint)
    if image is not None and shaped["image"] != image:
        raise BadInput(f"is a plan for {shaped['image']}, not for {image}", file=str(path))
    return shaped


def check(reviewed: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """Refuse a plan from which the present one differs.

    :raises BadInput: of kind ``plan-moved``, with the difference.
    """
    differences = list(_differences(reviewed, now, ""))
    if differences:
        shown = "; ".join(differences[:8]) + (
            f"; and {len(differences) - 8} more" if len(differences) > 8 else ""
        )
        raise BadInput(
            f"the plan is not what would be done now: {shown}; nothing was changed",
            file=str(path),
            kind="plan-moved",
            hint="make and review a new one: --dry-run --plan-out FILE",
        )


def _differences(old: Any, new: Any, where: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key), new.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]")
    elif old != new:
        yield f"{where}: {_said(old)} in the file, {_said(new)} now"


def _said(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
