"""What goes wrong around a variant: one sentence each, no check blamed, all of ours gone, nothing of theirs touched."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients.engine import LABEL, Engine
from contrib.clients.engine import images as client
from contrib.trial.ledger import Ledger, left_behind
from contrib.trial.run import attempt
from contrib.values.errors import OutsideError
from tests.trial import roots
from tests.trial.conftest import imported
from tests.trial.engine import NoEngine, kill, start, stop
from tests.trial.support import checks, failed, of, results, run, there

SERVE = """
[time]
ready = 5
stop = 1
[[check]]
name = "default command"
serve = true
volumes = ["/data"]
ready = { exec = ["cat", "/data/up"], says = '^up' }
steps = [
  { name = "client", client = ["wget", "-q", "-O", "-", "http://{address}:80/up"], says = '^up' },
  { name = "stop", stop = true, code = { linux = 0 } },
  { name = "again", again = true, exec = ["cat", "/data/up"], says = '^up' },
]
"""
#: A server that is ready at once, answers over HTTP, and ends on SIGTERM.
SERVER = 'CMD ["sh", "-c", "trap \'exit 0\' TERM; echo up > /data/up; httpd -p 80 -h /data; while true; do sleep 0.1; done"]'


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that engine's files are."""
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def private(directory: Path) -> Iterator[str]:
    """An engine for this module alone, with a small disk: nothing else comes and goes on it."""
    pytest.importorskip("docker")
    where = directory
    try:
        address = start(where, "192m")
    except NoEngine as error:
        pytest.skip(f"no Docker engine for the tests: {error}")
    if not roots.BUSYBOX.exists():
        pytest.skip("there is no static busybox (Debian's package busybox-static)")
    try:
        imported(address, "base:1", roots.root(directories={"data": 0}))
        yield address
    finally:
        stop(where)


@pytest.fixture
def engine(private: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    with Engine.connect(f"f{abs(hash(request.node.nodeid)) % 10**8}", private) as connected:
        yield connected


def test_nothing_is_left_and_nothing_of_theirs_is_touched(engine: Engine) -> None:
    api = engine._api
    theirs = api.create_container("base:1", ["true"], labels={"theirs": "1"})["Id"]
    api.create_volume("theirs")
    api.tag("base:1", "redis", "1.0-alpine-twin")  # the official name is taken by an image of theirs
    before = there(engine)
    named = engine.image("redis:1.0-alpine-twin")
    trial = run(
        engine, of(f"FROM base:1\nRUN echo made > /made\nVOLUME /other\n{SERVER}\n"), what=checks(SERVE)
    )
    assert failed(trial) == set(), results(trial)
    assert there(engine) == before
    assert engine.image("redis:1.0-alpine-twin") == named
    assert engine.state(theirs).code == 0
    api.remove_container(theirs)


def test_keep_leaves_the_image_under_its_official_name(engine: Engine) -> None:
    what = checks('[[check]]\nname = "a"\nrun = ["echo", "a"]\nsays = "a"\n')
    trial = run(engine, of("FROM base:1\nRUN true\n", variant="kept"), what=what, keep=True)
    kept = engine.image("redis:1.0-kept-twin")
    assert kept is not None and kept.id == trial.tried[0].image_id
    engine.remove_image("redis:1.0-kept-twin")


@pytest.mark.parametrize(
    ("dockerfile", "seconds", "says"),
    [
        (
            "FROM base:1\nRUN sleep 100\n",
            4,
            "the build did not end in 4 s and was stopped, at 'RUN sleep 100'",
        ),
        ("FROM base:1\nRUN yes flooded\n", 60, "of log and was stopped, at 'RUN yes flooded'"),
        ("FROM registry.invalid/none:1\nRUN true\n", 30, "registry.invalid/none:1 cannot be pulled"),
    ],
    ids=["hangs", "floods", "no-base"],
)
def test_a_host_that_fails_fails_no_check(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, dockerfile: str, seconds: float, says: str
) -> None:
    monkeypatch.setattr(client, "FLOOD", 1 << 20)
    before = there(engine)
    trial = run(engine, of(dockerfile), what=checks(SERVE), seconds=seconds)
    (problem,) = trial.problems
    assert says in problem.message and problem.exit_code == 3
    assert trial.tried[0].result == "not-run"
    assert {check.result for check in trial.tried[0].checks} == {"not-run"}
    assert problem.message in {check.why for check in trial.tried[0].checks}
    assert there(engine) == before


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("FROM base:1\nRUN echo the reason && exit 3\n", "returned a non-zero code: 3"),
        ("FROM base:1\nCOPY missing /\n", "COPY failed"),
        ("FROM base:1\nNONSENSE\n", "unknown instruction"),
    ],
)
def test_a_build_that_fails_is_the_variants(engine: Engine, dockerfile: str, said: str) -> None:
    before = there(engine)
    trial = run(engine, of(dockerfile), what=checks(SERVE))
    assert trial.problems == [] and failed(trial) == {"build"}
    build = results(trial)["build"]
    assert said.lower() in f"{build.said} {build.why}".lower()
    assert results(trial)["default-command"].why == "not reached"
    assert there(engine) == before


