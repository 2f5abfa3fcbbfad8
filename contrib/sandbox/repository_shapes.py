"""GitHub's JSON for accounts, repositories, their commits and releases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contrib.sandbox.model import (
    Account,
    Asset,
    Release,
    Repo,
)
from contrib.sandbox.world import World

Json = dict[str, Any]


def time_of(when: datetime | None) -> str | None:
    """ISO 8601, UTC, as GitHub writes it."""
    return None if when is None else when.strftime("%Y-%m-%dT%H:%M:%SZ")


class RepositoryShapes:
    """Makes JSON with this server's addresses in it.

    :param web: address of the pages, without a slash at the end; the REST interface is below ``/api/v3``.
    """

    def __init__(self, world: World, web: str) -> None:
        self.world = world
        self.web = web
        self.api = f"{web}/api/v3"

    def user(self, account: Account) -> Json:
        """``simple-user``."""
        api = f"{self.api}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": f"U_{account.id}",
            "avatar_url": f"{self.web}/avatar/{account.login}.svg",
            "gravatar_id": "",
            "url": api,
            "html_url": f"{self.web}/{account.login}",
            "followers_url": f"{api}/followers",
            "following_url": f"{api}/following{{/other_user}}",
            "gists_url": f"{api}/gists{{/gist_id}}",
            "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{api}/subscriptions",
            "organizations_url": f"{api}/orgs",
            "repos_url": f"{api}/repos",
            "events_url": f"{api}/events{{/privacy}}",
            "received_events_url": f"{api}/received_events",
            "type": account.kind,
            "site_admin": False,
            "user_view_type": "public",
        }

    def whole_user(self, account: Account) -> Json:
        """``public-user``, with the name."""
        repos = [repo for repo in self.world.repos.values() if repo.owner is account]
        return self.user(account) | {
            "name": account.name,
            "company": None,
            "blog": "",
            "location": None,
            "email": account.email,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            "public_repos": len(repos),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": "2015-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
        }

    def repository(self, repo: Repo, viewer: Account | None, *, whole: bool = False) -> Json:
        """``repository``; ``full-repository`` with ``whole``."""
        api = f"{self.api}/repos/{repo.full_name}"
        html = f"{self.web}/{repo.full_name}"
        login = None if viewer is None else viewer.login
        may_push = repo.may_push(login)
        open_issues = sum(pull.state == "open" for pull in self.world.pulls[repo.id].values())
        forks = len(self.world.forks(repo))
        shape: Json = {
            "id": repo.id,
            "node_id": f"R_{repo.id}",
            "name": repo.name,
            "full_name": repo.full_name,
            "private": False,
            "owner": self.user(repo.owner),
            "html_url": html,
            "description": repo.description or None,
            "fork": repo.parent is not None,
            "url": api,
            "archive_url": f"{api}/{{archive_format}}{{/ref}}",
            "assignees_url": f"{api}/assignees{{/user}}",
            "blobs_url": f"{api}/git/blobs{{/sha}}",
            "branches_url": f"{api}/branches{{/branch}}",
            "collaborators_url": f"{api}/collaborators{{/collaborator}}",
            "comments_url": f"{api}/comments{{/number}}",
            "commits_url": f"{api}/commits{{/sha}}",
            "compare_url": f"{api}/compare/{{base}}...{{head}}",
            "contents_url": f"{api}/contents/{{+path}}",
            "contributors_url": f"{api}/contributors",
            "deployments_url": f"{api}/deployments",
            "downloads_url": f"{api}/downloads",
            "events_url": f"{api}/events",
            "forks_url": f"{api}/forks",
            "git_commits_url": f"{api}/git/commits{{/sha}}",
            "git_refs_url": f"{api}/git/refs{{/sha}}",
            "git_tags_url": f"{api}/git/tags{{/sha}}",
            "hooks_url": f"{api}/hooks",
            "issue_comment_url": f"{api}/issues/comments{{/number}}",
            "issue_events_url": f"{api}/issues/events{{/number}}",
            "issues_url": f"{api}/issues{{/number}}",
            "keys_url": f"{api}/keys{{/key_id}}",
            "labels_url": f"{api}/labels{{/name}}",
            "languages_url": f"{api}/languages",
            "merges_url": f"{api}/merges",
            "milestones_url": f"{api}/milestones{{/number}}",
            "notifications_url": f"{api}/notifications{{?since,all,participating}}",
            "pulls_url": f"{api}/pulls{{/number}}",
            "releases_url": f"{api}/releases{{/id}}",
            "stargazers_url": f"{api}/stargazers",
            "statuses_url": f"{api}/statuses/{{sha}}",
            "subscribers_url": f"{api}/subscribers",
            "subscription_url": f"{api}/subscription",
            "tags_url": f"{api}/tags",
            "teams_url": f"{api}/teams",
            "trees_url": f"{api}/git/trees{{/sha}}",
            "clone_url": f"{html}.git",
            "git_url": f"git://{html.split('://', 1)[1]}.git",
            "ssh_url": f"git@{html.split('://', 1)[1]}.git",
            "svn_url": html,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "default_branch": repo.default_branch,
            "forks": forks,
            "forks_count": forks,
            "has_issues": repo.parent is None,
            "has_projects": False,
            "has_wiki": False,
            "has_pages": False,
            "has_downloads": True,
            "has_discussions": False,
            "archived": repo.archived,
            "disabled": False,
            "visibility": "public",
            "open_issues": open_issues,
            "open_issues_count": open_issues,
            "license": None,
            "size": 0,
            "stargazers_count": 0,
            "watchers": 0,
            "watchers_count": 0,
            "pushed_at": time_of(repo.created_at),
            "created_at": time_of(repo.created_at),
            "updated_at": time_of(repo.created_at),
            "topics": [],
            "is_template": False,
            "allow_forking": True,
            "web_commit_signoff_required": False,
        }
        if viewer is not None:
            shape["permissions"] = {
                "admin": login == repo.owner.login,
                "maintain": may_push,
                "push": may_push,
                "triage": may_push,
                "pull": True,
            }
        if whole:
            shape |= {"network_count": forks, "subscribers_count": 0}
            if repo.parent is not None:
                shape["parent"] = self.repository(repo.parent, viewer)
                shape["source"] = self.repository(repo.source, viewer)
        return shape

    def ref(self, repo: Repo, name: str, sha: str) -> Json:
        """``git-ref``."""
        api = f"{self.api}/repos/{repo.full_name}/git"
        return {
            "ref": name,
            "node_id": f"REF_{sha[:12]}",
            "url": f"{api}/{name}",
            "object": {"type": "commit", "sha": sha, "url": f"{api}/commits/{sha}"},
        }

    def branch(self, repo: Repo, name: str, sha: str, *, whole: bool) -> Json:
        """``short-branch``, or ``branch-with-protection``."""
        api = f"{self.api}/repos/{repo.full_name}"
        shape: Json = {
            "name": name,
            "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
            "protected": False,
        }
        if whole:
            shape |= {
                "commit": self.commit(repo, sha),
                "_links": {
                    "self": f"{api}/branches/{name}",
                    "html": f"{self.web}/{repo.full_name}/tree/{name}",
                },
                "protection": {"enabled": False},
                "protection_url": f"{api}/branches/{name}/protection",
            }
        return shape

    def git_commit(self, repo: Repo, sha: str) -> Json:
        """``git-commit``."""
        api = f"{self.api}/repos/{repo.full_name}/git"
        html = f"{self.web}/{repo.full_name}"
        with repo.git() as git:
            info = git.run(
                "show", "-s", "--format=%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B", sha
            )
        tree, parents, an, ae, at, cn, ce, ct, message = info.stdout.decode("utf-8", "replace").split("\0", 8)
        return {
            "sha": sha,
            "node_id": f"C_{sha[:12]}",
            "url": f"{api}/commits/{sha}",
            "html_url": f"{html}/commit/{sha}",
            "author": {"name": an, "email": ae, "date": _at(at)},
            "committer": {"name": cn, "email": ce, "date": _at(ct)},
            "message": message.rstrip("\n"),
            "tree": {"sha": tree, "url": f"{api}/trees/{tree}"},
            "parents": [
                {"sha": parent, "url": f"{api}/commits/{parent}", "html_url": f"{html}/commit/{parent}"}
                for parent in parents.split()
            ],
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def commit(self, repo: Repo, sha: str) -> Json:
        """``commit``."""
        api = f"{self.api}/repos/{repo.full_name}"
        inner = self.git_commit(repo, sha)
        return {
            "sha": sha,
            "node_id": inner["node_id"],
            "url": f"{api}/commits/{sha}",
            "html_url": inner["html_url"],
            "comments_url": f"{api}/commits/{sha}/comments",
            "commit": {
                "url": inner["url"],
                "author": inner["author"],
                "committer": inner["committer"],
                "message": inner["message"],
                "comment_count": 0,
                "tree": inner["tree"],
                "verification": inner["verification"],
            },
            "author": None,
            "committer": None,
            "parents": [{**parent, "url": f"{api}/commits/{parent['sha']}"} for parent in inner["parents"]],
        }

    def files(self, repo: Repo, before: str, after: str) -> list[Json]:
        """``diff-entry`` for each file between two commits, with its patch."""
        from contrib.sandbox.diffs import changed_files

        api = f"{self.api}/repos/{repo.full_name}"
        html = f"{self.web}/{repo.full_name}"
        entries = []
        for file in changed_files(repo, before, after):
            entry: Json = {
                "sha": file.blob,
                "filename": file.path,
                "status": file.status,
                "additions": file.additions,
                "deletions": file.deletions,
                "changes": file.additions + file.deletions,
                "blob_url": f"{html}/blob/{after}/{file.path}",
                "raw_url": f"{html}/raw/{after}/{file.path}",
                "contents_url": f"{api}/contents/{file.path}?ref={after}",
            }
            if file.previous is not None:
                entry["previous_filename"] = file.previous
            if file.patch:
                entry["patch"] = file.patch
            entries.append(entry)
        return entries

    def release(self, repo: Repo, release: Release) -> Json:
        """``release``."""
        own = f"{self.api}/repos/{repo.full_name}/releases/{release.id}"
        return {
            "url": own,
            "html_url": f"{self.web}/{repo.full_name}/releases/tag/{release.tag}",
            "assets_url": f"{own}/assets",
            "upload_url": f"{own}/assets{{?name,label}}",
            "tarball_url": f"{self.api}/repos/{repo.full_name}/tarball/{release.tag}",
            "zipball_url": f"{self.api}/repos/{repo.full_name}/zipball/{release.tag}",
            "id": release.id,
            "node_id": f"RE_{release.id}",
            "tag_name": release.tag,
            "target_commitish": repo.default_branch,
            "name": release.name,
            "body": release.body,
            "draft": False,
            "prerelease": release.prerelease,
            "created_at": time_of(release.at),
            "published_at": time_of(release.at),
            "author": self.user(repo.owner),
            "assets": [self.asset(repo, release, asset) for asset in release.assets],
        }

    def asset(self, repo: Repo, release: Release, asset: Asset) -> Json:
        """``release-asset``, with its digest."""
        return {
            "url": f"{self.api}/repos/{repo.full_name}/releases/assets/{asset.id}",
            "browser_download_url": f"{self.web}/{repo.full_name}/releases/download/{release.tag}/{asset.name}",
            "id": asset.id,
            "node_id": f"RA_{asset.id}",
            "name": asset.name,
            "label": None,
            "state": "uploaded",
            "content_type": "application/octet-stream",
            "size": len(asset.content),
            "digest": asset.sha256 if asset.digest else None,
            "download_count": 0,
            "created_at": time_of(release.at),
            "updated_at": time_of(release.at),
            "uploader": self.user(repo.owner),
        }


def _at(seconds: str) -> str | None:
    from datetime import timezone

    return time_of(datetime.fromtimestamp(int(seconds), timezone.utc))
