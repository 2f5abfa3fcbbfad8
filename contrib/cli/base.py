"""`contrib base`: a Windows release added to images' repositories, dropped from them, or held back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.options import (
    check_option,
    clone_option,
    clones_of,
    diff_option,
    offline_option,
    templates_option,
    together,
    upstream_option,
)
from contrib.values.errors import BadInput, ContribError

if TYPE_CHECKING:
    from contrib.generate.bases import Campaign
    from contrib.values.tree import FileChange, Tree

F = TypeVar("F", bound=Callable[..., Any])


@click.group(name="base")
def command() -> None:
    """Add a Windows release to images, or drop or hold one.

    One change per repository: every list of Windows variants in versions.json and versions.sh, and the
    directories that upstream's own templates then give. It writes into work trees and never commits.

    \b
    contrib base add ltsc2025 golang --upstream ../golang
    contrib base drop 1809 golang python --clone golang=../golang --clone python=../python
    """


def _options(function: F) -> F:
    return together(
        click.argument("release"),
        click.argument("images", nargs=-1, metavar="[IMAGE...]"),
        click.option("--all", "all_", is_flag=True, help="All images whose templates are known."),
        upstream_option("The repository of the one image: a directory or URL [default: as its folder says]."),
        clone_option,
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(["windowsservercore", "nanoserver"]),
            help="Only variants of this kind; repeatable [default: both].",
        ),
        offline_option,
        templates_option,
        diff_option(),
        check_option("Exit 1 when a repository would change; write nothing."),
        report_options("text", "json"),
        terminal_options,
    )(function)


@command.command(name="add")
@_options
def add(**given: Any) -> int:
    """Add the Windows release RELEASE to images.

    It goes beside the newest older release, wherever one is.

    \b
    contrib base add ltsc2025 golang --upstream ../golang --diff
    """
    return _run("add", **given)


@command.command(name="drop")
@_options
@click.option(
    "--hold",
    default="",
    metavar="REASON",
    help="Only hold it back: versions.sh keeps it as a comment with REASON.",
)
def drop(**given: Any) -> int:
    """Drop the Windows release RELEASE from images, or hold it back for now.

    \b
    contrib base drop ltsc2022 golang --upstream ../golang --diff
    contrib base drop ltsc2025 mongo --kind nanoserver --hold "mongod --version fails" --upstream ../mongo
    """
    return _run("drop", **given)


def _run(
    what: str,
    *,
    release: str,
    images: tuple[str, ...],
    all_: bool,
    upstream: str | None,
    clones: tuple[str, ...],
    kinds: tuple[str, ...],
    offline: bool,
    templates: Path | None,
    diff: bool,
    check: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
    hold: str = "",
) -> int:
    from contrib.generate.bases import checked_release

    checked_release(release)
    if any(ord(char) < 32 for char in hold):
        raise BadInput("--hold is one line", kind="usage")
    names = _images(images, all_, templates)
    places = _places(upstream, clones, names)
    plan: list[dict[str, Any]] = []
    failed: list[tuple[str, ContribError]] = []
    shown: list[str] = []
    changes = 0
    for name in names:
        try:
            campaign, todo, text = _one(
                what, name, release, places.get(name), kinds, hold, offline, templates, terminal,
                write=not (diff or check), diff=diff,
            )  # fmt: skip
        except ContribError as error:
            # Under --all an image that the release does not concern is not a failure of the others.
            failed.append((name, error))
            continue
        changes += len(todo)
        shown.append(text)
        plan.append(_as_json(name, campaign, todo))
        for note in campaign.notes:
            terminal.say(f"- {name}: {note}")
    if failed and (len(names) == 1 or not plan):
        raise failed[0][1]
    for name, failure in failed:
        terminal.warn(f"{name}: {failure}")
    if format_ == "json":
        left = [{"image": name, **failure.as_json()} for name, failure in failed]
        emit(
            json.dumps({"release": release, "plan": plan, "left_out": left}, indent=2, ensure_ascii=False),
            output,
        )
    else:
        emit("\n".join(text for text in shown if text), output)
    return 1 if check and changes else 0


def _images(images: tuple[str, ...], every: bool, templates: Path | None) -> list[str]:
    from contrib.images import templates_directory

    directory = templates or templates_directory()
    known = sorted(path.parent.name for path in directory.glob("*/render.toml"))
    if every and images:
        raise BadInput("--all is every image: name none beside it", kind="usage")
    if every:
        return known
    if not images:
        raise BadInput(
            "which image?", hint=f"there are: {', '.join(known)}; --all takes every one", kind="usage"
        )
    for name in images:
        if name not in known:
            raise BadInput(
                f"there is no image {name!r} whose templates are known", hint=f"there are: {', '.join(known)}"
            )
    return list(dict.fromkeys(images))


def _places(upstream: str | None, clones: tuple[str, ...], names: Sequence[str]) -> dict[str, str]:
    found = {}
    if upstream is not None:
        if len(names) != 1:
            raise BadInput(
                f"--upstream {upstream}: whose is it? write --clone IMAGE={upstream}", kind="usage"
            )
        found[names[0]] = upstream
    return found | clones_of(clones, names)


def _one(
    what: str,
    name: str,
    release: str,
    place: str | None,
    kinds: tuple[str, ...],
    hold: str,
    offline: bool,
    templates: Path | None,
    terminal: Terminal,
    *,
    write: bool,
    diff: bool,
) -> tuple[Campaign, tuple[FileChange, ...], str]:
    from contrib.cli.repositories import open_upstream
    from contrib.clients.libjq import Worker
    from contrib.generate import bases
    from contrib.generate.patch import needed, unified
    from contrib.upstream import render

    profiles = render.load(name, templates)
    with open_upstream(place or profiles.repository, None, offline, terminal) as opened, Worker() as worker:

        def rendered(tree: Tree) -> Sequence[FileChange]:
            return render.render_tree(profiles, tree, worker=worker)

        wanted = kinds or ("windowsservercore", "nanoserver")
        if what == "add":
            campaign = bases.add(opened.tree, release, rendered, kinds=wanted)
        else:
            campaign = bases.drop(opened.tree, release, rendered, kinds=wanted, hold=hold)
        todo = needed(opened.tree, campaign.files)
        if diff:
            return campaign, todo, unified(opened.tree, todo)
        if write and todo:
            if not opened.work_tree or opened.repository.work_dir is None:
                raise BadInput(
                    "nothing can be written there: it has no work tree",
                    file=place or profiles.repository,
                    hint="look at the result with --diff, or name a clone with a work tree",
                )
            changed = opened.repository.changed_files()
            if changed:
                raise BadInput(
                    f"the work tree has changes of its own: {', '.join(sorted(changed)[:5])}",
                    file=str(opened.repository.path),
                    hint="commit or stash them first (git stash)",
                )
            from contrib.clients.worktree import write as write_files

            write_files(opened.repository.work_dir, todo)
        series = ", ".join(campaign.variants)
        return campaign, todo, f"{name}: {campaign.title} ({series}; {len(todo)} files)"


def _as_json(name: str, campaign: Campaign, todo: Sequence[FileChange]) -> dict[str, Any]:
    return {
        "image": name,
        "title": campaign.title,
        "series": {series: list(variants) for series, variants in campaign.variants.items()},
        "library_file": f"library/{name}",
        "files": [{"path": change.path, "deleted": change.content is None} for change in todo],
        "notes": list(campaign.notes),
    }
