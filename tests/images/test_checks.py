"""checks.toml: what is read, and that nothing without effect is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.images import load
from contrib.images.checks import load_checks, read_checks, slug
from contrib.values.errors import BadInput
from contrib.values.tables import templates_directory

KINDS = ("windowsservercore", "nanoserver")

GOOD = """
[time]
ready = 5
stop = 3
[expect]
exposed = ["6379/tcp"]
environment = { X_VERSION = "{version}" }
volumes = { windows = ['C:\\data'], linux = [] }
size = { windows = "+120MB" }
[[check]]
name = "Version 1.x"
run = ["x", "--version"]
says = 'v={version}\\b'
[[check]]
name = "default command"
serve = true
ready = { exec = ["x", "ping"], says = '^PONG' }
steps = [
  { name = "client", client = ["x", "-h", "{address}"], says = { linux = '^PONG' } },
  { name = "stop", stop = true, code = { linux = 0 }, log = { linux = 'bye' } },
  { name = "again", again = true, exec = ["x", "get"], within = 2 },
]
"""


def read(text: str, kinds: tuple[str, ...] = KINDS) -> object:
    return read_checks(text.encode(), "checks.toml", kinds)


def test_what_is_read() -> None:
    checks = read_checks(GOOD.encode(), "checks.toml", KINDS)
    assert (checks.ready, checks.stop) == (5.0, 3)
    assert checks.names() == (
        "image/exposed",
        "image/environment",
        "image/volumes",
        "image/size",
        "version-1.x",
        "default-command",
        "default-command/client",
        "default-command/stop",
        "default-command/again",
    )
    size = checks.expect.size
    assert size is not None
    assert (size.of("nanoserver"), size.of("linux")) == (120_000_000, None)
    says = checks.checks[0].says
    assert says is not None
    pattern = says.values[""].compiled("7.2.4")
    assert pattern.search("v=7.2.4") and not pattern.search("v=7x2.4")


def test_the_most_specific_kind_applies() -> None:
    text = """
[[check]]
name = "user"
run = { windows = ["a"], nanoserver = ["b"], linux = ["c"] }
"""
    run = read_checks(text.encode(), "c", KINDS).checks[0].run
    assert run is not None
    assert [run.of(kind) for kind in ("windowsservercore", "nanoserver", "linux")] == [("a",), ("b",), ("c",)]


def test_names_are_as_a_record_has_them() -> None:
    assert slug("Data, saved: again!") == "data-saved-again"


RUN = '[[check]]\nname = "a"\nrun = ["a"]\n'
SERVE = '[[check]]\nname = "a"\nserve = true\nready = { exec = ["a"] }\n'


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("", "declares no check", None),
        (RUN + "wat = 1\n", "check[1].wat: there is no such key", 4),
        (SERVE + 'steps = [\n{ name = "b", wat = 1, exec = ["b"] },\n]\n', "wat: there is no such key", 6),
        ("[expect]\nexpose = 1\n" + RUN, "expect.expose: there is no such key", 2),
        ("[time]\nredy = 1\n" + RUN, "time.redy: there is no such key", 2),
        ("[time]\nready = 1\n" + RUN, "time.ready: has no effect", None),
        ("[time]\nstop = 1\n" + SERVE, "time.stop: has no effect", None),
        ("[time]\nready = 0\n" + SERVE, "seconds, from 1", 2),
        ('[[check]]\nname = "a"\n', "needs either run", None),
        (RUN + "serve = true\nready = { exec = ['a'] }\n", "needs either run", None),
        (RUN + "ready = { exec = ['a'] }\n", "ready: has no effect", None),
        (RUN + "steps = []\n", "steps: has no effect", None),
        (SERVE + "says = 'a'\n", "says: has no effect", None),
        ('[[check]]\nname = "a"\nserve = true\n', "check[1].ready: expected a table", None),
        (RUN + "says = '('\n", "a regular expression", 4),
        (RUN + "says = '.*'\n", "could never fail", 4),
        (RUN + "says = '^$'\n", "could never fail", 4),
        (RUN + "fails = true\ncode = 1\n", "fails: has no effect", None),
        (RUN + "code = -1\n", "an exit code", 4),
        (RUN + RUN, "the name 'a' is there twice", None),
        (RUN.replace('"a"', '"build"', 1), "'build' is there twice", None),
        (RUN.replace('["a"]', "[]"), "a list of words", 3),
        (RUN.replace('["a"]', '["{address}"]'), "words without {address}", 3),
        (
            RUN.replace('["a"]', '{ windows = ["a"], freebsd = ["a"] }'),
            "run.freebsd: there is no such kind",
            None,
        ),
        (SERVE + 'steps = [{ name = "b" }]\n', "needs one of exec", None),
        (SERVE + 'steps = [{ name = "b", exec = ["b"], stop = true }]\n', "needs one of exec", None),
        (SERVE + 'steps = [{ name = "b", client = ["b"] }]\n', "expected {address}", None),
        (SERVE + 'steps = [{ name = "b", stop = true, says = "x" }]\n', "says: has no effect", None),
        (SERVE + 'steps = [{ name = "b", stop = true, within = 1 }]\n', "within: has no effect", None),
        (SERVE + 'steps = [{ name = "b", exec = ["b"], log = "x" }]\n', "log: has no effect", None),
        (SERVE + 'steps = [{ name = "b", main = "b", code = 1 }]\n', "code: has no effect", None),
        (SERVE + 'steps = [{ name = "b", again = true, stop = true }]\n', "again: has no effect", None),
        (
            SERVE + 'steps = [{ name = "s", stop = true }, { name = "b", exec = ["b"] }]\n',
            "step 'b' of 'a': has no effect: the container has been stopped",
            None,
        ),
        (SERVE.replace('exec = ["a"]', ""), "expected either exec or log", None),
        (SERVE.replace('exec = ["a"]', 'log = "a", says = "b"'), "says: has no effect", None),
        ('[expect]\nsize = "120MB"\n' + RUN, "a size above the base", 2),
        ('[expect]\nexposed = ["6379"]\n' + RUN, "a list of ports", 2),
        ('[expect]\nentrypoint = "some"\n' + RUN, '"none", "present"', 2),
    ],
)
def test_what_has_no_effect_is_refused(text: str, says: str, line: int | None) -> None:
    with pytest.raises(BadInput) as caught:
        read(text)
    assert says in caught.value.message
    assert caught.value.file == "checks.toml"
    if line is not None:
        assert caught.value.line == line


def test_a_kind_that_the_image_has_not_is_refused() -> None:
    text = RUN.replace('["a"]', '{ nanoserver = ["a"], windows = ["b"] }')
    read(text)
    with pytest.raises(BadInput, match=r"run.nanoserver: has no effect: the image has no such variant"):
        read(text, ("windowsservercore",))


def test_a_folder_without_checks_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file: nothing says what a variant"):
        load_checks(tmp_path, KINDS)


@pytest.mark.parametrize("name", ["redis", "rabbitmq"])
def test_the_packaged_checks_are_read(name: str) -> None:
    image = load(name)
    kinds = tuple(dict.fromkeys(variant.kind for variant in image.variants))
    checks = load_checks(templates_directory() / name, kinds)
    assert {"default-command/stop", "version", "image/exposed"} <= set(checks.names())
