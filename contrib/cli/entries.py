"""The library file of pull request B, for commits that upstream may not have yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from contrib.cli.job import Job
from contrib.clients.git import Repository
from contrib.values.tree import Tree

if TYPE_CHECKING:
    from contrib.clients.github import Addresses
    from contrib.library import LibraryFile
    from contrib.pulls.model import Step
    from contrib.rules.library.context import RepositoryView
    from contrib.rules.library.form.document import Document
    from contrib.values.findings import Finding


#: Rules whose findings are guards of their own.
GATED = frozenset(
    {
        "entry-dropped", "series-dropped", "alias-dropped", "downgrade", "tag-down", "commit-not-in-gitfetch",
        "gitfetch-wrong", "gitfetch-missing", "wrong-gitcommit",
    }
)  # fmt: skip


def library_file(
    job: Job, repository: Repository, commits: Mapping[str, str | None], official_images: Tree, default: str
) -> str:
    """The library file for our own commits, or upstream's where they are merged.

    :param repository: the scratch store: upstream's commits and ours.
    :param commits: base branch to our commit on it, None where upstream's branch holds it.
    :param default: upstream's default branch.
    """
    from contrib.upstream.manifest import generate
    from contrib.upstream.profile import load

    profiles = load(job.image.name, job.options.templates)
    ours = {branch: commit for branch, commit in commits.items() if commit is not None}
    return generate(
        profiles,
        repository,
        ours.get(job.branch or default, job.commit),
        official_images,
        branches=ours,
    )


def pointed(text: str, path: str, steps: Sequence[Step], where: Addresses) -> str:
    """The library file with entries of commits that upstream has not yet pointing into our fork."""
    from contrib.library import parse
    from contrib.library.edit import Editor

    ours = {step.head_sha: step for step in steps if not step.merged and step.head_sha is not None}
    file = parse(text.encode("utf-8", "surrogateescape"), path)
    editor = Editor(file)
    for entry in file.entries:
        step = ours.get(entry.git_commit)
        if step is not None:
            fork = where.clone_url(step.head_repository)
            editor.replace(
                entry, entry.replaced(git_repo=fork, git_fetch=f"refs/heads/{step.proposal.branch}")
            )
    return editor.result().decode("utf-8", "surrogateescape")


class _Upstream:
    """The image's repository, whatever address an entry has for it."""

    def __init__(self, repository: Repository) -> None:
        from contrib.cli.library_git import GitView

        self._view = GitView(repository)

    def of(self, url: str) -> RepositoryView | None:
        """See :class:`contrib.rules.library.context.Repositories`."""
        return self._view

    def reason(self, url: str) -> str:
        """See :class:`contrib.rules.library.context.Repositories`; it is always at hand."""
        return f"{url} is not at hand"


def findings_of(
    text: str,
    path: str,
    present: bytes | None,
    repository: Repository | None,
    today: str,
    *,
    github: str = "",
) -> tuple[Finding, ...]:
    """What the checks of official-images, and its history, say of the new library file; old findings are left out.

    :param repository: upstream's, when all that the entries name is in it; None leaves out what needs it.
    :param github: web address of the GitHub that the person named.
    """
    from contrib.rules.library.context import LibraryContext
    from contrib.rules.library.form.reading import read_on
    from contrib.rules.library.run import check

    data = text.encode("utf-8", "surrogateescape")
    previous = None if present is None else read_on(present, path)
    upstream = None if repository is None else _Upstream(repository)

    def found(of: Document, before: Document | None) -> tuple[Finding, ...]:
        context = LibraryContext(of, previous=before, repositories=upstream, today=today, github=github)
        return check(context).findings

    known = set() if previous is None else {(one.rule, one.message) for one in found(previous, None)}
    return tuple(one for one in found(read_on(data, path), previous) if (one.rule, one.message) not in known)


def stopping(findings: Sequence[Finding]) -> list[tuple[str, int | None, str]]:
    """The errors that stop a pull request, as the gates take them; without those that have a guard of their own."""
    return [
        (one.rule, one.line, one.message)
        for one in findings
        if one.severity.value == "error" and one.rule not in GATED
    ]


def newest_listed(listed: LibraryFile | None, repository: Repository) -> str | None:
    """The newest commit that a library file names, of those that the repository has."""
    named = [] if listed is None else [entry.git_commit for entry in listed.entries]
    known = [commit for commit in named if repository.has(commit)]
    return max(known, key=lambda commit: repository.commit(commit).committer.time, default=None)
