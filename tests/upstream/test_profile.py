from __future__ import annotations

import re
from pathlib import Path

import pytest

from contrib.images import templates_directory
from contrib.upstream import profile
from contrib.values.errors import BadInput

from .test_manifest import BRANCHES, PROFILE


def test_a_profile_is_read() -> None:
    read = profile.read(PROFILE.encode(), "manifest.toml").at("")
    assert (read.image, read.commit, read.versions, read.order) == ("demo", "copy", "json", "version-desc")
    assert [rule.tags for rule in read.rules] == [
        ("-{variant}",),
        ("-{variant}",),
        ("", "-{suite}"),
        ("-alpine", "-alpine{suite}"),
    ]
    assert read.branches is None


def test_parts_hold_while_the_script_says_so() -> None:
    text = PROFILE.replace(
        "[[rule]]\nmatch = '^debian$'",
        "[[rule]]\nwhen = '^new$'\ntags = ['-new']\n[[rule]]\nmatch = '^debian$'",
    )
    text += "\n[[era]]\nunless = 'new'\nversions = { order = 'key' }\n"
    profiles = profile.read(text.encode(), "manifest.toml")
    assert len(profiles.at("old\nnew\n").rules) == 5 and len(profiles.at("anew\n").rules) == 4
    assert profiles.at("new").order == "version-desc" and profiles.at("old").order == "key"
    assert profiles.at("old").full == ".version"  # tables are merged


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('image = "demo"', 'image = "other"', "image: expected 'demo'"),
        ('commit = "copy"', 'commit = "newest"', "commit: expected one of copy"),
        ('commit = "copy"', "", "commit: expected"),
        ('commit = "copy"', 'comit = "copy"', "commit"),
        ('commit = "copy"', 'commit = "copy"\nfields = ["Tag"]', "fields: expected a list of Tags"),
        ('commit = "copy"', 'commit = "copy"\nfields = ["Tags", "Tags"]', "fields"),
        ('order = "version-desc"', 'order = "backwards"', r"versions\.order"),
        ('full = ".version"\n', "", r"versions\.full"),
        ('full = ".version"\n', 'full = { env = "a b" }\n', r"versions\.full\.env"),
        ('full = ".version"\n', 'full = { name = "X" }\n', r"versions\.full\.env"),
        ('extra = "script"', "extra = { library = '{}' }", "extra: expected 'script' or jq, unless versions"),
        ('extra = "script"', "extra = { libary = '{}' }", r"extra\.library: expected a jq"),
        ('extra = "script"', "extra = { library = '{}', more = 1 }", r"extra\.more"),
        ('extra = "script"', "extra = 5", "extra: expected 'script', jq that gives"),
        ('order = ["cut.", "key", "extra"]', 'order = ["cut", "key"]', r"aliases\[1\]\.order"),
        ('order = ["cut.", "key", "extra"]', "order = []", r"aliases\[1\]\.order"),
        ("arches = '$parent - [\"s390x\"]'", "", "arches: expected"),
        ("arches = '$parent - [\"s390x\"]'", "arches = 5", "arches: expected"),
        ("[variants]\nlist = ", "[variants]\nlists = ", r"variants\.list"),
        ("match = '^alpine$'", "match = '('", r"rule\[4\]\.match"),
        ("match = '^alpine$'", "match = '^{nosuch}$'", r"rule\[4\]\.match"),
        ('tags = ["-alpine", "-alpine{suite}"]', "tags = []", r"rule\[4\]\.tags"),
        ('tags = ["-alpine", "-alpine{suite}"]', 'tags = ["-{nosuch}"]', r"rule\[4\]\.tags.*\{suite\}"),
        ('tags = ["-alpine", "-alpine{suite}"]', 'tags = ["a b"]', r"rule\[4\]\.tags"),
        ("match = '^alpine$'", "match = '^alpine$'\nwhen = '('", r"rule\[4\]\.when"),
        ("[variants]", "[names]\nkey = '.x'\n[variants]", r"names\.key"),
        ("[variants]", "[names]\nBig = '.x'\n[variants]", r"names\.Big"),
        ("[variants]", "[[without]]\n[variants]", r"without\[1\]\.arches"),
        ("[variants]", "[[era]]\ncommit = 'copy'\n[variants]", r"era\[1\]"),
        ("[variants]", "[[era]]\nwhen = 'x'\ncommit = 'no'\n[variants]", "commit"),
        ("[variants]", "[branches]\nmatch = 'x'\nfull = { env = 'X' }\n[variants]", r"branches\.match"),
    ],
)
def test_mistakes_are_named(old: str, new: str, message: str) -> None:
    assert old in PROFILE
    with pytest.raises(BadInput, match=message) as caught:
        profile.read(PROFILE.replace(old, new, 1).encode(), "manifest.toml", "demo")
    assert caught.value.file == "manifest.toml"


def test_an_expression_that_is_no_jq_is_named(tmp_path: Path) -> None:
    from .repos import Commit, make
    from .test_manifest import files, generated

    make(tmp_path, [Commit([], files())])
    with pytest.raises(BadInput, match="is not jq: syntax error") as caught:
        generated(tmp_path, text=PROFILE.replace('full = ".version"', 'full = ".version |"'))
    assert caught.value.file == "manifest.toml"
    with pytest.raises(BadInput, match="does not fit"):
        generated(tmp_path, text=PROFILE.replace("'$parent - [\"s390x\"]'", "'$parent + 1'"))
    with pytest.raises(BadInput, match="expected a list of architectures"):
        generated(tmp_path, text=PROFILE.replace("'$parent - [\"s390x\"]'", "'.version'"))


def test_the_profiles_of_the_images_are_right() -> None:
    names = sorted(path.parent.name for path in templates_directory().glob("*/manifest.toml"))
    assert {"docker", "golang", "mongo", "nats", "python", "redis"} <= set(names)
    for name in names:
        profiles = profile.load(name)
        assert profiles.image == name
        for condition, _ in profiles.eras:
            assert condition.when is not None or condition.unless is not None


def test_names_that_are_no_image() -> None:
    for name in ("nosuch", "../redis", "Redis", ""):
        with pytest.raises(BadInput, match="no profile") as caught:
            profile.load(name)
        assert "redis" in (caught.value.hint or "")


def test_the_vocabulary_is_documented_and_its_example_is_one() -> None:
    text = (templates_directory() / "README.md").read_text("utf-8")
    example = re.search(r"```toml\n(# manifest.*?)```", text, re.DOTALL)
    assert example is not None
    read = profile.read(example[1].encode(), "README.md").at("riscv64 fails to build")
    assert read.rules and read.without and read.aliases
    keys = set(re.findall(r"^\| `([a-z_\[\].]+)` ", text, re.MULTILINE))
    used = {"script", "head", "commit", "absent", "fields", "arches", "extra"}
    used |= {"versions.from", "versions.order", "versions.full", "versions.drop", "variants.list", "[names]"}
    used |= {"[[aliases]]", "[[rule]]", "[[without]]", "[[era]]", "[branches]"}
    assert used <= keys, used - keys
    assert BRANCHES
