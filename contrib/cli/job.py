"""The options that `generate`, `bump`, `render`, `pr` and `status` share, and what they name.

`--upstream`, `--official-images`, `--source`, `--no-download`, `--offline`, `--series`, `--variant`, `--allow`,
`--templates`: one frozen :class:`Job`, from which a command gets the image, the repositories and the releases.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.common import Terminal
from contrib.cli.options import (
    allow_option,
    gathered,
    official_images_option,
    offline_option,
    ref_option,
    series_option,
    templates_option,
    upstream_option,
)
from contrib.cli.repositories import at_one_commit, image_named
from contrib.images import load
from contrib.images.model import Image, Port
from contrib.values.errors import BadInput
from contrib.values.guards import Guards

if TYPE_CHECKING:
    from typing_extensions import Self

    from contrib.clients.documents import Documents
    from contrib.clients.git import Repository
    from contrib.clients.http import Http
    from contrib.releases import Release, Releases, Verified
    from contrib.releases.checksums import Digests
    from contrib.upstream.layouts import Layout
    from contrib.upstream.layouts.base import Series
    from contrib.values.tree import Tree

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Options:
    """The shared options, as they were given.

    :param today: the day that ages are counted to; today's unless ``CONTRIB_TODAY`` says otherwise (tests,
        reproducible reports).
    """

    image: str | None
    upstream: str | None
    ref: str | None
    official_images: str | None
    sources: tuple[str, ...]
    no_download: bool
    offline: bool
    series: tuple[str, ...]
    variants: tuple[str, ...]
    guards: Guards
    templates: Path | None
    today: date = field(default_factory=date.today)


def job_options(function: F) -> F:
    """Adds IMAGE and the shared options; the command gets ``options``."""

    @click.argument("image", required=False)
    @upstream_option()
    @ref_option
    @official_images_option(": a directory or URL [default: as the image's folder says]")
    @click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="NAME=PATH_OR_URL",
        help="Read a version source from somewhere else (names: the image's sources.toml); repeatable.",
    )
    @click.option("--no-download", is_flag=True, help="Do not download archives to take their checksums.")
    @offline_option
    @series_option("Series such as 7.2, or 'all'; repeatable.")
    @click.option(
        "--variant",
        "variants",
        multiple=True,
        metavar="VARIANT",
        help="Windows variant such as windowsservercore-ltsc2022; repeatable [default: all].",
    )
    @allow_option
    @templates_option
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        own = {name: kwargs.pop(name) for name in Options.__dataclass_fields__ if name != "today"}
        return function(*args, options=Options(**own, today=today_given()), **kwargs)

    return gathered(wrapper, function)


def today_given() -> date:
    """Today, or what ``CONTRIB_TODAY`` says (tests, reproducible reports)."""
    given = os.environ.get("CONTRIB_TODAY")
    if not given:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput(f"CONTRIB_TODAY={given!r} is not a date (year-month-day)") from None


class _Branches:
    """The branches and tags of a repository, as layouts want them."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @cached_property
    def _heads(self) -> dict[str, str]:
        found: dict[str, str] = {}
        # What is on the remote is upstream's; a local branch of the same name is only somebody's copy of it.
        for prefix in ("refs/heads/", "refs/remotes/origin/", "refs/remotes/upstream/"):
            for name, sha in self._repository.refs(prefix).items():
                short = name.removeprefix(prefix)
                if short != "HEAD":
                    found.setdefault(short, sha)
        return found

    def names(self) -> tuple[str, ...]:
        """See :class:`contrib.upstream.layouts.Branches`."""
        return tuple(self._heads)

    def tree(self, branch: str) -> Tree:
        """See :class:`contrib.upstream.layouts.Branches`."""
        sha = self._heads.get(branch)
        if sha is None:
            raise BadInput(f"there is no branch {branch!r}", file=str(self._repository.path))
        return self._repository.tree(sha)

    def commit(self, branch: str) -> str:
        """The commit that a branch is at."""
        sha = self._heads.get(branch)
        if sha is None:
            raise BadInput(f"there is no branch {branch!r}", file=str(self._repository.path))
        return sha

    def tags(self) -> tuple[str, ...]:
        """See :class:`contrib.upstream.layouts.Branches`."""
        return tuple(name.removeprefix("refs/tags/") for name in self._repository.refs("refs/tags/"))


