from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients.git import Repository
from contrib.clients.libjq import Worker
from contrib.upstream import render
from contrib.values.errors import BadInput
from contrib.values.tree import MemoryTree

from .repos import ENVIRONMENT

SCRIPT = b"""\
#!/usr/bin/env bash
generated_warning() {
\tcat <<-EOH
\t\t#
\t\t# NOTE: MADE
\t\t#

\tEOH
}
rm -rf "$version"
"""
WARNING = b"#\n# NOTE: MADE\n#\n\n"

RULES = """
image = "demo"
repository = "https://github.com/o/demo.git"
variants = '[""] + (.windows.variants // [] | map("windows/" + .))'
[[rule]]
match = '^windows/'
template = "Dockerfile-windows-{base}.template"
environment = { windowsVariant = "{base}", windowsRelease = "{release}", v = "{variant}", k = "{kind}", p = "{path}" }
[[rule]]
template = "Dockerfile.template"
environment = { rcVersion = "{series}" }
copy = ["docker-entrypoint.sh", { file = "sub/other.sh", replace = { gosu = "su-exec" } }]
"""

VERSIONS = {
    "1.0-rc": {"version": "1.0-rc1", "windows": {"variants": ["windowsservercore-ltsc2025"]}},
    "0.9": None,
}


def tree(**more: bytes) -> MemoryTree:
    files: dict[str, bytes | tuple[bytes, str]] = {
        "apply-templates.sh": (SCRIPT, "100755"),
        "versions.json": json.dumps(VERSIONS).encode(),
        "Dockerfile.template": b"FROM x:{{ .version }}\nENV V {{ env.rcVersion }} {{ env.windowsVariant }}\n",
        "Dockerfile-windows-servercore.template": b'{{ [env.v, env.k, env.p, env.windowsVariant, env.windowsRelease] | join(" ") }}\n',
        "docker-entrypoint.sh": (b"exec gosu\n", "100755"),
        "sub/other.sh": b"exec gosu\n",
        "1.0-rc/old/Dockerfile": b"old",
        "0.9/Dockerfile": b"old",
        "2.0/Dockerfile": b"not in versions.json",
    }
    files.update(more)
    return MemoryTree(files)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


def rendered(
    the_tree: MemoryTree, text: str = RULES, versions: tuple[str, ...] = ()
) -> dict[str, tuple[bytes | None, str]]:
    profiles = render.read(text.encode(), "render.toml")
    changes = render.render_tree(profiles, the_tree, versions=versions)
    return {change.path: (change.content, change.mode) for change in changes}


def test_everything_that_the_script_writes_and_removes() -> None:
    assert rendered(tree()) == {
        "0.9/Dockerfile": (None, "100644"),
        "1.0-rc/Dockerfile": (WARNING + b"FROM x:1.0-rc1\nENV V 1.0 \n", "100644"),
        "1.0-rc/docker-entrypoint.sh": (b"exec gosu\n", "100755"),
        "1.0-rc/old/Dockerfile": (None, "100644"),
        "1.0-rc/other.sh": (b"exec su-exec\n", "100644"),
        "1.0-rc/windows/windowsservercore-ltsc2025/Dockerfile": (
            WARNING
            + b"windowsservercore-ltsc2025 windowsservercore windows/windowsservercore-ltsc2025 servercore ltsc2025\n",
            "100644",
        ),
    }


def test_versions_can_be_named() -> None:
    assert set(rendered(tree(), versions=("0.9",))) == {"0.9/Dockerfile"}
    with pytest.raises(BadInput, match="no version '3'") as caught:
        rendered(tree(), versions=("3",))
    assert "1.0-rc" in (caught.value.hint or "")


def test_directories_that_are_kept() -> None:
    assert "1.0-rc/old/Dockerfile" not in rendered(
        tree(), RULES + "\n[[era]]\nwhen = 'rm -rf'\nclean = \"none\"\n"
    )


def test_differing_tells_content_and_mode() -> None:
    profiles = render.read(RULES.encode(), "render.toml")
    changes = render.render_tree(profiles, tree())
    after = MemoryTree(
        {
            **{path: (tree().read(path) or b"", tree().mode(path) or "100644") for path in tree().paths()},
            **{one.path: (one.content, "100644") for one in changes if one.content is not None},
        }
    )
    assert [one.path for one in render.differing(after, changes) if one.content is not None] == [
        "1.0-rc/docker-entrypoint.sh"
    ]


