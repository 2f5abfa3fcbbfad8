from __future__ import annotations

import pytest

from contrib.facts.kinds import User
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, the, value

ENTRY = """#!/bin/sh
set -e
if [ "$1" = 'app' -a "$(id -u)" = '0' ]; then
	chown app .
	exec {step} "$0" "$@"
fi
umask 0077
exec "$@"
"""
START = 'COPY docker-entrypoint.sh /usr/local/bin/\nENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["app"]\n'


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("gosu app", "root, then app (gosu)"),
        ("su-exec app:app", "root, then app (su-exec)"),
        ("setpriv --reuid=app --clear-groups --", "root, then app (setpriv)"),
    ],
)
def test_step_down_in_the_entrypoint(step: str, shown: str) -> None:
    copied = {"docker-entrypoint.sh": ENTRY.format(step=step)}
    assert value(ALPINE + START, "user", copied) == shown
    assert value(ALPINE + START, "step-down", copied) == step.split()[0]
    assert value(ALPINE + START, "ownership", copied) == "umask"


def test_step_down_without_the_script_at_hand() -> None:
    assert (
        value(ALPINE + "RUN apk add --no-cache 'su-exec>=0.2'\n" + START, "user")
        == "root, then steps down (su-exec)"
    )
    assert value(ALPINE + 'RUN apk add su-exec\nCMD ["app"]\n', "user") == "root"


def test_user_instruction() -> None:
    assert value(ALPINE + "USER a\nUSER nobody\n", "user") == "nobody"
    assert value(SERVERCORE, "user") == "ContainerAdministrator (the base's)"
    assert value(NANOSERVER, "user") == "ContainerUser (the base's)"
    assert value("FROM microsoft/nanoserver\n", "user") == "ContainerAdministrator (the base's)"
    left = the(NANOSERVER + "USER ContainerAdministrator\nRUN x\n", User)
    assert left.administrator and left.explicit and left.nanoserver
    back = the(NANOSERVER + "USER ContainerAdministrator\nRUN x\nUSER ContainerUser\n", User)
    assert back.administrator is False


def test_accounts_and_owners() -> None:
    text = ALPINE + "RUN addgroup -S app && adduser -S -G app app\nRUN mkdir /data && chown app:app /data\n"
    assert value(text, "users-and-groups") == "adduser -S -G app app"
    assert value(text, "ownership") == "chown app:app /data"
