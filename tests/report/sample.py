"""Comparisons written by hand, so that reports are tested apart from what makes the rows."""

from __future__ import annotations

from contrib.compare.model import Behaviour, Comparison, ParityRow
from contrib.facts.kinds import Fact
from contrib.facts.model import FactSheet
from contrib.values.findings import Evidence, Finding, Fix, Severity, Verdict

NAME = "4.2/windows/windowsservercore-ltsc2022/Dockerfile"
EVIDENCE = (Evidence("docker-library/redis#78", "https://github.com/docker-library/redis/pull/78"),)
#: Of every kind: with and without line, fix and evidence; several of one rule; accepted.
FINDINGS = (
    Finding(
        "moving-base-tag",
        Severity.ERROR,
        NAME,
        1,
        "`mcr.microsoft.com/windows/servercore` without a tag: name the release",
    ),
    Finding(
        "maintainer-instruction",
        Severity.WARNING,
        NAME,
        2,
        "MAINTAINER is deprecated",
        evidence=EVIDENCE,
        fix=Fix("x", ()),
    ),
    Finding(
        "missing-error-preference",
        Severity.ERROR,
        NAME,
        4,
        "PowerShell goes on after an error",
        evidence=EVIDENCE,
        fix=Fix("x", ()),
    ),
    Finding("plain-http-download", Severity.ERROR, NAME, 6, "fetched over http", end_line=8),
    Finding("hard-coded-version", Severity.WARNING, NAME, 6, "4.1.9 is written in the RUN alone"),
    Finding("install-path-with-spaces", Severity.WARNING, NAME, 7, "a space in `C:\\Program Files\\Kiwi`"),
    Finding("install-path-with-spaces", Severity.WARNING, NAME, 11, "a space in `C:\\Program Files\\Kiwi`"),
    Finding(
        "keep-alive-loop", Severity.ERROR, NAME, 19, "an endless loop | after the program", evidence=EVIDENCE
    ),
    Finding("directory-name", Severity.NOTE, NAME, None, "no line decides this"),
    Finding("healthcheck", Severity.WARNING, NAME, 20, "none wanted", accepted="kept on purpose"),
)
FAQ = (Evidence("docker-library/faq", "https://github.com/docker-library/faq"),)
_ASSET = (
    "https://github.com/kiwi-project/kiwi-for-windows/releases/download/v4.1.9/kiwi-4.1.9-windows-x64.zip"
)

Side = tuple[str, int | None] | None

#: Fact, Linux, Windows, verdict, why, hint, evidence; in no order of seriousness, as a comparison gives them.
FIRST: tuple[tuple[str, Side, Side, Verdict, str, str, tuple[Evidence, ...]], ...] = (
    (
        "base",
        ("alpine:3.20", 1),
        ("mcr.microsoft.com/windows/servercore", 1),
        Verdict.DIFFERENT,
        "names no Windows release: the base moves",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2025",
        FAQ,
    ),
    ("base-pinned", ("3.20", 1), None, Verdict.MISSING, "the tag names no Windows release", "", ()),
    ("version", ("4.2.1", 9), ("4.1.9", 6), Verdict.DIFFERENT, "1 minor release behind Linux", "", ()),
    (
        "version-declared",
        ("KIWI_VERSION", 9),
        None,
        Verdict.MISSING,
        "users and scripts read the version from the environment",
        "ENV KIWI_VERSION=4.1.9",
        (),
    ),
    (
        "download",
        ("https://kiwi.example.org/releases/kiwi-4.2.1.tar.gz", 15),
        (_ASSET, 6),
        Verdict.JUSTIFIED,
        "the file for Windows",
        "",
        (),
    ),
    (
        "download-verified",
        ("sha256", 16),
        ("sha1, result ignored, after it is used", 8),
        Verdict.DIFFERENT,
        "a mismatch does not end the build",
        "",
        (),
    ),
    ("installed-tools:kiwi-server", ("kiwi-server", 37), ("kiwi-server", 18), Verdict.SAME, "", "", ()),
    (
        "installed-tools:kiwi-benchmark",
        ("kiwi-benchmark", 27),
        None,
        Verdict.UNKNOWN,
        "nobody listed what is in the archive",
        "",
        (),
    ),
    ("configuration:local-only", ("no", 22), ("no", 14), Verdict.SAME, "", "", ()),
    (
        "entrypoint",
        ('["docker-entrypoint.sh"]', 34),
        None,
        Verdict.JUSTIFIED,
        "Windows has no exec: a script would stay between Docker and the program",
        "",
        FAQ,
    ),
    (
        "volumes",
        ("/data", 30),
        None,
        Verdict.MISSING,
        "data lands in the container's layer",
        "VOLUME C:\\\\data",
        (),
    ),
    (
        "workdir",
        ("/data", 31),
        ("C:\\Program Files\\Kiwi", 11),
        Verdict.DIFFERENT,
        "data is beside the program",
        "",
        (),
    ),
    (
        "command",
        ('["kiwi-server"]', 37),
        (".\\\\kiwi-server.exe .\\\\open.conf ; while ($true) { Start-Sleep -Seconds 600 }", 18),
        Verdict.DIFFERENT,
        "shell form: a shell becomes the main process | and stays",
        'CMD ["kiwi-server.exe", ".\\\\open.conf"]',
        (),
    ),
    ("ports", ("4242/tcp", 36), ("4242/tcp, 4243/tcp", 16), Verdict.EXTRA, "only here: 4243/tcp", "", ()),
    (
        "stop-signal",
        ("SIGTERM (default)", None),
        ("CTRL_SHUTDOWN_EVENT", None),
        Verdict.JUSTIFIED,
        "no signal can be chosen",
        "",
        (),
    ),
)
GOOD = tuple(row for row in FIRST if row[3] in (Verdict.SAME, Verdict.JUSTIFIED))
RUN = (
    Behaviour("build", "passed", "passed"),
    Behaviour("default-command/stop", "passed", "failed", "still running 10 s after docker stop"),
    Behaviour("protected-mode", "passed", "not-run", "no second container can reach the first"),
)


def fact(name: str, side: Side) -> Fact | None:
    return None if side is None else Fact(name, side[0], side[1])


def comparison(name: str) -> Comparison:
    """``first``: as a first port looks; ``good``: one with nothing to say; ``run``: the first, with what was run."""
    table = GOOD if name == "good" else FIRST
    rows = tuple(
        ParityRow(name_, fact(name_, linux), fact(name_, windows), verdict, why, hint, evidence)
        for name_, linux, windows, verdict, why, hint, evidence in table
    )
    return Comparison(
        None,
        FactSheet(
            NAME,
            "windows",
            "mcr.microsoft.com/windows/servercore",
            "4.2.1" if name == "good" else "4.1.9",
            (),
        ),
        FactSheet("4.2/alpine/Dockerfile", "linux", "alpine:3.20", "4.2.1", ()),
        rows,
        () if name == "good" else FINDINGS,
        RUN if name == "run" else (),
    )
