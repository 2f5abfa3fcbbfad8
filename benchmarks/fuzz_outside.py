"""Breaks the readers of what arrives from outside or lies on the disk: answers, archives, packages, programs, state.

    python -m benchmarks.fuzz_outside [--minutes 30] [--seed 1] [--only registry,zip] [--keep DIR]

As ``benchmarks.fuzz``, for what needs a server, a process or files around it: jq programs as the worker runs them,
Jinja2 templates, answers of GitHub and of registries, archives and packages (zip, tar, 7z, cab, MSI, PE), layers,
archives of workflow runs, directory and checksum indexes, plan files, journals, and what the cache keeps. Servers
are played within the process; files are written below a temporary directory.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fuzz import fuzz, options
from contrib.values.errors import ContribError

READERS: dict[str, Callable[[bytes], object]] = {}
SEEDS: dict[str, Callable[[], list[bytes]]] = {}
#: Units that are strung together, by reader.
UNITS: dict[str, list[str]] = {}


def reader(
    seeds: Callable[[], list[bytes]], units: list[str] | None = None
) -> Callable[[Callable[[bytes], object]], Callable[[bytes], object]]:
    """Put a reader into the table."""

    def put(function: Callable[[bytes], object]) -> Callable[[bytes], object]:
        READERS[function.__name__] = function
        SEEDS[function.__name__] = seeds
        UNITS[function.__name__] = units or []
        return function

    return put


@cache
def _directory() -> Path:
    made = tempfile.mkdtemp(prefix="contrib-fuzz-")
    return Path(made)


def _file(name: str, data: bytes) -> Path:
    path = _directory() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _any(*calls: Callable[[], object]) -> list[object]:
    """What each call gives, or the error of ours that it ends with."""
    found: list[object] = []
    for call in calls:
        try:
            found.append(call())
        except ContribError as error:
            found.append(error)
    return found


@cache
def _image() -> Any:
    from contrib.images import load

    return load("redis")


# -- programs and templates --------------------------------------------------------------------------------

_JQ = [
    ".", "..", ".a", ".[0]", ".[]", "|", ",", "(", ")", "[", "]", "{a:1}", "map(.)", "keys", "length", "tostring",
    "tojson", "fromjson", "if . then 1 else 2 end", "reduce .[] as $x (0; . + 1)", "foreach .[] as $x (0; .)",
    "def f: .; f", "def f: f; f", "range(10)", "range(1e9)", "repeat(.)", "env", "$ENV", "input", "inputs", "error",
    "try error catch .", "?", "//", "+", "-", "*", "\"a\"", "\"\\(1)\"", "@base64", "@sh", "test(\"a\")",
    "sub(\"a\";\"b\")", "splits(\"a\")", "ltrimstr(\"a\")", "include \"x\";", "import \"x\" as y;", "limit(3; .)",
    "first", "last", "until(false; .)", "[limit(100000; repeat(1))]", "implode", "1e1000", "-1", "nan", "infinite", ". as $x",
    "label $f | break $f", "getpath([\"a\"])", "paths", "del(.a)", "to_entries", "#", "\n", "debug", "halt", "$__loc__",
    "input_filename", "ascii", "ltrimstr(1)", "splits(1)", "tojson|fromjson", "strptime(\"%Y\")", "mktime", "gsub(\"\";\"a\")",
]  # fmt: skip


@cache
def _worker() -> Any:
    from contrib.clients.libjq import Worker

    return Worker(timeout=1.0)


@reader(
    lambda: [
        b".a | map(.b)",
        b"[.[] | {version: .tag_name, url: (.assets[0].url // null)}]",
        b"def f(x): x; f(.)",
    ],
    _JQ,
)
def jq(data: bytes) -> object:
    """A jq program in the worker."""
    from contrib.clients.libjq import JqError, JqLimit

    text = data.decode("utf-8", "replace")
    try:
        return _worker().run(text, '{"a": [{"b": 1}], "tag_name": "7.2.5"}')
    except (JqError, JqLimit) as error:
        return error


@reader(
    lambda: [
        b'{{ if env.variant == "alpine" then ( -}}\nFROM alpine:{{ .alpine.version }}\n{{ ) else "" end -}}\n',
        b'{{ def f: "x"; "" -}}\n{{ f }}{{ .version }} {{ include "shared.jq" }}{{ from_it }}\n',
    ],
    [
        "{{",
        "}}",
        "-}}\n",
        "\n",
        '{{ include "shared.jq" }}',
        "{{ from_it }}",
        "FROM x\n",
        '"',
        "#",
        "def f: 1;",
        *_JQ,
    ],
)
def jq_template(data: bytes) -> object:
    """A jq template, with a module, rendered."""
    from contrib.upstream.jqtemplate import compile_template, render

    modules = {"shared.jq": b'def from_it: "y";', "two.jq": data[:500]}
    program = compile_template(data, "Dockerfile.template", modules.get)
    return render(
        program, '{"version": "7.2.5", "alpine": {"version": "3.20"}}', [{"variant": "alpine"}], _worker()
    )


@reader(
    lambda: [
        b'{"7.2": {"version": "7.2.5", "alpine": {"version": "3.20"}, "debian": {"version": "bookworm"}}, "8.0-rc": null}'
    ]
)
def versions_rendered(data: bytes) -> object:
    """``versions.json`` under a template of ours, as ``render`` takes it."""
    from contrib.upstream import render

    tree = _Tree({
        "versions.json": data,
        "apply-templates.sh": _SCRIPT,
        "Dockerfile.template": b"FROM alpine:{{ .alpine.version }}\nENV V {{ .version }}\n",
        "docker-entrypoint.sh": b"#!/bin/sh\n",
    })  # fmt: skip
    return render.render_tree(render.load("redis"), tree, worker=_worker())


_SCRIPT = b"""#!/usr/bin/env bash
generated_warning() {
\tcat <<-EOH
\t\t#
\t\t# NOTE: THIS DOCKERFILE IS GENERATED VIA "apply-templates.sh"
\t\t#
\t\t# PLEASE DO NOT EDIT IT DIRECTLY.
\t\t#

\tEOH
}
"""


class _Tree:
    """Files in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def mode(self, path: str) -> Any:
        return "100644" if path in self._files else None

    def paths(self, under: str = "") -> Any:
        start = under.rstrip("/") + "/" if under else ""
        return iter(sorted(each for each in self._files if each.startswith(start)))


