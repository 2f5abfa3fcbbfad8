"""GitHub's JSON, for what the stand-in knows; checked in the suite against GitHub's OpenAPI description."""

from __future__ import annotations

from contrib.sandbox.model import (
    Account,
    CheckRun,
    Comment,
    Issue,
    PullRequest,
    Repo,
    Review,
    Status,
)
from contrib.sandbox.repository_shapes import Json, RepositoryShapes, time_of


class Shapes(RepositoryShapes):
    """All of GitHub's JSON: that of pull requests, issues, reviews and checks beside that of repositories."""

    def pull(self, pull: PullRequest, viewer: Account | None, *, whole: bool = False) -> Json:
        """``pull-request-simple``; ``pull-request`` with ``whole``."""
        repo = pull.repo
        api = f"{self.api}/repos/{repo.full_name}"
        own = f"{api}/pulls/{pull.number}"
        issue = f"{api}/issues/{pull.number}"
        html = f"{self.web}/{repo.full_name}/pull/{pull.number}"
        shape: Json = {
            "url": own,
            "id": pull.id,
            "node_id": pull.node_id,
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "issue_url": issue,
            "commits_url": f"{own}/commits",
            "review_comments_url": f"{own}/comments",
            "review_comment_url": f"{api}/pulls/comments{{/number}}",
            "comments_url": f"{issue}/comments",
            "statuses_url": f"{api}/statuses/{pull.head_sha}",
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self.user(pull.author),
            "body": pull.body or None,
            "labels": [self.label(repo, name) for name in pull.labels],
            "milestone": None,
            "created_at": time_of(pull.created_at),
            "updated_at": time_of(pull.updated_at),
            "closed_at": time_of(pull.closed_at),
            "merged_at": time_of(pull.merged_at),
            "merge_commit_sha": pull.merge_commit_sha,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self._end(pull.head_repo, pull.head_branch, pull.head_sha, viewer),
            "base": self._end(repo, pull.base_branch, pull.base_sha, viewer),
            "_links": {
                "self": {"href": own},
                "html": {"href": html},
                "issue": {"href": issue},
                "comments": {"href": f"{issue}/comments"},
                "review_comments": {"href": f"{own}/comments"},
                "review_comment": {"href": f"{api}/pulls/comments{{/number}}"},
                "commits": {"href": f"{own}/commits"},
                "statuses": {"href": f"{api}/statuses/{pull.head_sha}"},
            },
            "author_association": "CONTRIBUTOR",
            "auto_merge": None,
            "active_lock_reason": None,
            "draft": pull.draft,
        }
        if whole:
            from contrib.sandbox.diffs import merge_base

            size = repo.size(merge_base(pull), pull.head_sha)
            can = None if pull.state != "open" else self.world.mergeable(pull)
            state = "unknown" if can is None else "draft" if pull.draft else "clean" if can else "dirty"
            shape |= {
                "merged": pull.merged_at is not None,
                "mergeable": can,
                "rebaseable": can,
                "mergeable_state": state,
                "merged_by": None if pull.merged_by is None else self.user(pull.merged_by),
                "comments": len(pull.comments),
                "review_comments": 0,
                "maintainer_can_modify": pull.maintainer_can_modify,
                "commits": size.commits,
                "additions": size.additions,
                "deletions": size.deletions,
                "changed_files": size.files,
            }
        return shape

    def _end(self, repo: Repo, branch: str, sha: str, viewer: Account | None) -> Json:
        return {
            "label": f"{repo.owner.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.user(repo.owner),
            "repo": None if repo.deleted else self.repository(repo, viewer),
        }

    def label(self, repo: Repo, name: str) -> Json:
        """``label``."""
        number = repo.labels[name]
        return {
            "id": number,
            "node_id": f"LA_{number}",
            "url": f"{self.api}/repos/{repo.full_name}/labels/{name}",
            "name": name,
            "description": "",
            "color": "ededed",
            "default": False,
        }

    def issue(self, pull: PullRequest) -> Json:
        """``issue``: a pull request as one."""
        api = f"{self.api}/repos/{pull.repo.full_name}"
        own = f"{api}/issues/{pull.number}"
        html = f"{self.web}/{pull.repo.full_name}/pull/{pull.number}"
        return {
            "url": own,
            "repository_url": api,
            "labels_url": f"{own}/labels{{/name}}",
            "comments_url": f"{own}/comments",
            "events_url": f"{own}/events",
            "html_url": html,
            "id": pull.id,
            "node_id": pull.node_id,
            "number": pull.number,
            "title": pull.title,
            "user": self.user(pull.author),
            "labels": [self.label(pull.repo, name) for name in pull.labels],
            "state": pull.state,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(pull.comments),
            "created_at": time_of(pull.created_at),
            "updated_at": time_of(pull.updated_at),
            "closed_at": time_of(pull.closed_at),
            "author_association": "CONTRIBUTOR",
            "body": pull.body or None,
            "closed_by": None if pull.closed_by is None else self.user(pull.closed_by),
            "draft": pull.draft,
            "pull_request": {
                "url": f"{api}/pulls/{pull.number}",
                "html_url": html,
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
                "merged_at": time_of(pull.merged_at),
            },
        }

    def plain_issue(self, repo: Repo, issue: Issue) -> Json:
        """``issue`` that is not a pull request."""
        api = f"{self.api}/repos/{repo.full_name}"
        own = f"{api}/issues/{issue.number}"
        return {
            "url": own,
            "repository_url": api,
            "labels_url": f"{own}/labels{{/name}}",
            "comments_url": f"{own}/comments",
            "events_url": f"{own}/events",
            "html_url": f"{self.web}/{repo.full_name}/issues/{issue.number}",
            "id": issue.id,
            "node_id": f"I_{issue.id}",
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.author),
            "labels": [],
            "state": issue.state,
            "state_reason": issue.reason,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": 0,
            "created_at": time_of(issue.at),
            "updated_at": time_of(issue.at),
            "closed_at": None,
            "author_association": "CONTRIBUTOR",
            "body": issue.body or None,
        }

    def comment(self, pull: PullRequest, comment: Comment) -> Json:
        """``issue-comment``."""
        api = f"{self.api}/repos/{pull.repo.full_name}"
        return {
            "url": f"{api}/issues/comments/{comment.id}",
            "html_url": f"{self.web}/{pull.repo.full_name}/pull/{pull.number}#issuecomment-{comment.id}",
            "issue_url": f"{api}/issues/{pull.number}",
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "user": self.user(comment.author),
            "created_at": time_of(comment.at),
            "updated_at": time_of(comment.at),
            "author_association": "CONTRIBUTOR",
            "body": comment.body,
        }

    def review(self, pull: PullRequest, review: Review) -> Json:
        """``pull-request-review``."""
        own = f"{self.api}/repos/{pull.repo.full_name}/pulls/{pull.number}"
        html = f"{self.web}/{pull.repo.full_name}/pull/{pull.number}#pullrequestreview-{review.id}"
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self.user(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": html,
            "pull_request_url": own,
            "_links": {"html": {"href": html}, "pull_request": {"href": own}},
            "submitted_at": time_of(review.at),
            "commit_id": review.commit,
            "author_association": "MEMBER",
        }

    def status(self, repo: Repo, sha: str, status: Status, *, whole: bool) -> Json:
        """``simple-commit-status``; ``status`` with ``whole``."""
        shape: Json = {
            "url": f"{self.api}/repos/{repo.full_name}/statuses/{sha}",
            "avatar_url": f"{self.web}/avatar/{status.creator.login}.svg",
            "id": status.id,
            "node_id": f"SC_{status.id}",
            "state": status.state,
            "description": status.description or None,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": time_of(status.at),
            "updated_at": time_of(status.at),
        }
        if whole:
            shape["creator"] = self.user(status.creator)
        return shape

    def combined_status(self, repo: Repo, sha: str, viewer: Account | None) -> Json:
        """``combined-commit-status``: the latest of each context."""
        latest: dict[str, Status] = {}
        for status in repo.statuses.get(sha, []):
            latest.setdefault(status.context, status)
        states = {status.state for status in latest.values()}
        if states & {"failure", "error"}:
            state = "failure"
        elif not states or "pending" in states:
            state = "pending"
        else:
            state = "success"
        api = f"{self.api}/repos/{repo.full_name}/commits/{sha}"
        return {
            "state": state,
            "statuses": [self.status(repo, sha, status, whole=False) for status in latest.values()],
            "sha": sha,
            "total_count": len(latest),
            "repository": self.repository(repo, viewer),
            "commit_url": api,
            "url": f"{api}/status",
        }

    def check_run(self, repo: Repo, sha: str, run: CheckRun) -> Json:
        """``check-run``."""
        html = f"{self.web}/{repo.full_name}/runs/{run.id}"
        return {
            "id": run.id,
            "node_id": f"CR_{run.id}",
            "head_sha": sha,
            "external_id": "",
            "url": f"{self.api}/repos/{repo.full_name}/check-runs/{run.id}",
            "html_url": html,
            "details_url": html,
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": time_of(run.at),
            "completed_at": time_of(run.at) if run.status == "completed" else None,
            "output": {
                "title": None,
                "summary": None,
                "text": None,
                "annotations_count": 0,
                "annotations_url": f"{self.api}/repos/{repo.full_name}/check-runs/{run.id}/annotations",
            },
            "name": run.name,
            "check_suite": {"id": run.id},
            "app": None,
            "pull_requests": [],
        }
