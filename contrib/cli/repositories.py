"""IMAGE, `--upstream` and `--official-images` for commands that need no image.toml (`render`, `manifest`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.common import Terminal
from contrib.cli.options import (
    official_images_option,
    offline_option,
    ref_option,
    templates_option,
    together,
    upstream_option,
)
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.clients.git import Repository
    from contrib.values.tree import Tree

F = TypeVar("F", bound=Callable[..., Any])


def repository_options(*, official_images: bool) -> Callable[[F], F]:
    """IMAGE, ``--upstream``, ``--ref``, ``--offline``, ``--templates`` and, where wanted, ``--official-images``."""
    official = [official_images_option(": a directory or URL")] if official_images else []
    return together(
        click.argument("image", required=False),
        upstream_option(),
        ref_option,
        *official,
        offline_option,
        templates_option,
    )


def image_named(image: str | None, templates: Path | None, file: str) -> str:
    """IMAGE, or the only one whose folder has an ``image.toml`` and ``file``.

    :raises BadInput: none is named and there is not exactly one.
    """
    if image is not None:
        return image
    from contrib.values.tables import image_folders

    known = image_folders(file, templates)
    there = [name for name, folder in known.items() if (folder / "image.toml").is_file()]
    if templates is not None:  # the only one of a person's own directory is meant
        there = [name for name in there if known[name].parent == templates] or there
    if len(there) != 1:
        # More images can be named than have a folder of their own data: upstream's others are known, too.
        raise BadInput("which image?", hint=f"there are: {', '.join(known) or 'none'}", kind="usage")
    return there[0]


def at_one_commit(spec: str, ref: str | None) -> tuple[str, str | None]:
    """The repository and the commit that ``REPO[@REF]`` and ``--ref`` name together.

    :raises BadInput: they name two commits.
    """
    from contrib.clients.git import split_spec

    name, named = split_spec(spec)
    if ref is not None and named is not None and ref != named:
        raise BadInput(f"--ref {ref} and …@{named} name two commits", file=spec, kind="usage")
    return name, named or ref


@dataclass(frozen=True, slots=True)
class Opened:
    """A repository and what is read of it.

    :ivar commit: the commit that was named, else HEAD's; None for a repository without commits.
    :ivar tree: the work tree's files, or those of the commit when one is named or there is no work tree.
    :ivar work_tree: whether ``tree`` is the work tree.
    """

    repository: Repository
    commit: str | None
    tree: Tree
    work_tree: bool


def finish_interrupted(repository: Repository, terminal: Terminal) -> None:
    """Finish what a run that was killed had begun to write into the work tree, before anything is read of it.

    :raises BadInput: the disk refuses.
    """
    if repository.work_dir is None:
        return
    from contrib.clients.journal import recover

    try:
        finished = recover(repository.work_dir)
    except OSError as error:
        raise BadInput(
            f"what an interrupted run had begun cannot be finished: {error.strerror}", file=error.filename
        ) from error
    if finished:
        terminal.warn(f"an earlier run was interrupted: {len(finished)} files of it were finished now")


@contextmanager
def open_upstream(
    spec: str, ref: str | None, offline: bool, terminal: Terminal, *, committed: bool = False
) -> Iterator[Opened]:
    """The repository that ``REPO[@REF]`` names.

    :param committed: read a commit (HEAD's unless one is named) though there is a work tree.
    :raises BadInput: two refs, no such directory or commit.
    """
    from contrib.clients.git import Repository, is_url

    name, wanted = at_one_commit(spec, ref)
    if is_url(name) and not offline:
        terminal.say(f"reading {name} ...")
    with Repository.obtain(name, offline=offline) as repository:
        if repository.moved is not None:
            terminal.say(f"{name} has moved to {repository.moved}")
        work_tree = None if wanted is not None or committed else repository.work_tree()
        if work_tree is not None:
            finish_interrupted(repository, terminal)
            yield Opened(repository, None, work_tree, True)
        else:
            commit = repository.resolve(wanted or "HEAD")
            yield Opened(repository, commit, repository.tree(commit), False)