_JINJA = [
    "{{ ", " }}", "{% if a %}", "{% else %}", "{% endif %}", "{% set a = ", " %}", "{% for i in range(9) %}", "{% endfor %}",
    "{% macro f() %}", "{% endmacro %}", "{{ f() }}", "{{ a ~ a }}", "{{ a * 1000000 }}", "{{ a|indent(2000000000) }}", "{{ a|center(99999999) }}",
    "{{ ''.__class__.__mro__ }}", "{{ a.b.c }}", "{{ a['b'] }}", "{{ [1,2]|join }}", "{{ '%999999999d'|format(1) }}", "{{ 9**9**9 }}",
    "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{% block a %}", "{% endblock %}", "{% raw %}", "{% endraw %}", "{# ", " #}",
    "{{ range(99999999)|list }}", "{{ cycler(1,2).next() }}", "{{ namespace(a=1) }}", "{% call f() %}", "{% endcall %}", "{% filter upper %}", "{% endfilter %}",
    "{{ a if b }}", "-%}", "{%-", "+", "'", '"', "(", ")", "[", "]", "{", "}", "|", ".", "\n", "{{ dict(a=1) }}", "{{ lipsum(9999) }}", "{{ a|batch(2)|list }}",
    "{{ a|replace('', 'b') }}", "{{ a|wordwrap(1) }}", "{{ 'a'.format() }}", "{{ '{0.x}'.format(a) }}", "{{ a|tojson }}", "{{ a|pprint }}", "{{ a|xmlattr }}",
]  # fmt: skip


@reader(
    lambda: [
        (_image().folder / "Dockerfile.j2").read_bytes(),
        b"FROM x\n{% if custom_build %}a{% endif %}{{ a|default('b') }}",
    ],
    _JINJA,
)
def jinja_upstream(data: bytes) -> object:
    """A Jinja2 template of upstream's."""
    from contrib.generate.bump import speak
    from contrib.upstream.layouts.base import Pin

    pin = Pin("7.2.5", "https://example.com/a.zip", "a" * 64, ("nanoserver-ltsc2022",))
    return speak._by_jinja("Dockerfile.j2", data, pin)


@reader(
    lambda: [(_image().folder / "Dockerfile.j2").read_bytes(), b"{% for i in range(3) %}{{ i }}{% endfor %}"],
    _JINJA,
)
def jinja_sandbox(data: bytes) -> object:
    """A template in the sandbox that those of an image's folder run in."""
    from jinja2 import TemplateError

    from contrib.images.templates import joined, sandbox

    text = data.decode("utf-8", "replace")
    try:
        return joined(sandbox().from_string(text).generate({"a": "b"}), "Dockerfile.j2")
    except (
        TemplateError, RecursionError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, MemoryError,
    ) as error:  # as images.templates.render takes them  # fmt: skip
        return error


