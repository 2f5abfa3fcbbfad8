"""What a foreign program can reach, in each containment: a planted script looks, and its list must be empty."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients import contained
from contrib.clients.contained import BUBBLEWRAP, NAMESPACES, NONE, Containment, Done, python_paths, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="upstream's scripts need bash")

#: What no contained program may do, each line printing what it got.
PROBES = {
    "environment": "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep mark-",
    "home": f"ls {Path.home()} 2>/dev/null",
    "secret file": "cat $SECRET 2>/dev/null",
    "write": "echo x > $OUTSIDE/written 2>/dev/null && echo written",
    "write beside": "echo x > ../beside 2>/dev/null && echo written",
    "write to the system": "touch /usr/planted 2>/dev/null && echo written; touch /etc/planted 2>/dev/null && echo written",
    "link out": "ln -s $SECRET link; cat link 2>/dev/null",
    "loopback": "(exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>/dev/null && echo connected",
    "network": "(exec 3<>/dev/tcp/192.0.2.1/80) 2>&1 | grep -i -v unreachable",
    "unix socket": "python=$PYTHON; $python -c 'import os,socket; s=socket.socket(socket.AF_UNIX); s.connect(os.environ[\"SOCKET\"]); print(1)' 2>/dev/null",
    "abstract socket": "$PYTHON -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect(chr(0)+\"$ABSTRACT\"); print(1)' 2>/dev/null",
    "processes": "[ $(ls -d /proc/[0-9]* | wc -l) -gt 12 ] && echo many",
    "kill": f"kill -0 {os.getppid()} {os.getpid()} 2>/dev/null && echo reached",
    "sysctl": "cat /proc/sys/vm/swappiness > s; cat s > /proc/sys/vm/swappiness 2>/dev/null && echo written",
    "remount": "mount -o remount,rw /usr 2>/dev/null && echo remounted; mount -t tmpfs none /mnt 2>/dev/null && echo mounted",
    "capabilities": "grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status | grep -v 0000000000000000",
    "user namespace": "unshare -Ur mount -o remount,rw /usr 2>/dev/null && echo remounted",
    "devices": "ls /dev | grep -E '^(sd|vd|nvme|mem|kmem|kvm|fuse|loop)'",
    "terminal": "(exec < /dev/tty) 2>/dev/null && echo terminal",
    "docker": "ls /var/run/docker.sock /run/docker.sock 2>/dev/null",
}


def needs(containment: Containment) -> Containment:
    if not contained.works(containment):
        pytest.skip(f"{containment.name} does not work here")
    return containment


@pytest.fixture(params=[BUBBLEWRAP, NAMESPACES], ids=lambda each: each.name)
def held(request: pytest.FixtureRequest) -> Containment:
    return needs(request.param)


class Place:
    """A copy in which a script runs, with things beside it that it must not reach."""

    def __init__(self, root: Path) -> None:
        self.copy = root / "bench" / "copy"
        self.copy.mkdir(parents=True)
        self.outside = root / "outside"
        self.outside.mkdir()
        (self.outside / "secret").write_text("mark-file")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(str(self.outside / "s"))
        self.local.listen()
        self.name = f"contrib-test-{root.name}-{os.getpid()}"
        self.abstract = socket.socket(socket.AF_UNIX)
        if sys.platform == "linux":
            self.abstract.bind("\0" + self.name)
            self.abstract.listen()

    def script(self, text: str, containment: Containment, seconds: float = 30) -> Done:
        return run(
            ["bash", "-c", text],
            containment=containment,
            cwd=self.copy,
            environment={
                "PATH": os.environ["PATH"],
                "PYTHON": sys.executable,
                "SECRET": str(self.outside / "secret"),
                "OUTSIDE": str(self.outside),
                "SOCKET": str(self.outside / "s"),
                "ABSTRACT": self.name,
                "PORT": str(self.listener.getsockname()[1]),
            },
            readable=[self.copy.parent, *python_paths()],
            writable=[self.copy],
            seconds=seconds,
        )

    def close(self) -> None:
        for each in (self.listener, self.local, self.abstract):
            each.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("GH_TOKEN", "mark-token")
    made = Place(tmp_path)
    yield made
    made.close()


def test_a_contained_program_reaches_nothing(place: Place, held: Containment) -> None:
    script = "\n".join(
        f'r=$({probe}); [ -z "$r" ] || echo \'{name}:\' "$r"' for name, probe in PROBES.items()
    )
    done = place.script(script, held)
    assert done.out.decode() == "", done.out.decode()
    assert sorted(path.name for path in place.outside.iterdir()) == ["s", "secret"]
    assert not (place.copy.parent / "beside").exists()


def test_the_probes_can_find_something(place: Place) -> None:
    """Without containment most of them do: an empty list means something."""
    names = ("secret file", "write", "write beside", "link out", "loopback", "unix socket", "kill")
    done = place.script(
        "\n".join(f'r=$({PROBES[name]}); [ -z "$r" ] || echo \'{name}:\' "$r"' for name in names), NONE
    )
    assert [line.split(":")[0] for line in done.out.decode().splitlines()] == list(names)


def test_it_can_work_in_its_copy(place: Place, held: Containment) -> None:
    done = place.script(
        "echo x > file; cat <(echo sub); f=$(mktemp); echo y > $f; cat $f file; git --version", held
    )
    assert done.code == 0 and done.out.decode().startswith("sub\ny\nx\ngit version")
    assert (place.copy / "file").read_text() == "x\n"


#: How long they would sleep: a number of this process's own, by which they are found.
SLEEP = str(1_000_000 + os.getpid())
#: Ways to outlive one's parent.
DAEMONS = {
    "background": f"sleep {SLEEP} &",
    "session": f"setsid sleep {SLEEP} &",
    "orphan": f"(setsid sh -c 'sleep {SLEEP} & exec sleep {SLEEP}' &) &",
    "nohup": f"nohup sleep {SLEEP} >/dev/null 2>&1 & disown",
}


def survivors() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", SLEEP.encode()]:
                found.append(entry.name)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the process group is ended")
@pytest.mark.parametrize("containment", [BUBBLEWRAP, NAMESPACES, NONE], ids=lambda each: each.name)
@pytest.mark.parametrize("end", ["exit 0", "exit 3", "kill -9 $$", "sleep 30"])
def test_no_process_is_left(place: Place, containment: Containment, end: str) -> None:
    needs(containment)
    script = "\n".join([*DAEMONS.values(), "sleep 0.3", end])
    done = place.script(script, containment, seconds=1.5 if end == "sleep 30" else 30)
    codes = {"exit 0": 0, "exit 3": 3, "kill -9 $$": 137, "sleep 30": 124}
    assert done.code == codes[end] and survivors() == []


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
@pytest.mark.parametrize("containment", [BUBBLEWRAP, NAMESPACES, NONE], ids=lambda each: each.name)
@pytest.mark.parametrize("signal", ["INT", "TERM", "KILL"])
def test_nor_when_contrib_itself_is_ended(tmp_path: Path, containment: Containment, signal: str) -> None:
    needs(containment)
    program = (
        "import sys; from pathlib import Path; from contrib.clients import contained as c\n"
        f"c.run(['bash', '-c', {' '.join(DAEMONS.values()) + ' echo started > started; sleep 60'!r}],"
        f" containment=c.{containment.name.upper()}, cwd=Path({str(tmp_path)!r}), environment={{'PATH': '/usr/bin:/bin'}},"
        f" readable=c.python_paths(), writable=[Path({str(tmp_path)!r})], seconds=60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(contained.__file__).parents[2])}
    running = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < end:
        time.sleep(0.05)
    running.send_signal(getattr(__import__("signal"), f"SIG{signal}"))
    running.wait(20)
    while survivors() and time.monotonic() < end:
        time.sleep(0.05)
    assert survivors() == []


def test_output_without_end_is_ended(place: Place) -> None:
    done = run(
        ["bash", "-c", "yes"],
        containment=NONE,
        cwd=place.copy,
        environment={"PATH": os.environ["PATH"]},
        readable=(),
        writable=(),
        seconds=60,
        limit=1_000_000,
    )
    assert done.code == 124 and b"more than 1000000 bytes" in done.err


def test_a_program_that_is_not_there(place: Place) -> None:
    for containment in (NONE, NAMESPACES):
        if contained.works(containment):
            done = run(
                ["nothing-of-this-name"], containment=containment, cwd=place.copy, environment={"PATH": "/usr/bin"},
                readable=(), writable=[place.copy], seconds=30,
            )  # fmt: skip
            assert done.code == 127 and b"cannot be run" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_tokens_are_gone_from_what_proc_shows() -> None:
    program = (
        "import os; from contrib.clients.contained import forget_tokens\n"
        "forget_tokens(); print('mark' in open('/proc/self/environ').read(), os.environ.get('GH_TOKEN'), os.environ['PATH'] != '',\n"
        "  'KEPT=kept' in open('/proc/self/environ').read())"
    )
    environment = {
        **os.environ, "GH_TOKEN": "mark1", "CONTRIB_GITHUB_TOKEN": "mark2", "GH_ENTERPRISE_TOKEN": "mark3", "KEPT": "kept",
        "PYTHONPATH": str(Path(contained.__file__).parents[2]),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "None", "True", "True"]


def test_where_there_is_no_containment_it_is_called_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contained, "works", lambda containment: False)
    contained.find.cache_clear()
    try:
        assert contained.find() is NONE and not NONE.real
    finally:
        contained.find.cache_clear()


@pytest.mark.skipif(shutil.which("bwrap") is not None or sys.platform != "linux", reason="bwrap is there")
def test_bubblewrap_is_not_claimed_where_it_is_missing() -> None:
    assert not contained.works(BUBBLEWRAP)