def test_a_variant_that_fails_hides_no_other(engine: Engine) -> None:
    good = of(f"FROM base:1\n{SERVER}\n", variant="good")
    bad = of("FROM base:1\nRUN false\n", variant="bad")
    trial = run(engine, bad, good, what=checks(SERVE))
    assert [each.result for each in trial.tried] == ["failed", "passed"]


def test_one_that_copies_from_another_is_built_after_it(engine: Engine) -> None:
    what = checks('[[check]]\nname = "a"\nrun = ["cat", "/made"]\nsays = "made"\n')
    first = of("FROM base:1\nRUN echo made > /made\n", variant="first")
    second = of("FROM base:1\nCOPY --from=redis:1.0-first-twin /made /made\n", variant="second")
    other = of("FROM base:1\nCOPY --from=redis:0.9-first-twin /made /made\n", variant="other")
    before = there(engine)
    trial = run(engine, second, first, other, what=what)
    by_name = {each.variant: each for each in trial.tried}
    assert by_name["second"].result == "passed"
    assert by_name["second"].copied_from == by_name["first"].image_id
    assert by_name["other"].failures[0].why == (
        "it copies from redis:0.9-first-twin, and what was built here is redis:1.0-first-twin, redis:1.0-second-twin"
    )
    assert there(engine) == before


def test_windows_variants_are_not_for_an_engine_of_linux(engine: Engine) -> None:
    from dataclasses import replace

    subject = replace(of("FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"), kind="windowsservercore")
    trial = run(engine, subject, what=checks(SERVE))
    assert trial.tried[0].result == "not-run" and not trial.problems
    assert {check.why for check in trial.tried[0].checks} == {"the engine here runs Linux containers"}


@pytest.mark.parametrize("word", ["step 2", "default-command: yes", "stop"])
def test_an_interruption_leaves_nothing(engine: Engine, word: str) -> None:
    before = there(engine)

    def say(text: str) -> None:
        if word in text:
            raise KeyboardInterrupt

    subject = of(f"FROM base:1\nRUN sleep 0.2; echo made > /made\n{SERVER}\n")
    with pytest.raises(KeyboardInterrupt):
        attempt(engine, [subject], checks(SERVE), run=next(iter(engine.labels.values())), say=say)
    deadline = time.monotonic() + 10
    while there(engine) != before and time.monotonic() < deadline:
        time.sleep(0.2)  # the engine ends an abandoned build by itself
    assert there(engine) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from contrib.clients.engine import Engine
from contrib.trial.run import attempt
from tests.trial.support import checks, of
from tests.trial.test_faults import SERVE, SERVER

def say(text):
    if sys.argv[3] in text:
        os.kill(os.getpid(), signal.SIGKILL)

with Engine.connect("killed", sys.argv[1]) as engine:
    subject = of(f"FROM base:1\\nRUN echo made > /made\\nRUN true\\nVOLUME /other\\n{SERVER}\\n")
    attempt(engine, [subject], checks(SERVE), run="killed", say=say, ledgers=Path(sys.argv[2]))