# -- indexes and lists -------------------------------------------------------------------------------------


@reader(
    lambda: [
        b'[{"cycle": "7.2", "latest": "7.2.5", "eol": "2026-02-28"}]',
        b'{"a": {"version": "1.2.3", "files": [{"url": "https://x/a.zip", "sha256": "' + b"a" * 64 + b'"}]}}',
    ]
)
def json_source(data: bytes) -> object:
    """A document under the jq expression of a source."""
    from contrib.releases.sources import Source
    from contrib.releases.sources import json as source

    given = source.Options(
        "https://x/",
        "[.. | objects | select(.version) | {version, url: .url, sha256: .sha256, published: .eol, size: .size, files: .files}][]",
        False,
    )
    return source.parse([data], Source("x", "json", given), "x")


@reader(
    lambda: [
        b'<a href="redis-7.2.5.zip">redis-7.2.5.zip</a> 2026-01-02 10:00 5M\n' * 3,
        b"<a HREF='redis-1.zip'>",
    ],
    [
        '<a href="',
        "redis-7.2.5.zip",
        '">',
        "</a>",
        "&#x2f;",
        "&amp;",
        "%2e%2e",
        "javascript:",
        "//evil/",
        "\n",
        " 2026-01-02 ",
        "5M",
        "<",
        ">",
        "'",
    ],
)
def listing(data: bytes) -> object:
    """A directory's page."""
    import re

    from contrib.releases.sources import Source
    from contrib.releases.sources import listing as source

    pattern = re.compile(r'href="redis-(?P<version>[0-9.]+)\.zip"')
    return source.parse(
        [data], Source("x", "listing", source.Options("https://x/", pattern, "", {}, False)), "x"
    )


@reader(
    lambda: [
        b"a" * 64 + b"  a.zip\n" + b"b" * 64 + b" *b.zip\n",
        b"SHA256 (a.zip) = " + b"c" * 64 + b"\n",
        b"a" * 64,
    ],
    ["a" * 64, "  ", " *", "a.zip", "\n", "SHA256 (", ") = ", "\\", "#", "\t", "b" * 40, "../a.zip"],
)
def digests(data: bytes) -> object:
    """A list of checksums."""
    from contrib.releases.sources import Source, digest_file

    source = Source("x", "digest-file", digest_file.Options(("https://x/",), "sha256"))
    return digest_file.digest([data], source, "x", "a.zip"), digest_file.names([data], source, "x")


@reader(
    lambda: [
        b'[{"tag_name": "win25/20260101.1", "name": "Windows Server 2025", "body": "- OS Version: 10.0.26100 Build 1234", "prerelease": false}]'
    ]
)
def runner_builds(data: bytes) -> object:
    """The releases of the runners' images."""
    from contrib.cli.common import Terminal
    from contrib.cli.holding import builds

    return builds(str(_file("runners.json", data)), Terminal())


# -- answers -----------------------------------------------------------------------------------------------


class _Played:
    """A client whose answers are the input's."""

    tokens: Mapping[str, str] = {}
    named: tuple[str, ...] = ()

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers or [b""]
        self._asked = 0

    def get(self, url: str, **more: Any) -> Any:
        from contrib.clients.http import Response

        content = self._answers[self._asked % len(self._answers)]
        self._asked += 1
        return Response(url, content, {"link": content[:200].decode("latin-1"), "etag": '"a"'})


_SHA = "sha256:" + "a" * 64
_MANIFEST = {
    "schemaVersion": 2, "config": {"digest": _SHA, "size": 5},
    "layers": [{"digest": _SHA, "size": 10, "urls": ["https://mcr.microsoft.com/x"], "mediaType": "x"}],
}  # fmt: skip
_INDEX = {
    "schemaVersion": 2,
    "manifests": [
        {"digest": _SHA, "platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"}}
    ],
}


def _registry_answers() -> list[bytes]:
    manifest = json.dumps(_MANIFEST).encode()
    index = json.dumps(_INDEX).encode()
    return [
        manifest,
        index,
        index + b"\x00" + manifest,
        b'{"token": "abc"}',
        b'{"os.version": "10.0.1", "config": {"Env": ["A=B"]}}',
    ]


