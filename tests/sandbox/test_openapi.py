"""The stand-in's JSON held against GitHub's published OpenAPI description (npm ``@octokit/openapi``).

The description is fetched once with npm into pytest's cache; it is not part of this repository.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contrib.sandbox import rest
from contrib.sandbox.github import StandIn
from contrib.values.tree import FileChange

from ..pulls.conftest import make_repository

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"


@pytest.fixture(scope="module")
def description(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cache = pytestconfig.cache
    assert cache is not None
    directory = Path(cache.mkdir("github-openapi"))
    stored = directory / (re.sub(r"\W+", "-", PACKAGE) + ".json")
    if not stored.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to fetch GitHub's OpenAPI description with")
        scratch = tmp_path_factory.mktemp("npm")
        done = subprocess.run(
            [npm, "pack", "--silent", PACKAGE], cwd=scratch, capture_output=True, text=True, timeout=180
        )
        packed = next(iter(scratch.glob("*.tgz")), None)
        if done.returncode != 0 or packed is None:
            pytest.skip(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[:200]}")
        with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            data = member.read()
        part = stored.with_suffix(f".{scratch.name}.part")
        part.write_bytes(data)
        part.replace(stored)  # two workers may fetch at once
    value: dict[str, Any] = json.loads(stored.read_bytes())
    return value


def nullable(schema: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema has it."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: nullable(value)
        for key, value in schema.items()
        if key not in ("nullable", "example", "examples")
    }
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


class Judge:
    """Validates answers; only the schemas that are reached are converted."""

    def __init__(self, description: dict[str, Any]) -> None:
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT7

        self._raw = description
        schemas = nullable(description["components"]["schemas"])
        root = {"components": {"schemas": schemas}}
        self._registry: Any = Registry().with_resource(
            "urn:github", Resource(contents=root, specification=DRAFT7)
        )

    def schema(self, method: str, template: str, status: int) -> dict[str, Any] | None:
        """Of an answer's body; None where it has none."""
        answers = self._raw["paths"][template][method.lower()]["responses"]
        answer = answers[str(status)]
        if "$ref" in answer:
            answer = self._raw["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        content = answer.get("content") or {}
        kinds = [kind for kind in content if kind == "application/json"] or list(content)
        return nullable(content[kinds[0]]["schema"]) if kinds else None

    def check(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value."""
        from jsonschema import Draft7Validator

        text = json.dumps(schema).replace('"#/components/', '"urn:github#/components/')
        validator = Draft7Validator(json.loads(text), registry=self._registry)
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
        ]


@pytest.fixture(scope="module")
def judge(description: dict[str, Any]) -> Judge:
    return Judge(description)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StandIn, str, dict[str, str]]]:
    source = make_repository(
        tmp_path_factory.mktemp("openapi") / "redis", {"README.md": "# x\n", "a/b": "1\n"}
    )
    with StandIn() as served:
        world = served.world
        repo = world.repository("docker-library/redis", source)
        petra = world.account("petra", name="Petra", email="p@example.com")
        fork = world.fork(repo, petra)
        fork.actions_enabled = True
        for branch in ("one", "two", "three"):
            with fork.git() as git:
                git.run("update-ref", f"refs/heads/{branch}", fork.head("master") or "")
            world.commit(fork, branch, "Change", [FileChange("a/b", branch.encode())], petra)
        with fork.git() as git:
            git.run("update-ref", "refs/heads/old", fork.head("master") or "")
        pull = world.open_pull(repo, petra, head="petra:one", base="master", title="T", body="B")
        world.open_pull(repo, petra, head="petra:two", base="master", title="T2")
        world.review(pull, world.account("otto"), "APPROVED", "fine")
        world.comment(pull, petra, "hello")
        world.label(pull, "library/redis")
        world.status(repo, pull.head_sha, "ci", "success", petra, "good", "https://example.com")
        world.check(repo, pull.head_sha, "test", "success")
        world.check(repo, pull.head_sha, "running", None)
        world.check(repo, pull.head_sha, "waiting", "action_required")
        release = world.release(repo, "1.0", {"a.zip": b"x"})
        world.release(repo, "2.0-rc1", {"b.zip": b"x"}, prerelease=True, digest=False)
        repo.collaborators.add("petra")
        world.commit(repo, "master", "Meanwhile", [FileChange("c", b"x")], petra)
        token = world.token("petra")
        values = {
            "owner": "docker-library", "repo": "redis", "pull_number": "1", "issue_number": "1", "username": "petra",
            "branch": "master", "tag": "1.0", "ref": pull.head_sha, "commit_sha": pull.head_sha, "sha": pull.head_sha,
            "path": "a/b", "release_id": str(release.id),
        }  # fmt: skip
        yield served, token, values


R = "/repos/{owner}/{repo}"
CASES: list[tuple[str, str, int, dict[str, Any] | None, dict[str, str]]] = [
    ("GET", "/rate_limit", 200, None, {}),
    ("GET", "/user", 200, None, {}),
    ("GET", "/users/{username}", 200, None, {}),
    ("GET", "/search/issues", 200, None, {"?": "q=repo:docker-library/redis+is:pr"}),
    ("GET", "/orgs/{org}", 404, None, {"org": "nobody"}),
    ("GET", "/orgs/{org}/members/{username}", 404, None, {"org": "nobody"}),
    ("GET", f"{R}/compare/{{basehead}}", 404, None, {"basehead": "master...nothing"}),
    ("POST", f"{R}/issues", 422, {"title": ""}, {}),
    ("GET", R, 200, None, {}),
    ("GET", R, 200, None, {"owner": "petra"}),
    ("GET", f"{R}/forks", 200, None, {}),
    ("POST", f"{R}/forks", 202, {}, {}),
    ("POST", f"{R}/merge-upstream", 200, {"branch": "master"}, {"owner": "petra"}),
    ("GET", f"{R}/branches", 200, None, {}),
    ("GET", f"{R}/branches/{{branch}}", 200, None, {}),
    ("GET", f"{R}/git/ref/{{ref}}", 200, None, {"ref": "heads/master"}),
    ("GET", f"{R}/git/matching-refs/{{ref}}", 200, None, {"ref": "heads/ma"}),
    ("DELETE", f"{R}/git/refs/{{ref}}", 204, None, {"owner": "petra", "ref": "heads/old"}),
    ("GET", f"{R}/git/commits/{{commit_sha}}", 200, None, {}),
    ("GET", f"{R}/commits/{{ref}}/check-runs", 200, None, {}),
    ("GET", f"{R}/commits/{{ref}}/status", 200, None, {}),
    ("GET", f"{R}/commits/{{ref}}", 200, None, {}),
    ("POST", f"{R}/statuses/{{sha}}", 201, {"state": "pending", "context": "x"}, {}),
    ("GET", f"{R}/actions/runs", 200, None, {"?": "head_sha={sha}"}),
    ("GET", f"{R}/actions/permissions", 200, None, {"owner": "petra"}),
    ("GET", f"{R}/contents/{{path}}", 200, None, {}),
    ("GET", f"{R}/contents/{{path}}", 200, None, {"path": "a"}),
    ("GET", f"{R}/releases", 200, None, {}),
    ("GET", f"{R}/releases/latest", 200, None, {}),
    ("GET", f"{R}/releases/tags/{{tag}}", 200, None, {}),
    ("GET", f"{R}/releases/{{release_id}}/assets", 200, None, {}),
    ("GET", f"{R}/pulls", 200, None, {"?": "state=all"}),
    ("POST", f"{R}/pulls", 201, {"title": "T", "head": "petra:three", "base": "master", "draft": True}, {}),
    ("POST", f"{R}/pulls", 422, {"title": "T", "head": "petra:three", "base": "master"}, {}),
    ("GET", f"{R}/pulls/{{pull_number}}", 200, None, {}),
    ("PATCH", f"{R}/pulls/{{pull_number}}", 200, {"title": "New"}, {}),
    ("GET", f"{R}/pulls/{{pull_number}}/files", 200, None, {}),
    ("GET", f"{R}/pulls/{{pull_number}}/commits", 200, None, {}),
    ("GET", f"{R}/pulls/{{pull_number}}/merge", 404, None, {}),
    ("PUT", f"{R}/pulls/{{pull_number}}/merge", 200, {}, {"pull_number": "2"}),
    ("GET", f"{R}/pulls/{{pull_number}}/merge", 204, None, {"pull_number": "2"}),
    ("GET", f"{R}/pulls/{{pull_number}}/reviews", 200, None, {}),
    ("POST", f"{R}/pulls/{{pull_number}}/reviews", 200, {"event": "COMMENT", "body": "x"}, {}),
    ("GET", f"{R}/pulls/{{pull_number}}/comments", 200, None, {}),
    ("GET", f"{R}/issues", 200, None, {"?": "labels=library/redis"}),
    ("GET", f"{R}/issues/{{issue_number}}", 200, None, {}),
    ("GET", f"{R}/issues/{{issue_number}}/comments", 200, None, {}),
    ("POST", f"{R}/issues/{{issue_number}}/comments", 201, {"body": "x"}, {}),
    ("PATCH", f"{R}/issues/comments/{{comment_id}}", 200, {"body": "y"}, {}),
    ("GET", f"{R}/issues/{{issue_number}}/labels", 200, None, {}),
    ("POST", f"{R}/issues/{{issue_number}}/labels", 200, {"labels": ["y"]}, {}),
    ("GET", R, 404, None, {"repo": "nothing"}),
]


def ask(served: StandIn, token: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{served.url}/api/v3{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            status, data = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, data = error.code, error.read()
    return status, json.loads(data) if data else None


def test_every_route(stand_in: tuple[StandIn, str, dict[str, str]], judge: Judge) -> None:
    served, token, values = stand_in
    wrong: list[str] = []
    for method, template, status, body, changes in CASES:
        comments = [
            c for pulls in served.world.pulls.values() for pull in pulls.values() for c in pull.comments
        ]
        given = {**values, "comment_id": str(comments[-1].id) if comments else "0", **changes}
        path = template.format(**given)
        if "?" in changes:
            path += "?" + changes["?"].format(**given)
        found, value = ask(served, token, method, path, body)
        assert found == status, (method, path, found, value)
        schema = judge.schema(method, template, status)
        if schema is None:
            assert value is None or status >= 400, (method, path)
            continue
        wrong += [f"{method} {path}: {problem}" for problem in judge.check(schema, value)]
    assert wrong == [], "\n".join(wrong)


def test_no_route_is_left_out() -> None:
    asked = {
        (method, re.sub(r"\{\w+\}", "1", template.replace("{path}", "x/y"))) for method, template, *_ in CASES
    }
    left = [
        f"{method} {pattern.pattern}"
        for method, pattern, _ in rest._ROUTES
        if not any(method == m and pattern.fullmatch(path) for m, path in asked)
    ]
    assert left == []


def test_the_judge_can_say_no(judge: Judge) -> None:
    schema = {"$ref": "#/components/schemas/simple-user"}
    assert judge.check(schema, {"login": 1})