"""


@pytest.mark.parametrize("word", ["step 4 of", "default-command: yes"])
def test_what_a_killed_run_left_is_removed_by_the_next(
    engine: Engine, private: str, tmp_path: Path, word: str
) -> None:
    api = engine._api
    api.tag("base:1", "redis", "1.0-alpine-twin")  # the official name is taken by an image of theirs
    theirs = api.create_container("base:1", ["true"], labels={LABEL: "of-another-machine"})["Id"]
    before = there(engine)
    killed = [sys.executable, "-c", KILLED, private, str(tmp_path), word]
    assert subprocess.run(killed, check=False).returncode == -signal.SIGKILL
    seen = [there(engine)]
    assert seen[0] != before
    while len(seen) < 4 or seen[-4:] != seen[-1:] * 4:  # the engine ends an abandoned build by itself
        time.sleep(0.2)
        seen.append(there(engine))
    said: list[str] = []
    attempt(engine, [], checks(SERVE), run="next", say=said.append, ledgers=tmp_path)
    assert there(engine) == before, said
    named = engine.image("redis:1.0-alpine-twin")
    assert named is not None and named == engine.image("base:1")
    assert said[0].startswith("removed what an earlier run, killed, had left when it was ended: ")
    assert not list(tmp_path.iterdir())
    api.remove_container(theirs)


def test_a_run_that_lives_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    living = Ledger(tmp_path, "living", engine.id)
    living.made("sha256:0")
    assert list(left_behind(tmp_path, engine.id)) == []
    living.close(clean=False)
    assert list(left_behind(tmp_path, "another engine")) == []
    (left,) = left_behind(tmp_path, engine.id)
    assert (left.run, left.made) == ("living", ["sha256:0"])


def test_the_clients_address_and_an_anonymous_volume(engine: Engine) -> None:
    """A client sees what loopback hides; a volume that the image declares does not stay."""
    listening = SERVER.replace("-p 80", "-p 127.0.0.1:80")
    before = there(engine)
    trial = run(engine, of(f"FROM base:1\nVOLUME /cache\n{listening}\n"), what=checks(SERVE))
    assert failed(trial) == {"default-command/client"}
    assert there(engine) == before


def test_a_disk_without_space(engine: Engine) -> None:
    if (
        "tmpfs"
        not in subprocess.run(
            ["df", "--output=fstype", engine._info["DockerRootDir"]], capture_output=True, text=True
        ).stdout
    ):
        pytest.skip("no small file system can be mounted here")
    before = there(engine)
    trial = run(engine, of("FROM base:1\nRUN dd if=/dev/zero of=/big bs=1M count=256\n"), what=checks(SERVE))
    (problem,) = trial.problems
    assert problem.message.startswith("there is no space left on the engine's disk")
    assert trial.tried[0].result == "not-run"
    assert there(engine) == before


def test_no_engine_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("docker")
    with pytest.raises(OutsideError) as caught:
        Engine.connect("x", f"unix://{tmp_path / 'none'}")
    assert caught.value.message.startswith("no Docker engine can be reached: ")
    assert "\n" not in caught.value.message and "DOCKER_HOST" in (caught.value.hint or "")


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(OutsideError) as caught:
        Engine.connect("x")
    assert caught.value.exit_code == 3 and "pip install docker" in (caught.value.hint or "")


def test_an_engine_that_dies_halfway(engine: Engine, directory: Path) -> None:
    """The last test of this module: its engine is gone afterwards."""

    def say(text: str) -> None:
        if "RUN sleep" in text:
            threading.Timer(0.5, kill, (directory,)).start()

    subjects = [of("FROM base:1\nRUN sleep 60\n", variant="one"), of("FROM base:1\n", variant="two")]
    began = time.monotonic()
    trial = attempt(engine, subjects, checks(SERVE), run="dies", say=say)
    assert time.monotonic() - began < 30
    (problem,) = trial.problems
    assert "engine went away" in problem.message and problem.exit_code == 3
    assert [each.result for each in trial.tried] == ["not-run", "not-run"]