@reader(_registry_answers)
def registry(data: bytes) -> object:
    """A registry: index, manifest, configuration, challenge and token."""
    from contrib.clients import registry as module
    from contrib.clients.http import Http

    parts = data.split(b"\x00")
    played: Any = _Played(parts)
    made = module.Registry(module.Reference.parse("mcr.microsoft.com/windows/nanoserver:ltsc2022"), Http())
    made.http = played

    def image() -> object:
        # Digests are those of the content: what is fuzzed is what stands behind them.
        content = parts[-1]
        found = module._json(content, made.reference)
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        return (
            made._choose(found, "amd64") if "manifests" in found else made._image(found, digest, content)
        ).__class__

    return _any(
        made.image,
        image,
        lambda: made._token(data[:500].decode("latin-1")),
        lambda: made._token('Bearer realm="https://auth.example/token",service="x"'),
        lambda: module.Reference.parse(data[:400].decode("utf-8", "replace")),
    )


@cache
def _recorded() -> list[bytes]:
    """Answers of the embedded stand-in, as GitHub would give them."""
    user = {"login": "petra", "id": 1, "name": "Petra", "type": "User"}
    repository = {
        "id": 1, "name": "redis", "full_name": "docker-library/redis", "owner": user, "default_branch": "master", "fork": True,
        "parent": {"full_name": "a/b"}, "source": {"full_name": "a/b"}, "permissions": {"push": True}, "archived": False,
        "html_url": "https://github.com/docker-library/redis", "url": "https://api.github.com/repos/docker-library/redis",
    }  # fmt: skip
    pull = {
        "number": 5, "state": "open", "title": "T", "body": "B", "user": user, "draft": False, "merged_at": None, "closed_at": None,
        "updated_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z", "html_url": "https://github.com/a/b/pull/5",
        "head": {"ref": "x", "sha": "a" * 40, "repo": repository}, "base": {"ref": "master", "sha": "b" * 40, "repo": repository},
        "labels": [{"name": "l"}], "mergeable": True, "mergeable_state": "clean", "merged": False, "url": "https://api.github.com/repos/a/b/pulls/5",
    }  # fmt: skip
    check = {
        "total_count": 1,
        "check_runs": [
            {"name": "c", "status": "completed", "conclusion": "success", "html_url": "https://x/"}
        ],
    }
    runs = {
        "total_count": 1,
        "workflow_runs": [
            {"id": 1, "status": "completed", "conclusion": "action_required", "html_url": "https://x/"}
        ],
    }
    status = {
        "state": "success",
        "statuses": [{"context": "ci", "state": "success", "target_url": "https://x/"}],
    }
    files = [{"filename": "a/Dockerfile", "status": "modified", "sha": "a" * 40, "patch": "@@"}]
    reviews = [
        {
            "user": user,
            "state": "APPROVED",
            "body": "x",
            "submitted_at": "2026-01-01T00:00:00Z",
            "html_url": "https://x/",
        }
    ]
    commits = [
        {
            "sha": "a" * 40,
            "commit": {"message": "m", "author": {"name": "n", "email": "e", "date": "2026-01-01T00:00:00Z"}},
            "parents": [],
        }
    ]
    content = {
        "type": "file",
        "encoding": "base64",
        "content": "YQo=",
        "path": "a",
        "name": "a",
        "sha": "a" * 40,
        "size": 2,
    }
    issue = {
        "number": 5,
        "state": "closed",
        "state_reason": "completed",
        "html_url": "https://github.com/a/b/issues/5",
        "title": "t",
        "user": user,
        "comments": 1,
    }
    shapes = [
        user,
        repository,
        pull,
        [pull],
        check,
        runs,
        status,
        files,
        reviews,
        commits,
        content,
        issue,
        [issue],
        {"message": "Not Found", "errors": [{"code": "x"}]},
    ]
    return [json.dumps(each).encode() for each in shapes]


@reader(_recorded)
def github(data: bytes) -> object:
    """GitHub: one answer to every question that is asked of it."""
    client = _github()
    _ANSWER.content = data
    _ANSWER.headers = {"x-oauth-scopes": data[:30].decode("latin-1")} if len(data) % 3 == 0 else {}
    _ANSWER.status = (200, 200, 200, 404, 403, 422, 301)[len(data) % 7]
    client._repositories.clear()
    calls: list[Callable[[], object]] = [
        client.viewer,
        lambda: client.repository("docker-library/redis"),
        lambda: client.actions_enabled("docker-library/redis"),
        lambda: client.member_of("a", "b"),
        lambda: client.file("docker-library/redis", "a"),
        lambda: client.commits("docker-library/redis", 5),
        lambda: client.contains("docker-library/redis", "master", "a" * 40),
        client.rate_limit,
        lambda: client.open_pulls("docker-library/redis"),
        lambda: client.pulls_by("docker-library/redis", ["petra"]),
        lambda: client.issue("docker-library/redis", 5),
    ]
    calls += [
        lambda: client.pull("docker-library/redis", 5),
        lambda: client.checks("docker-library/redis", "a" * 40),
        lambda: client.changed_files("docker-library/redis", 5),
        lambda: client.remarks("docker-library/redis", client.pull("docker-library/redis", 5)),
        lambda: client.closed_by("docker-library/redis", 5),
    ]
    return _any(*random.Random(len(data)).sample(calls, 3))


