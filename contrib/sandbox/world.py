"""What the stand-in knows: accounts and repositories (:mod:`contrib.sandbox.hosting`), and their pull requests."""

from __future__ import annotations

import re

from contrib.sandbox import merging
from contrib.sandbox.hosting import Hosting
from contrib.sandbox.model import (
    Account,
    CheckRun,
    Comment,
    Issue,
    MergeMethod,
    PullRequest,
    Refused,
    Repo,
    Review,
    Status,
)
from contrib.sandbox.objects import (
    transfer,
    write_reference,
)


class World(Hosting):
    """All the state, and what can be done to it."""

    # -- pull requests --

    def pull(self, repo: Repo, number: int) -> PullRequest:
        """A pull request by number."""
        with self.lock:
            found = self.pulls[repo.id].get(number)
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def open_pull(
        self,
        repo: Repo,
        author: Account,
        *,
        head: str,
        base: str,
        title: str,
        body: str = "",
        draft: bool = False,
        maintainer_can_modify: bool = True,
        head_repo: str | None = None,
    ) -> PullRequest:
        """Open a pull request; ``head`` is ``branch`` or ``owner:branch``."""
        owner, _, branch = head.rpartition(":")
        with self.lock:
            origin = self._head_repository(repo, owner, head_repo)
            sha = None if origin is None else origin.head(branch)
            if origin is None or sha is None:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "head", "invalid"),))
            base_sha = repo.head(base)
            if base_sha is None:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "base", "invalid"),))
            if not title.strip() or len(title) > 256:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "title", "invalid"),))
            if len(body) > 65536:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "body", "too_long"),))
            for other in self.pulls[repo.id].values():
                if (other.state, other.head_repo, other.head_branch, other.base_branch) == (
                    "open", origin, branch, base,
                ):  # fmt: skip
                    message = f"A pull request already exists for {origin.owner.login}:{branch}."
                    raise Refused(
                        422,
                        "Validation Failed",
                        ({"resource": "PullRequest", "code": "custom", "message": message},),
                    )
            if maintainer_can_modify and origin.owner.kind == "Organization" and origin is not repo:
                raise Refused(
                    422,
                    "Validation Failed",
                    (
                        {
                            "resource": "PullRequest", "code": "custom", "field": "fork_collab",
                            "message": "Fork collab can't be granted by someone without permission",
                        },
                    ),
                )  # fmt: skip
            transfer(origin.path, repo.path)
            if repo.merge_base(base_sha, sha) == sha:
                message = f"No commits between {base} and {head}"
                raise Refused(
                    422,
                    "Validation Failed",
                    ({"resource": "PullRequest", "code": "custom", "message": message},),
                )
            number = self.next_number(repo)
            write_reference(repo.path, f"refs/pull/{number}/head", sha)
            now = self.now()
            made = PullRequest(
                next(self._ids), number, repo, author, title, body, origin, branch, sha, base, base_sha,
                draft, maintainer_can_modify, now, now,
            )  # fmt: skip
            self.pulls[repo.id][number] = made
            return made

    def _head_repository(self, repo: Repo, owner: str, named: str | None) -> Repo | None:
        if named and "/" in named:
            return self.find(*named.split("/", 1))
        if not owner or owner.lower() == repo.owner.login.lower():
            return repo
        for other in self.repos.values():
            if other.owner.login.lower() == owner.lower() and other.source is repo.source:
                return self.find(other.owner.login, other.name)
        return None

    def delete(self, repo: Repo) -> None:
        """Delete a repository, as its owner does; open pull requests from it are closed in their name."""
        with self.lock:
            del self.repos[repo.full_name.lower()]
            repo.deleted = True
            for pulls in self.pulls.values():
                for pull in pulls.values():
                    if pull.head_repo is repo and pull.state == "open":
                        pull.state, pull.closed_at, pull.closed_by = "closed", self.now(), repo.owner

    def pushed(self, repo: Repo, branch: str | None = None) -> None:
        """Bring open pull requests up to what their branches hold now."""
        with self.lock:
            for pulls in self.pulls.values():
                for pull in pulls.values():
                    if pull.state != "open" or (
                        branch is not None and branch not in (pull.head_branch, pull.base_branch)
                    ):
                        continue
                    if pull.head_repo is repo:
                        sha = repo.head(pull.head_branch)
                        if sha is None:
                            pull.state, pull.closed_at, pull.closed_by = "closed", self.now(), pull.author
                        elif sha != pull.head_sha:
                            transfer(repo.path, pull.repo.path)
                            write_reference(pull.repo.path, f"refs/pull/{pull.number}/head", sha)
                            pull.head_sha, pull.updated_at = sha, self.now()

    def edit_pull(
        self,
        pull: PullRequest,
        editor: Account,
        *,
        title: str | None = None,
        body: str | None = None,
        base: str | None = None,
        state: str | None = None,
    ) -> None:
        """Change what a PATCH may change."""
        with self.lock:
            if title is not None and (not title.strip() or len(title) > 256):
                raise Refused(422, "Validation Failed", (_error("PullRequest", "title", "invalid"),))
            if body is not None and len(body) > 65536:
                raise Refused(422, "Validation Failed", (_error("PullRequest", "body", "too_long"),))
            if base is not None:
                sha = pull.repo.head(base)
                if sha is None:
                    raise Refused(422, "Validation Failed", (_error("PullRequest", "base", "invalid"),))
                pull.base_branch, pull.base_sha = base, sha
            if title is not None:
                pull.title = title
            if body is not None:
                pull.body = body
            if state == "closed" and pull.state == "open":
                pull.state, pull.closed_at, pull.closed_by = "closed", self.now(), editor
            elif state == "open" and pull.state == "closed":
                if pull.merged_at is not None or pull.head_repo.head(pull.head_branch) is None:
                    raise Refused(422, "Validation Failed", (_error("PullRequest", "state", "invalid"),))
                pull.state, pull.closed_at, pull.closed_by = "open", None, None
            pull.updated_at = self.now()

    def mergeable(self, pull: PullRequest) -> bool:
        """Whether git can merge it without a conflict."""
        base = pull.repo.head(pull.base_branch)
        if base is None:
            return False
        if pull.repo.merge_base(base, pull.head_sha) == base:
            return True
        with pull.repo.git() as git:
            return merging.tree_of(git, pull.repo, base, pull.head_sha) is not None

    def merge(self, pull: PullRequest, by: Account, method: MergeMethod = "merge") -> str:
        """Merge it as a maintainer does; gives the commit that the base branch holds then."""
        with self.lock:
            if pull.state != "open":
                raise Refused(405, "Pull Request is not mergeable")
            if pull.draft:
                raise Refused(405, "Pull Request is still a draft")
            base = pull.repo.head(pull.base_branch)
            if base is None:
                raise Refused(405, "Pull Request is not mergeable")
            with pull.repo.git() as git:
                made = merging.merge(git, pull, base, by, method, self.now())
                if made is None:
                    raise Refused(405, "Pull Request is not mergeable")
                git.run("update-ref", f"refs/heads/{pull.base_branch}", made, base)
            now = self.now()
            pull.state, pull.closed_at, pull.closed_by = "closed", now, by
            pull.merged_at, pull.merged_by, pull.merge_commit_sha, pull.updated_at = now, by, made, now
            self.pushed(pull.repo, pull.base_branch)
            return made

    def comment(self, pull: PullRequest, author: Account, body: str) -> Comment:
        """Write a comment."""
        with self.lock:
            made = Comment(next(self._ids), author, body, self.now())
            pull.comments.append(made)
            pull.updated_at = made.at
            return made

    def review(self, pull: PullRequest, author: Account, state: str, body: str = "") -> Review:
        """Review it: ``APPROVED``, ``CHANGES_REQUESTED``, ``COMMENTED``."""
        with self.lock:
            made = Review(next(self._ids), author, state, body, pull.head_sha, self.now())
            pull.reviews.append(made)
            pull.updated_at = made.at
            return made

    def status(
        self,
        repo: Repo,
        sha: str,
        context: str,
        state: str,
        creator: Account,
        description: str = "",
        url: str | None = None,
    ) -> Status:
        """Set a commit status."""
        with self.lock:
            made = Status(next(self._ids), context, state, description, url, creator, self.now())
            repo.statuses.setdefault(sha, []).insert(0, made)
            return made

    def check(self, repo: Repo, sha: str, name: str, conclusion: str | None) -> CheckRun:
        """Report a check run; ``conclusion`` None is one that still runs, ``action_required`` a workflow that waits."""
        with self.lock:
            if conclusion == "action_required":
                repo.waiting_workflows.setdefault(sha, []).append(name)
            done = conclusion is not None
            made = CheckRun(
                next(self._ids), name, "completed" if done else "in_progress", conclusion, self.now()
            )
            runs = repo.checks.setdefault(sha, [])
            runs[:] = [run for run in runs if run.name != name]
            if conclusion != "action_required":
                runs.append(made)
            return made

    def open_issue(self, repo: Repo, author: Account, title: str, body: str) -> Issue:
        """Open an issue; it takes the next number of the repository's pull requests and issues."""
        with self.lock:
            issues = self.issues.setdefault(repo.id, [])
            number = self.next_number(repo)
            made = Issue(next(self._ids), number, author, title, body, self.now())
            issues.append(made)
            return made

    def next_number(self, repo: Repo) -> int:
        """The number of a repository's next pull request or issue."""
        return 1 + max([0, *self.pulls[repo.id], *(issue.number for issue in self.issues.get(repo.id, []))])

    def label(self, pull: PullRequest, name: str) -> None:
        """Label a pull request."""
        with self.lock:
            pull.repo.labels.setdefault(name, next(self._ids))
            if name not in pull.labels:
                pull.labels.append(name)


def _error(resource: str, field_name: str, code: str) -> dict[str, str]:
    return {"resource": resource, "field": field_name, "code": code}


def looks_like_sha(text: str) -> bool:
    """Whether it is the full id of an object."""
    return re.fullmatch(r"[0-9a-f]{40}", text) is not None
