"""Git's smart HTTP protocol over the real git: ``upload-pack`` and ``receive-pack --stateless-rpc``.

What ``git http-backend`` does, without CGI: it runs wherever git runs, Windows included, and costs
one process a request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

from contrib.clients.git import Repository as Git
from contrib.sandbox.model import Repo

SERVICES = ("git-upload-pack", "git-receive-pack")


def advertisement(repo: Repo, service: str, protocol: str | None) -> bytes:
    """The answer to ``GET …/info/refs?service=…``."""
    with repo.git() as git:
        done = git.run(
            service.removeprefix("git-"),
            "--stateless-rpc",
            "--advertise-refs",
            str(repo.path),
            env=_protocol(protocol),
        )
    first = f"# service={service}\n".encode()
    return b"%04x" % (len(first) + 4) + first + b"0000" + done.stdout


def exchange(
    repo: Repo, service: str, protocol: str | None, body: Iterator[bytes], write: Callable[[bytes], object]
) -> int:
    """The answer to ``POST …/git-upload-pack`` or ``…/git-receive-pack``, passed on as git gives it.

    :param body: the request's body, decoded.
    :param write: takes the response's bytes.
    :return: git's exit code.
    """
    with repo.git() as git:
        return _exchange(git, repo, service, protocol, body, write)


def _exchange(
    git: Git,
    repo: Repo,
    service: str,
    protocol: str | None,
    body: Iterator[bytes],
    write: Callable[[bytes], object],
) -> int:
    with git.spawn(
        service.removeprefix("git-"), "--stateless-rpc", str(repo.path), env=_protocol(protocol), stderr=None
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(process.stdin, body), daemon=True)
        feeder.start()
        while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
            write(chunk)
        feeder.join()
        return process.wait()


def _feed(pipe: BinaryIO, body: Iterator[bytes]) -> None:
    """Give git the request; it may stop listening before the end (a refused push)."""
    try:
        with pipe:
            for chunk in body:
                pipe.write(chunk)
    except (BrokenPipeError, OSError):
        for _ in body:  # the client still sends: read it, or it never reads our answer
            pass


def _protocol(version: str | None) -> dict[str, str]:
    return {"GIT_PROTOCOL": version} if version else {}