class _Answer:
    status = 200
    headers: Mapping[str, str] = {}
    content = b"{}"


_ANSWER = _Answer()


@cache
def _github() -> Any:
    import github as pygithub
    from github.Requester import Requester

    from contrib.clients.github import GitHub, Token, addresses

    class Connection:
        """What PyGithub talks through."""

        def __init__(self, *words: Any, **more: Any) -> None: ...

        def request(self, *words: Any, **more: Any) -> None: ...

        def getresponse(self) -> Any:
            text = _ANSWER.content.decode("utf-8", "replace")
            headers = dict(_ANSWER.headers)
            if _ANSWER.status == 301:
                headers["location"] = text[:100]

            class Response:
                status = _ANSWER.status

                def getheaders(self) -> Any:
                    return list(headers.items())

                def read(self) -> str:
                    return text

            return Response()

        def close(self) -> None: ...

    made = GitHub(addresses("http://127.0.0.1:1"), Token("ghp_" + "a" * 36, "x"))
    Requester.injectConnectionClasses(Connection, Connection)  # type: ignore[arg-type]
    made._github = pygithub.Github(
        auth=pygithub.Auth.Token("x"),
        base_url="http://127.0.0.1:1/api/v3",
        seconds_between_requests=0,
        seconds_between_writes=0,
        retry=None,
    )
    made._pause = 0.0
    return made