class Job:
    """What the shared options name, found when it is asked for."""

    def __init__(self, options: Options, terminal: Terminal) -> None:
        self.options = options
        self.terminal = terminal
        self._open: list[Repository] = []
        #: Variants that a proposal leaves out, each with the reason.
        self.left_out: tuple[tuple[str, str], ...] = ()

    def __enter__(self) -> Self:
        return self

    @property
    def guards(self) -> Guards:
        """The guards of this run."""
        return self.options.guards

    def __exit__(self, *exception: object) -> None:
        for repository in self._open:
            repository.close()

    @cached_property
    def image(self) -> Image:
        """The image: the one named, else the only one there is.

        :raises BadInput: none is named, and there are several.
        """
        templates = self.options.templates
        return load(image_named(self.options.image, templates, "image.toml"), templates)

    @cached_property
    def client(self) -> Http | None:
        """What reads web addresses; None with ``--offline``."""
        if self.options.offline:
            return None
        from contrib.clients.addresses import checked, origin
        from contrib.clients.github import find_token
        from contrib.clients.http import Http

        named = set()
        for where in self.given.values():
            if where.startswith(("http://", "https://")):
                checked(where)
                named.add(origin(where))
        # A token only raises GitHub's limit here: one that gh would have to be asked for is not worth a process.
        token = find_token(ask_gh=False)
        tokens = {"api.github.com": token.value} if token is not None else {}
        return Http(tokens=tokens, named=frozenset(named))

    # -- the image's repository -----------------------------------------------------------------------------

    @property
    def default_repository(self) -> str:
        """The address of the image's repository, as its folder says."""
        return self.image.repositories[0].url

    @property
    def pins_directory(self) -> str:
        """Where official-images has its pins."""
        return self.image.official_images.pins

    @cached_property
    def _named(self) -> tuple[str, str | None]:
        if self.options.upstream is None:
            return self.default_repository, self.options.ref
        return at_one_commit(self.options.upstream, self.options.ref)

    @cached_property
    def upstream(self) -> Repository:
        """The image's repository, judged first."""
        from contrib.clients.git import Repository

        if self.options.upstream is None and not self.options.offline:
            self.terminal.say(f"reading {self._named[0]} ...")
        repository = Repository.obtain(self._named[0], offline=self.options.offline)
        self._open.append(repository)
        if repository.moved is not None:
            self.terminal.say(f"{self._named[0]} has moved to {repository.moved}")
        return repository

    @property
    def named(self) -> bool:
        """Whether a commit was named (``@REF``)."""
        return self._named[1] is not None

    @cached_property
    def commit(self) -> str:
        """The commit of the image's repository that is looked at."""
        return self.upstream.resolve(self._named[1] or "HEAD")

    @cached_property
    def branch(self) -> str | None:
        """The branch that is looked at; None when it is a commit by itself."""
        ref = self._named[1]
        if ref is None:
            head = self.upstream.head_ref
            return head.removeprefix("refs/heads/") if head and head.startswith("refs/heads/") else None
        branches = self.branches.names()
        return ref if ref in branches else None

    @cached_property
    def branches(self) -> _Branches:
        """The branches of the image's repository."""
        return _Branches(self.upstream)

    @cached_property
    def tree(self) -> Tree:
        """The files of :attr:`commit`."""
        return self.upstream.tree(self.commit)

    def layout(self, port: Port | None = None) -> Layout:
        """The layout of the image's repository."""
        from contrib.upstream.layouts import recognise

        found = recognise(
            self.image,
            self.tree,
            branch=self.branch,
            branches=self.branches,
            port=port,
            named=self.named,
        )
        found.left_out = self.left_out
        return found

    def tree_of(self, series: Series) -> Tree:
        """The tree of the branch that a series is on."""
        if series.branch is None or series.branch == self.branch:
            return self.tree
        return self.branches.tree(series.branch)

    @cached_property
    def official_tree(self) -> Tree | None:
        """The files of official-images, where ``--official-images`` names it."""
        from contrib.clients.git import Repository, split_spec

        if self.options.official_images is None:
            return None
        spec, ref = split_spec(self.options.official_images)
        repository = Repository.obtain(spec, offline=self.options.offline)
        self._open.append(repository)
        return repository.tree(repository.resolve(ref or "HEAD"))

    # -- releases ------------------------------------------------------------------------------------------

    @cached_property
    def given(self) -> Mapping[str, str]:
        """The sources given with ``--source``."""
        from contrib.releases import overrides

        return overrides(self.options.sources)

    @cached_property
    def documents(self) -> Documents | None:
        """What reads web addresses and keeps what it read; None with ``--offline``."""
        if self.client is None:
            return None
        from contrib.clients.documents import Documents
        from contrib.clients.git import default_cache_dir

        return Documents(self.client, default_cache_dir() / "documents")

    @cached_property
    def _releases(self) -> Releases:
        from contrib.releases import load as load_releases

        tree = self.official_tree
        pinned = None if tree is None else tuple(tree.paths(self.pins_directory))
        return load_releases(self.image, self.given, documents=self.documents, pinned=pinned)

    def releases(self) -> Releases:
        """The image's version sources, each read once."""
        return self._releases

    def _reader(self) -> Digests | None:
        """What downloads an archive; it keeps what is in it where the cache has an inventory to compare it with."""
        from contrib.work.known import known, store

        if self.client is None or known() is None:
            return self.client
        from contrib.work.loads import Inspecting

        return Inspecting(self.client, store())

    def verify(self, release: Release) -> Verified:
        """A release's checksum, by all that tells it, the own download among them unless it is not wanted."""
        from contrib.releases import verify

        if self.options.offline or self.options.no_download or self.client is None:
            option = "--offline" if self.options.offline else "--no-download"
            return verify(release, None, why_not=f"own download ({option})")
        self.terminal.say(f"downloading {release.asset} for its checksum ...")
        with self.terminal.progress(release.asset) as advance:
            return verify(release, self._reader(), progress=advance)
