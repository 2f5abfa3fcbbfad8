"""no-command: a server that starts nothing."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.rules.context import Context
from contrib.rules.dockerfile.opaque_install_script import scripts_run
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_SERVER = lazy(
    r"server$|^(mongod|mysqld|mariadbd|httpd|nginx|caddy|traefik|memcached|postgres|etcd|consul|vault|influxd|"
    r"prometheus|grafana|haproxy|envoy|tomcat\d*|kafka|minio|named|sshd|vsftpd)$"
)


def check(context: Context) -> Iterator[Finding]:
    """Neither CMD nor ENTRYPOINT, in an image that serves something."""
    last, start = context.last, context.start
    if last is None or not start.inherited or not start.known:
        return
    words = [paths.program(word) for word in start.words]
    if words and words[0] not in ("cmd", "powershell", "pwsh"):
        return  # the base starts something of its own
    reason = _serves(context)
    if reason is not None:
        yield context.found(
            RULE,
            last.stage.from_.line,
            f"neither CMD nor ENTRYPOINT, and {reason}: `docker run IMAGE` opens the base's `cmd` and ends",
        )


def _serves(context: Context) -> str | None:
    """Why the image should start something; None where that cannot be told."""
    build = context.build
    for keyword, what in (("EXPOSE", "the image exposes a port"), ("VOLUME", "the image declares data")):
        if build.instructions(keyword):
            return what
    for run in build.of(act.Run, own=True):
        if _SERVER.search(run.name):
            return f"`{run.name}` is a server"
    for copy in build.of(act.CopyIn, own=True):
        for source in copy.sources:
            if source.lower().endswith(".exe") and _SERVER.search(paths.program(source)):
                return f"`{paths.name(source)}` is a server"
    if scripts_run(context):
        return "nothing here shows what the image is for"
    return None


RULE = Rule(
    id="no-command",
    severity=Severity.WARNING,
    title="nothing is started",
    looks_for=(
        "The image exposes a port, declares a volume or installs a server, and has neither CMD nor "
        "ENTRYPOINT."
    ),
    why=(
        "`docker run IMAGE` should do what people expect of the image. Without a command it "
        "opens the `cmd` of the base."
    ),
    evidence=evidence('guidelines "Consistency"', 'guidelines "Clarity"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --from=redis:7.2.5-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis
RUN C:\\redis\\redis-server.exe --version
EXPOSE 6379
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --from=redis:7.2.5-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis
RUN C:\\redis\\redis-server.exe --version
EXPOSE 6379
CMD ["C:\\\\redis\\\\redis-server.exe"]
"""
    ),
    check=check,
)