def _zip(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


@reader(
    lambda: [
        _zip({"evidence.json": b'{"schema": 1}', "a/b.txt": b"x" * 500}),
        b'{"status": "completed", "artifacts": [{"name": "evidence-1", "id": 5, "expired": false}]}',
    ]
)
def runs(data: bytes) -> object:
    """A run of Actions: its facts, its artifacts, its logs."""
    from contrib.clients.actions import Runs, unpacked

    played: Any = _Played([b'{"status": "completed"}', data, data])
    there = Runs(played, "https://github.com", "https://api.github.com")
    address = "https://github.com/a/b/actions/runs/5"
    artifacts: Any = _Played(
        [b'{"status": "completed"}', b'{"artifacts": [{"name": "evidence", "id": 1}]}', data]
    )
    return _any(
        lambda: there.records(address),
        lambda: there.logs(address),
        lambda: Runs(artifacts, "https://github.com", "https://api.github.com").records(address),
        lambda: list(unpacked(data, "x", 1 << 20)),
    )


@reader(
    lambda: [
        json.dumps(
            [{"title": "t", "html_url": "https://x/", "labels": [{"name": "library/redis"}]}]
        ).encode(),
        json.dumps(_INDEX).encode(),
        b'[{"cycle": "7.2", "latest": "7.2.5", "eol": false}]',
    ]
)
def outside(data: bytes) -> object:
    """What ``library check --online`` and ``board --online`` ask."""
    from contrib.cli.library_network import Internet
    from contrib.clients import http

    played = _Played([data])
    before = http.Http.get
    http.Http.get = lambda self, url, **more: played.get(url)  # type: ignore[method-assign]
    try:
        network = Internet()
        return _any(
            lambda: network.architectures("redis:7"),
            lambda: network.ended("redis", "7.2"),
            lambda: network.newest("redis", "7.2"),
        )
    finally:
        http.Http.get = before  # type: ignore[method-assign]


@reader(
    lambda: [
        b"Wed, 01 Jan 2099 00:00:00 GMT",
        b"3600",
        b'<https://api.github.com/x?page=2>; rel="next"',
        b"https://github.com@evil.example/a",
        b"http://[::ffff:127.0.0.1]/",
        b"https://xn--e1afmkfd.example:443/?#",
    ],
    [
        "https",
        "http",
        "://",
        "github.com",
        "@",
        ":",
        "/",
        "\\",
        "[::1]",
        "127.1",
        "0x7f.1",
        "2130706433",
        "?",
        "#",
        "%0d%0a",
        ".",
        "\u3002",
        "xn--",
        "\n",
        " ",
        "-1",
        "9" * 20,
        ";",
        "rel=next",
        "<",
        ">",
        ",",
    ],
)
def headers(data: bytes) -> object:
    """Addresses and headers: what is opened, how long is waited, where a page goes on."""
    from contrib.clients import addresses, pull_files, waits
    from contrib.clients.actions import RunAddress
    from contrib.clients.http import Response
    from contrib.values.addresses import foreign, unfit

    text = data.decode("latin-1")
    names = {"retry-after": text, "x-ratelimit-reset": text, "x-ratelimit-remaining": "0", "link": text}
    return _any(
        lambda: addresses.checked(text),
        lambda: addresses.origin(text),
        lambda: addresses.shown(text),
        lambda: addresses.is_public(text),
        lambda: addresses.is_loopback(text),
        lambda: (unfit(text), foreign(text), foreign(text, named="http://127.0.0.1:5")),
        lambda: waits.asked(names),
        lambda: Response("https://x/", b"", names).next_page,
        lambda: (RunAddress.parse(text), pull_files.pull_address(text)),
    )


# -- archives and binaries ---------------------------------------------------------------------------------


@cache
def _program() -> bytes:
    """A small PE file: one that mingw-w64 makes, or the smallest header."""
    compiler = shutil.which("x86_64-w64-mingw32-gcc")
    if compiler is not None:
        source, made = _file("a.c", b"int main(void) { return 0; }\n"), _directory() / "a.exe"
        with suppress(subprocess.CalledProcessError):
            subprocess.run([compiler, "-s", "-nostdlib", "-Wl,-e,main", "-o", made, source, "-lkernel32"], check=True, capture_output=True)  # fmt: skip
            return made.read_bytes()
    return b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + b"\x64\x86" + bytes(18)


def _tar(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "../up"
        archive.addfile(link)
    return out.getvalue()


def _seven() -> bytes:
    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(_program(), "a/b.exe")
        archive.writestr(b"x" * 100, "c.txt")
    return out.getvalue()


@cache
def _package() -> bytes:
    """An MSI package; empty where nothing here makes one."""
    if shutil.which("wixl") is None:
        return b""
    _file("p/server.exe", _program())
    _file("p/p.wxs", (
        b'<?xml version="1.0"?><Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Id="*" Name="Sample" Version="1.2.3" '
        b'Manufacturer="x" Language="1033" UpgradeCode="2B7F8C11-6D22-4C5C-BF6C-9C5E1B3D1A11"><Package InstallerVersion="200" '
        b'Compressed="yes"/><Media Id="1" Cabinet="a.cab" EmbedCab="yes"/><Directory Id="TARGETDIR" Name="SourceDir"><Directory '
        b'Id="APP" Name="Sample App"><Component Id="c" Guid="2B7F8C11-6D22-4C5C-BF6C-9C5E1B3D1A12"><File Id="f" Name="server.exe" '
        b'Source="server.exe" KeyPath="yes"/></Component></Directory></Directory><Feature Id="F" Level="1"><ComponentRef Id="c"/>'
        b"</Feature></Product></Wix>"
    ))  # fmt: skip
    made = subprocess.run(["wixl", "-a", "x64", "p.wxs", "-o", "p.msi"], cwd=_directory() / "p", capture_output=True, check=False)  # fmt: skip
    return (_directory() / "p/p.msi").read_bytes() if made.returncode == 0 else b""


def _walked(name: str, data: bytes) -> object:
    from contrib.binaries.worker import read_files

    scratch = _directory() / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    said: list[Any] = []
    read_files(
        {
            "path": str(_file(name, data)), "name": name, "scratch": str(scratch), "skip": [],
            "limits": {"unpacked": 1 << 27, "member": 1 << 26, "members": 10_000},
        },
        said.append,
    )  # fmt: skip
    return said


@reader(
    lambda: [
        _zip({"a/b.exe": _program(), "c.txt": b"x"}),
        _zip({"a.exe.local": b""}, zipfile.ZIP_STORED),
        _zip({"in.zip": _zip({"d.exe": _program()})}),
    ]
)
def zip_archive(data: bytes) -> object:
    """A zip with binaries in it."""
    return _walked("a.zip", data)


@reader(
    lambda: [
        _tar({"a/b.exe": _program()}),
        _tar({"a/b.exe": _program()}, "w:gz"),
        _tar({"a": b"x"}, "w:xz"),
        _tar({"a": b"x"}, "w:bz2"),
    ]
)
def tar_archive(data: bytes) -> object:
    """A tar, packed or not."""
    return _walked("a.tar", data)


@reader(lambda: [_seven()])
def seven_zip(data: bytes) -> object:
    """A 7z archive."""
    return _walked("a.7z", data)


@reader(lambda: [_package() or b"MSCF" + bytes(60)])
def msi(data: bytes) -> object:
    """An MSI package and the cabinet in it."""
    return _walked("a.msi", data)


@reader(lambda: [_program()])
def pe(data: bytes) -> object:
    """A PE file."""
    from contrib.binaries import pe as module

    try:
        return module.read(data, "a.exe").as_json()
    except module.NotBinary as error:
        return error


@reader(
    lambda: [
        _tar({"Files/Windows/System32/a.dll": _program(), "Hives/x": b""}, "w:gz"),
        gzip.compress(_tar({"Files/.wh.a": b""})),
    ]
)
def layer(data: bytes) -> object:
    """A layer of a Windows image."""
    from contrib.binaries import layers
    from contrib.binaries.archives import Limits

    said: list[Any] = []
    layers.read([_file("layer", data)], said.append, Limits(unpacked=1 << 27), names=["layer"])
    return said


@reader(
    lambda: [
        _tar(
            {
                "manifest.json": b'[{"Config": "c.json", "RepoTags": ["a:b"], "Layers": ["l/layer.tar"]}]',
                "c.json": b'{"os": "windows", "os.version": "10.0.1", "rootfs": {"type": "layers", "diff_ids": []}, "config": {}}',
                "l/layer.tar": _tar({"Files/a.dll": _program()}),
            }
        )
    ]
)
def saved_image(data: bytes) -> object:
    """What ``docker save`` writes."""
    from contrib.binaries import layers
    from contrib.binaries.archives import Limits

    said: list[Any] = []
    layers.read_saved(_file("saved", data), "saved", said.append, Limits(unpacked=1 << 27))
    return said


@reader(lambda: [_zip({"redis/redis-server.exe": b"x"}), _tar({"redis/a": b"x"}, "w:gz")])
def release_archive(data: bytes) -> object:
    """The contents of an archive that was downloaded."""
    from contrib.releases.archives import look_at

    return _any(
        lambda: look_at(io.BytesIO(data), "a.zip", len(data), None, "redis", "x"),
        lambda: look_at(io.BytesIO(data), "a.tar.gz", len(data), None, "", "x"),
    )


# -- files of ours that anybody may have changed -----------------------------------------------------------

_BODIES = [
    "<!-- contrib: opening d54e4fa40306fa59 1U5P -->\n", "<!-- contrib: end opening -->\n", "<!-- contrib: proof e6ecfb25ca844b71 -->\n", "<!-- contrib: end -->\n",
    '<!-- contrib: {"v": 2, "image": "redis", "key": "A1", "head": "' + "a" * 40 + '", "title": "x"} -->\n', "<!--", "-->", "text\n", "@name\n", "fixes #5\n",
    "- a\n", "\r\n", "\n\n", "```\n", "\u2028", "<!-- contrib: end proof --> x\n", '<!-- contrib: {"v": 9} -->\n', "| a | b |\n",
]  # fmt: skip


@reader(
    lambda: [
        b"<!-- contrib: opening d54e4fa40306fa59 1U5P -->\na\n<!-- contrib: end opening -->\n\n"
        + _BODIES[4].encode()
    ],
    _BODIES,
)
def pull_body(data: bytes) -> object:
    """The body of a pull request, as somebody edited it."""
    from contrib.pulls.marker import read, write
    from contrib.pulls.sections import Section, facts, refresh, sections_in, stale

    text, marker = read(data.decode("utf-8", "replace"))
    wanted = [Section("opening", "b c"), Section("proof", "d\n- e")]
    fresh = refresh(text, wanted)
    return sections_in(text), facts(text), fresh, stale(text, wanted), write(text, marker) if marker else None


@reader(
    lambda: [b"a\nb\nc\n" * 10 + b"\x00" + b"a\nx\nc\n" * 10 + b"\x00" + b"a\nb\ny\n" * 10],
    ["a\n", "b\n", "\x00", "c", "\r\n"],
)
def three_way(data: bytes) -> object:
    """A merge of what we wrote, what stands there and what we would write now."""
    from contrib.pulls.threeway import changed_lines, merge_text

    base, ours, theirs = (*data.split(b"\x00"), b"", b"", b"")[:3]
    return merge_text(base, ours, theirs), changed_lines(base, theirs)


@reader(
    lambda: [
        b'{"schema": 1, "image": "redis", "arguments": ["--series", "7.2"], "plan": [{"repo": "a/b", "files": [1, 2]}], "next": "x"}'
    ]
)
def plan_file(data: bytes) -> object:
    """A plan in a file, held against another."""
    from contrib.pulls.plan_file import check, read

    path = _file("plan.json", data)
    found = read(path, None)
    check(found, {"schema": 1, "image": "redis", "arguments": [], "plan": [{"repo": "a/b"}]}, path)
    return found


def _journals() -> list[bytes]:
    old, new = hashlib.sha256(b"old\n").hexdigest(), hashlib.sha256(b"new\n").hexdigest()
    listed = [
        {"path": "a/b", "old": old, "new": new, "mode": 0o644},
        {"path": "c", "old": None, "new": new, "mode": 0o755},
    ]
    return [
        json.dumps(listed).encode(),
        json.dumps([{"path": "../up", "old": None, "new": new, "mode": 1}, *listed]).encode(),
    ]


@reader(_journals)
def journal(data: bytes) -> object:
    """The journal of a killed run: nothing outside of the tree is touched."""
    from contrib.clients.journal import recover

    above = _directory() / "above"
    shutil.rmtree(above, ignore_errors=True)
    root = above / "tree"
    place = root / ".git" / "contrib-journal"
    place.mkdir(parents=True)
    (root / "a").mkdir()
    (root / "a" / "b").write_bytes(b"old\n")
    (place / "journal.json").write_bytes(data)
    for number in range(3):
        (place / str(number)).write_bytes(b"new\n")
    done = recover(root)
    left = sorted(each for each in os.listdir(above) if each != "tree")  # noqa: PTH208
    if left or (place.parent / "config").exists():
        raise AssertionError(f"written outside: {left}")
    return done


@reader(
    lambda: [
        b'{"url": "https://x/", "etag": "\\"a\\"", "next": null, "content": "abc"}',
        b'{"url": "https://x/", "digests": {"sha256": "' + b"a" * 64 + b'"}, "size": 5}',
    ]
)
def cached(data: bytes) -> object:
    """What the cache keeps of the network."""
    from contrib.clients.documents import Documents

    there = _directory() / "documents"
    played: Any = _Played([b"fresh"])
    documents = Documents(played, there)
    for name in ("https://x/", "digest https://x/"):
        path = documents._path(name)
        assert path is not None
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return documents.kept("https://x/"), documents.get("https://x/"), documents.pages("https://x/", most=5)


@reader(
    lambda: [
        b"tree "
        + b"a" * 40
        + b"\nparent "
        + b"b" * 40
        + b"\nauthor A <a@b> 1 +0200\ncommitter A <a@b> 1 -0130\nencoding punycode\n\nmessage\n",
        b"100644 a\0" + b"x" * 20 + b"40000 b\0" + b"y" * 20,
    ],
    [
        "tree ",
        "a" * 40,
        "\n",
        "author ",
        "A <a@b> ",
        "1 +0200",
        "9" * 15,
        " -9999",
        "encoding ",
        "utf-16",
        "punycode",
        "\n\n",
        "100644 ",
        "..",
        ".git",
        "\x00",
        "x" * 20,
    ],
)
def git_objects(data: bytes) -> object:
    """A commit and a tree."""
    from contrib.clients.git import _parse_commit, _parse_tree

    commit = _parse_commit("a" * 40, data)
    return commit.author.date, commit.committer.date, commit.subject, _any(lambda: _parse_tree(data, 20, "x"))


@reader(
    lambda: [
        b"[tool.contrib]\nselect = ['a']\nignore = ['latest-tag']\n[tool.contrib.severity]\nlatest-tag = 'note'\n"
    ]
)
def settings(data: bytes) -> object:
    """``contrib.toml`` and ``pyproject.toml``."""
    from contrib.cli.settings import Settings

    there = _directory() / "settings"
    there.mkdir(exist_ok=True)
    (there / "Dockerfile").write_bytes(b"FROM x\n")
    found = []
    for name in ("contrib.toml", "pyproject.toml"):
        for each in ("contrib.toml", "pyproject.toml"):
            (there / each).unlink(missing_ok=True)
        (there / name).write_bytes(data)
        found += _any(lambda: Settings().policy(there / "Dockerfile"))
    return found


def made(random_: random.Random, name: str) -> bytes | None:
    """Units of a reader's grammar, strung together; None where it has none."""
    units = UNITS[name]
    if not units:
        return None
    return "".join(random_.choice(units) for _ in range(random_.choice((1, 2, 5, 10, 40)))).encode()


def main() -> int:
    """Run; 1 where something was found."""
    given = options(__doc__)
    warnings.simplefilter("ignore")
    _bounded()
    try:
        return fuzz(
            given, READERS, {name: [each for each in seeds() if each] for name, seeds in SEEDS.items()}, made
        )
    finally:
        shutil.rmtree(_directory(), ignore_errors=True)


def _bounded() -> None:
    """Readers that have a process of their own in the program share this one here: none may take the machine's memory."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))


if __name__ == "__main__":
    raise SystemExit(main())
