"""A real Redis in real containers: the good variant passes every check, each broken one fails the check meant for it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from contrib.clients.engine import Engine
from contrib.values.evidence import Record, read_record
from tests.trial.support import failed, of, packaged, results, run

STOP = "default-command/stop"
LATE = "default-command/stop-saved-the-rest"


def test_the_good_variant_passes_every_check(engine: Engine, redis_twin: str, redis_version: str) -> None:
    subject = of(f"FROM {redis_twin}\nRUN true\n", version=redis_version)
    trial = run(engine, subject, what=packaged("redis"))
    assert (failed(trial), trial.problems) == (set(), [])
    found = results(trial)
    assert {name for name, each in found.items() if each.result == "not-run"} == {"user"}
    assert found["user"].why == "it is not for linux"
    assert found["default-command/client-from-another-container"].said == "PONG"
    assert "exit code 0" in found[STOP].said and "ready to exit" in found[STOP].said
    assert found[STOP].seconds is not None and found[STOP].seconds < 2
    # nothing is left, and the record can be read again
    assert not any(engine.ours().values())
    record = Record(
        "redis", datetime.now(timezone.utc).replace(microsecond=0), "test", trial.place, tuple(trial.tried)
    )
    assert read_record(record.text(), "r").variants[0].result == "passed"


@pytest.mark.parametrize(
    ("change", "meant", "others"),
    [
        # the setting is not changed: only a client that is not on loopback sees it
        (
            'CMD ["redis-server"]',
            {"default-command/client-from-another-container"},
            {"default-command/protected-mode-is-off"},
        ),
        # a shell that loops never passes the signal on: the server is killed, and what came after the save is lost
        (
            'CMD ["sh", "-c", "redis-server --protected-mode no & while true; do sleep 3600; done"]',
            {STOP, LATE, "default-command/the-server-is-the-main-process"},
            set(),
        ),
        # the file that the command names is not there
        ('CMD ["redis-server", "redis/redis.conf"]', {"default-command"}, set()),
        # a user who cannot write the data directory: the save fails, and the server refuses to stop
        (
            'USER redis\nWORKDIR /one\nCMD ["redis-server", "--protected-mode", "no", "--dir", "/one"]',
            {"default-command/background-save-ended", STOP},
            {
                "default-command/saved-data-is-there-again",
                LATE,
                "default-command/data-directory",
                "default-command/background-save",
                "image/workdir",
                "default-command/write-after-the-save",
            },
        ),
        # the server listens on loopback alone
        (
            'CMD ["redis-server", "--protected-mode", "no", "--bind", "127.0.0.1"]',
            {"default-command/client-from-another-container"},
            set(),
        ),
        # stop is ignored: the server never hears the signal
        (
            'STOPSIGNAL SIGUSR1\nCMD ["sh", "-c", "trap \'\' USR1; redis-server --protected-mode no; true"]',
            {STOP, LATE},
            {"default-command/the-server-is-the-main-process"},
        ),
        # nothing is saved: no save points
        (
            'CMD ["redis-server", "--protected-mode", "no", "--save", ""]',
            {"default-command/save-points", LATE},
            {"default-command/saved-data-is-there-again"},
        ),
    ],
    ids=["protected", "loop", "wrong-path", "not-writable", "loopback", "stop-ignored", "no-save-points"],
)
def test_a_broken_variant_is_caught_by_the_check_for_it(
    engine: Engine, redis_twin: str, redis_version: str, change: str, meant: set[str], others: set[str]
) -> None:
    subject = of(f"FROM {redis_twin}\n{change}\n", version=redis_version)
    trial = run(engine, subject, what=packaged("redis", "default command", stop=1, ready=8))
    found = failed(trial)
    assert meant <= found, results(trial)
    assert found <= meant | others
    assert trial.problems == []


def test_a_server_that_dies_at_once_is_not_waited_for(
    engine: Engine, redis_twin: str, redis_version: str
) -> None:
    subject = of(f'FROM {redis_twin}\nCMD ["redis-server", "--port", "nonsense"]\n', version=redis_version)
    trial = run(engine, subject, what=packaged("redis", "default command", ready=60))
    result = results(trial)["default-command"]
    assert result.result == "failed" and result.seconds is not None and result.seconds < 20
    assert "ended with exit code 1" in result.why
    assert results(trial)[STOP].why == "not reached: default-command failed"


def test_the_wrong_version_is_caught(engine: Engine, redis_twin: str, redis_version: str) -> None:
    subject = of(f"FROM {redis_twin}\nENV X_VERSION=6.2.1 REDIS_VERSION=6.2.1\n")
    trial = run(engine, subject, what=packaged("redis", "version", "version of the client"))
    assert failed(trial) == {"version", "version-of-the-client"}
    assert "v=7." in results(trial)["version"].said