@pytest.mark.parametrize(
    ("change", "file", "line", "message"),
    [
        ({"apply-templates.sh": b"#" * 300_000}, "apply-templates.sh", None, "300000 bytes"),
        (
            {"apply-templates.sh": SCRIPT.replace(b"\tEOH", b"")},
            "apply-templates.sh",
            None,
            "generated_warning",
        ),
        ({"apply-templates.sh": b"x"}, "apply-templates.sh", None, "generated_warning"),
        ({"apply-templates.sh": SCRIPT.replace(b"MADE", b"$(x)")}, "apply-templates.sh", 4, "expansion"),
        ({"versions.json": b"{"}, "versions.json", 1, "column"),
        ({"versions.json": b"[1]"}, "versions.json", None, "expected an object"),
        ({"versions.json": b'{"../../x": {}}'}, None, None, "leave the tree"),
        (
            {"versions.json": b'{"1": {"windows": {"variants": ["../../../x"]}}}'},
            None,
            None,
            "leave the tree",
        ),
        (
            {"versions.json": b'{"1": {"windows": {"variants": ["nanoserver/-/../.."]}}}'},
            None,
            None,
            "leave the tree",
        ),
        (
            {"versions.json": b'{"1": {"windows": {"variants": [3]}}}'},
            "versions.json",
            None,
            "cannot be told",
        ),
        ({"versions.json": b'{"1": {"windows": 3}}'}, "versions.json", None, "cannot be told"),
        (
            {"versions.json": b'{"1": {"windows": {"variants": ["nanoserver-x"]}}}'},
            "Dockerfile-windows-nanoserver.template",
            None,
            "no such template",
        ),
        ({"Dockerfile.template": b"a\n{{ .x | | }}\n"}, "Dockerfile.template", 2, "syntax error"),
        ({"Dockerfile.template": b"a\n{{ 1 }}\n"}, "Dockerfile.template", 2, "version=1.0-rc"),
        ({"Dockerfile.template": b'{{ include "../x" -}}\n'}, "Dockerfile.template", 1, "leave the tree"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    change: dict[str, bytes], file: str | None, line: int | None, message: str
) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        rendered(tree(**change))
    assert (caught.value.file, caught.value.line) == (file, line)


def test_other_repositories() -> None:
    for missing in ("apply-templates.sh", "versions.json", "docker-entrypoint.sh"):
        files = {path: (tree().read(path) or b"", tree().mode(path) or "100644") for path in tree().paths()}
        del files[missing]
        with pytest.raises(BadInput, match="no ") as caught:
            rendered(MemoryTree(files))
        assert caught.value.file == missing


def test_a_template_that_is_a_link_is_refused() -> None:
    link: dict[str, tuple[bytes, str]] = {"Dockerfile.template": (b"/etc/passwd", "120000")}
    with pytest.raises(BadInput, match="symbolic link"):
        rendered(tree(**link))  # type: ignore[arg-type]


def test_the_helper_of_bashbrew_is_ours(worker: Worker) -> None:
    template = (
        b'{{ include ".template-helper-functions" -}}\n'
        b'{{ {name: "n", version: "1", params: {os: "linux", x: "y"}, licenses: ["A", "B"]} | sbom | tojson }}\n'
    )
    assert rendered(tree(**{"Dockerfile.template": template}))["1.0-rc/Dockerfile"][0] == WARNING + (
        b'{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n-sbom","packages":[{"name":"n",'
        b'"versionInfo":"1","SPDXID":"SPDXRef-Package--n","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER",'
        b'"referenceType":"purl","referenceLocator":"pkg:generic/n@1?os=linux&x=y"}],"licenseDeclared":"A AND B"}]}\n'
    )


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('image = "demo"\n', "", "image"),
        ("variants = '", "variantes = '", "variants"),
        ('template = "Dockerfile.template"', 'template = "{nosuch}"', r"rule\[2\].template"),
        ("environment = { rcVersion", 'environment = { "a b"', r"rule\[2\].environment.a b"),
        ('copy = ["docker-entrypoint.sh"', "copy = [3", r"rule\[2\].copy"),
        ("match = '^windows/'", "match = '('", r"rule\[1\].match"),
        ("[[rule]]\ntemplate", "[[rule]]\nnosuch = 1\ntemplate", r"rule\[2\].nosuch"),
        ("[[rule]]", "[[era]]\nclean = 'all'\n[[rule]]", r"era\[1\]"),
        ('copy = ["docker', 'copy = ["../docker', "leave the tree"),
    ],
)
def test_rules_that_are_wrong(old: str, new: str, key: str) -> None:
    assert old in RULES
    with pytest.raises(BadInput, match=key):
        render.read(RULES.replace(old, new, 1).encode(), "render.toml")


def test_the_folders_of_the_images_are_right() -> None:
    from contrib.images import templates_directory

    names = sorted(path.parent.name for path in templates_directory().glob("*/render.toml"))
    assert {"docker", "golang", "mongo", "python", "redis"} <= set(names)
    for name in names:
        assert render.load(name).image == name
    with pytest.raises(BadInput, match="is not known") as caught:
        render.load("../redis")
    assert "redis" in (caught.value.hint or "")


def _commits(directory: Path, count: int) -> list[str]:
    listed = subprocess.run(
        [
            "git",
            f"--git-dir={directory}",
            "rev-list",
            "--first-parent",
            "HEAD",
            "--",
            "apply-templates.sh",
            "versions.json",
        ],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    ).stdout.split()
    return listed[:: max(1, len(listed) // count)]


@pytest.mark.parametrize("image", ["redis", "golang", "mongo", "python", "docker"])
def test_what_upstream_committed(clones: Path, worker: Worker, image: str) -> None:
    """Twenty states of each repository's history; `benchmarks.replay_renders` looks at all."""
    directory = clones / f"docker-library+{image}" / "repo"
    profiles = render.load(image)
    seen = differing = 0
    with Repository.open(directory) as repository:
        for commit in _commits(directory, 20):
            at = repository.tree(commit)
            if at.read("apply-templates.sh") is None:
                continue
            seen += 1
            differing += bool(render.differing(at, render.render_tree(profiles, at, worker=worker)))
    # A few commits of theirs forgot to run the script.
    assert seen > 5 and differing <= 1
