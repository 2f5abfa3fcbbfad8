"""RabbitMQ's checks against a stand-in: a real server under Erlang's name, and tools that ask it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from contrib.clients.engine import Engine
from tests.trial import roots
from tests.trial.conftest import imported
from tests.trial.support import failed, of, packaged, results, run

VERSION = "4.1.8"
_ASK = "#!/bin/sh\nredis-cli -p 5672 "
TOOLS = {
    "usr/bin/rabbitmq-server": "#!/bin/sh\nexec beam.smp --port 5672 --protected-mode no --dir /var/lib/rabbitmq\n",
    "usr/bin/rabbitmq-diagnostics": f"{_ASK}ping | grep PONG\n",
    "usr/bin/rabbitmq-plugins": "#!/bin/sh\necho rabbitmq_prometheus\n",
    "usr/bin/rabbitmqctl": """#!/bin/sh
[ "$1" = -q ] && shift
case "$1" in
	version) echo "$RABBITMQ_VERSION" ;;
	environment) echo ' {loopback_users,[]},' ;;
	add_user) redis-cli -p 5672 set "$2" "$3" | grep OK ;;
	list_users) redis-cli -p 5672 keys '*' ;;
esac
""",
}


@pytest.fixture(scope="module")
def twin(engine_address: str) -> str:
    server, client = shutil.which("redis-server"), shutil.which("redis-cli")
    if server is None or client is None or not roots.BUSYBOX.exists():
        pytest.skip("there is no redis-server and busybox (Debian's packages redis-server, busybox-static)")
    programs = {"usr/bin/beam.smp": Path(server), "usr/bin/redis-cli": Path(client)}
    data = roots.root(programs, TOOLS, directories={"var/lib/rabbitmq": 0, "root": 0})
    ports = " ".join(("4369", "5671", "5672", "15691", "15692", "25672"))
    changes = (
        f"ENV RABBITMQ_VERSION={VERSION}",
        f"EXPOSE {ports}",
        'ENTRYPOINT ["env"]',
        'CMD ["rabbitmq-server"]',
    )
    return imported(engine_address, f"rabbitmq-{os.getpid()}:1", data, changes)


def test_the_good_variant_passes_every_check(engine: Engine, twin: str) -> None:
    subject = of(f"FROM {twin}\nRUN true\n", image="rabbitmq", version=VERSION)
    trial = run(engine, subject, what=packaged("rabbitmq"))
    assert (failed(trial), trial.problems) == (set(), []), results(trial)


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        ("RUN echo secret > /root/.erlang.cookie", {"no-erlang-cookie-in-the-image"}),
        # another node name: the data is looked for elsewhere, as if it were gone
        (
            'CMD ["sh", "-c", "mkdir -p /tmp/data; exec beam.smp --port 5672 --protected-mode no --dir /tmp/data"]',
            {"default-command/data-is-there-again"},
        ),
        # a shell between the engine and Erlang
        ('CMD ["sh", "-c", "rabbitmq-server & wait"]', {"default-command/erlang-is-the-main-process"}),
    ],
    ids=["cookie", "data-elsewhere", "shell-between"],
)
def test_a_broken_variant_is_caught(engine: Engine, twin: str, change: str, meant: set[str]) -> None:
    subject = of(f"FROM {twin}\n{change}\n", image="rabbitmq", version=VERSION)
    only = ("no Erlang cookie in the image",) if "cookie" in change else ("default command",)
    trial = run(engine, subject, what=packaged("rabbitmq", *only, stop=1, ready=8))
    assert meant <= failed(trial), results(trial)
