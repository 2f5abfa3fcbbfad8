"""What the log of a failed Windows build says: one table of causes, each with its lines and what to do.

Looked up, in the shape of real logs: docker-library/mongo#391 (a condition of the installer, 1603),
docker-library/official-images#18390 (an MSI that cannot be read, 1620), docker-library/mongo#698 (a missing
library, 0xC0000135), docker-library/official-images#18443 and actions/runner-images#11582 (a host older than the
base, 0xc0370106), docker-library/mongo#241 and moby/moby#32838 (the platform's own layers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from contrib.values.budgets import bounded
from contrib.values.exits import Exit, exits_in

Kind = Literal[
    "host-older",
    "platform",
    "no-space",
    "network",
    "pull",
    "artefact",
    "digest",
    "gone",
    "missing-library",
    "missing-entry-point",
    "cannot-start",
    "mistake",
]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a build failed.

    :param kind: one of :data:`Kind`. :param title: a clause. :param lines: those that show it, the most telling
        first. :param advice: what to do, a sentence.
    :param host: the host's fault: it says nothing about the variant.
    :param installer: an installer failed, whose own log would say more.
    """

    kind: Kind
    title: str
    lines: tuple[Line, ...]
    advice: str
    host: bool = False
    installer: bool = False
    evidence: str = ""

    @property
    def quote(self) -> str:
        """The line that shows it best."""
        return self.lines[0].text if self.lines else ""


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a cause looks like.

    :param pattern: over one line. :param also: another pattern that must be somewhere in the log.
    """

    kind: Kind
    title: str
    pattern: re.Pattern[str]
    advice: str
    host: bool = False
    installer: bool = False
    evidence: str = ""


def _sign(
    kind: Kind,
    title: str,
    pattern: str,
    advice: str,
    *,
    host: bool = False,
    installer: bool = False,
    evidence: str = "",
) -> _Sign:
    # Lines are looked at in small letters: a third of the time that letters of either case take.
    small = re.sub(
        r"\\.|[A-Z]+", lambda found: found[0] if found[0][0] == "\\" else found[0].lower(), pattern
    )
    return _Sign(kind, title, re.compile(small), advice, host, installer, evidence)


#: In the order in which they are believed: what is said plainly before what follows from it.
_SIGNS = (
    _sign(
        "no-space",
        "there is no space left on the engine's disk",
        r"no space left on device|there is not enough space on the disk|0x80070070\b|disk quota exceeded",
        "make room (`docker system df` shows what takes it) and try again; the variant was not judged",
        host=True,
    ),
    _sign(
        "host-older",
        "the host is older than the base, or cannot run containers of it",
        r"0xc0370106|virtual machine or container exited unexpectedly|compute system exited unexpectedly",
        "wait until the runner is updated, pin the base of last month, or use a newer host; "
        "this says nothing about the variant",
        host=True,
        evidence="https://github.com/actions/runner-images/issues/11582",
    ),
    _sign(
        "host-older",
        "the Windows of the container does not match the host's",
        r"0xc0370101|operating system of the container does not match|"
        r"container operating system does not match|no matching manifest for windows",
        "use a host of the same Windows build (windows-2022 for ltsc2022, windows-2025 for ltsc2025), or Hyper-V "
        "isolation",
        host=True,
        evidence="https://github.com/moby/moby/issues/35668",
    ),
    _sign(
        "platform",
        "the platform failed to make a layer",
        r"hcsshim::(?:ImportLayer|PrepareLayer|ProcessBaseLayer|ActivateLayer|ExportLayer|GetLayerMountPath)|"
        r"re-exec error: exit status|failed to register layer|0xc0370112|ProcessUtilityVMImage|"
        r"failed in Win32:|hcs::(?:System|Process|CreateComputeSystem)|failure in a Windows system call",
        "run it again; if it stays, it is Windows' or the engine's matter and not the Dockerfile's",
        host=True,
        evidence="https://github.com/moby/moby/issues/32838",
    ),
    _sign(
        "digest",
        "what was downloaded is not what the digest in the Dockerfile says",
        r"^(?:#\d+ [\d.]+ )?\s*FAILED!\s*$|checksum (?:does not match|mismatch)|hash (?:does not match|mismatch)|"
        r"WARNING: 1 computed checksum did NOT match|sha256.*(?:mismatch|did not match)|: FAILED$",
        "compare the digest that upstream publishes today with the one in the file: when the archive was replaced, "
        "ask upstream before taking the new one",
    ),
    _sign(
        "gone",
        "the archive is not there",
        r"\(404\)\s*Not Found|HTTP Error 404|404 Not Found|returned error: 404|ERROR 404: Not Found|"
        r"StatusCode:\s*404|server returned HTTP/1\.1 404",
        "look whether the release still has that file under that name: it may be uploaded late, renamed or withdrawn",
    ),
    _sign(
        "artefact",
        "the installer package cannot be opened (1620)",
        r"MainEngineThread is returning 1620|(?:exit ?code|status|returned|error)\D{0,30}\b1620\b|"
        r"installation package could not be opened",
        "its digest was right, so the package was published like this: tell upstream, and leave the release out",
        installer=True,
        evidence="https://github.com/docker-library/official-images/pull/18390",
    ),
    _sign(
        "artefact",
        "the installer refuses this system",
        r"Product: .{1,200}? -- (?!Installation (?:failed|completed)|Configuration (?:failed|completed)|"
        r"Removal )(?!Error 1708).{3,}",
        "a condition or an action of the installer says no: report the quoted line to upstream",
        installer=True,
        evidence="https://github.com/docker-library/mongo/pull/391",
    ),
    _sign(
        "artefact",
        "the installer failed (1603)",
        r"MainEngineThread is returning 1603|(?:success or error status|exit ?code|status|returned|error)"
        r"\D{0,40}\b1603\b",
        "look above the first 'Return value 3' of its own log (msiexec /L*v): that action failed",
        installer=True,
        evidence="https://github.com/docker-library/mongo/pull/391",
    ),
    _sign(
        "pull",
        "an image could not be had from its registry",
        r"toomanyrequests|pull access denied|manifest (?:unknown|for \S+ not found)|"
        r"failed to resolve (?:source metadata|reference)|error pulling image|"
        r"unauthorized: authentication required|repository does not exist",
        "check the name in FROM and COPY --from; when a limit was met, log in or wait",
        host=True,
    ),
    _sign(
        "network",
        "the network failed",
        r"could not resolve host|remote name could not be resolved|no such host is known|no such host\b|"
        r"temporary failure in name resolution|connection (?:timed out|reset by peer|refused)|"
        r"unable to connect to the remote server|operation has timed out|TLS handshake timeout|i/o timeout|"
        r"underlying connection was closed|could not establish trust relationship|\((?:502|503|504)\) |"
        r"returned error: 50[234]|network is unreachable|EOF occurred in violation of protocol",
        "run it again; when it stays, look whether the address answers from elsewhere",
        host=True,
    ),
    _sign(
        "platform",
        "the runner or the engine was ended",
        r"the runner has received a shutdown signal|lost communication with the server|"
        r"the operation was canceled|error during connect|cannot connect to the docker daemon|"
        r"is the docker daemon running|the hosted runner encountered an error|runner has been shut down",
        "run it again; nothing was judged",
        host=True,
    ),
    _sign(
        "mistake",
        "the Dockerfile copies what is not there",
        r"COPY failed: |ADD failed: |failed to compute cache key: .*not found|"
        r"failed to calculate checksum of ref|forbidden path outside the build context",
        "the source is not in the build context, or not in the image that it is copied from",
    ),
    _sign(
        "mistake",
        "the Dockerfile cannot be read",
        r"dockerfile parse error|unknown instruction|failed to solve with frontend|unknown flag:|"
        r"invalid reference format|failed to parse stage name|invalid from flag value",
        "`contrib review` shows the line",
    ),
    _sign(
        "mistake",
        "a setting that should have been changed was not there",
        r"nothing to change: \S+|not changed: \S+",
        "the archive's configuration file has changed: look at its line, and correct the image's data",
    ),
    _sign(
        "mistake",
        "a command is not there",
        r"is not recognized as (?:an internal or external command|the name of a cmdlet)|"
        r"executable file not found in|: not found$|The system cannot find the (?:file|path) specified|"
        r"Cannot find path '|Could not find a part of the path|ParserError|unexpected token|MissingEndParenthesis",
        "check its spelling, PATH and the directory that the archive unpacks to",
    ),
    _sign(
        "mistake",
        "access was denied",
        r"Access is denied|Access to the path .* is denied|UnauthorizedAccessException|Permission denied",
        "check the user of the step: nanoserver runs as ContainerUser unless USER says otherwise",
    ),
)

#: How the classic builder, and BuildKit, tell of a command that failed: what is said before the command, and after it.
_COMMAND = (
    ("The command '", re.compile(r"' returned a non-zero code: (-?\d+)")),
    ('process "', re.compile(r"\" did not complete successfully: exit code: (-?\d+)")),
)
#: What GitHub puts before each line of a log, and what BuildKit does.
_PREFIX = re.compile(r"^\ufeff?(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?(?:##\[[a-z]+\])?(?:#\d+ \d+\.\d+ )?")
_STEP = re.compile(r"Step \d+/\d+ :")
#: An instruction that is quoted (Step 4/9 : RUN … exit 1603) is not an outcome.
_QUOTED = re.compile(r"Step \d+/\d+ :|#\d+ \[|--->")
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

#: Lines of one cause that are shown.
SHOWN = 6
#: Characters of a line that are looked at and shown.
WIDTH = 400


@bounded("name")
def classify(log: str, name: str = "the log") -> Cause | None:
    """The cause that a log shows; None when it shows none that is known.

    Of several the one that explains the others: a full disk before the command that met it.

    :param name: of the log, for errors.
    """
    lines = [Line(number, text) for number, text in _lines(log)]
    shown: dict[int, list[Line]] = {}
    for line in lines:
        for rank in _signs_of(line.text):
            shown.setdefault(rank, []).append(line)
    loader = _loader(lines)
    for rank in sorted(shown):
        sign = _SIGNS[rank]
        if sign.kind == "mistake" and loader is not None:
            break
        ordered = sorted(shown[rank], key=lambda line: len(line.text) < 12)
        context = [line for line in _around(lines, ordered[0]) if line not in ordered]
        return Cause(
            sign.kind,
            sign.title,
            tuple([*ordered, *context][:SHOWN]),
            sign.advice,
            sign.host,
            sign.installer,
            sign.evidence,
        )
    if loader is not None:
        return loader
    for line in lines:
        code = _ended_with(line.text)
        if code is not None:
            before = [each for each in lines if each.number < line.number][-3:]
            return Cause(
                "mistake",
                f"a command of the Dockerfile ended with {code}",
                (line, *reversed(before)),
                "the lines before it say why; run it by hand in the image of the step before",
            )
    return None


def _ended_with(text: str) -> str | None:
    """The exit code of a command, where the line tells of one that failed."""
    for before, after in _COMMAND:
        begin = text.find(before)
        found = after.search(text, begin + len(before) + 1) if begin >= 0 else None
        if found is not None:
            return found[1]
    return None


@lru_cache(maxsize=4096)  # most lines of a log that has no end are the same ones
def _signs_of(text: str) -> tuple[int, ...]:
    """The places in the table of the signs that a line shows."""
    if _QUOTED.match(text):
        return ()
    begin, end = text.find("The command '"), text.rfind("' returned")
    if 0 <= begin < end - len("The command"):
        text = f"{text[:begin]}The command{text[end + 1 :]}"
    text = text.lower()
    return tuple(rank for rank, sign in enumerate(_SIGNS) if sign.pattern.search(text))


def _loader(lines: list[Line]) -> Cause | None:
    """A program that Windows could not start, or that crashed, by its exit code."""
    for line in lines:
        if _STEP.match(line.text):
            continue
        for _, meaning in exits_in(line.text):
            return _of_exit(meaning, line, lines)
    return None


def _of_exit(meaning: Exit, line: Line, lines: list[Line]) -> Cause:
    kind: Kind = "cannot-start"
    if meaning.code in (0xC0000135, 0xC06D007E, 0x8007007E):
        kind = "missing-library"
    elif meaning.code in (0xC0000139, 0xC0000138, 0xC06D007F):
        kind = "missing-entry-point"
    before = [each for each in lines if each.number < line.number][-2:]
    return Cause(
        kind,
        f"{meaning.meaning} ({meaning.hex}, {meaning.name})",
        (line, *reversed(before)),
        meaning.advice or "look at what the program was started with",
        evidence="https://github.com/docker-library/mongo/pull/698" if kind == "missing-library" else "",
    )


def _around(lines: list[Line], line: Line) -> list[Line]:
    """The command that failed, and the two lines before."""
    after = [each for each in lines if each.number > line.number and _ended_with(each.text) is not None]
    before = [each for each in lines if each.number < line.number][-2:]
    return [*after[:1], *reversed(before)]


def _lines(log: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(log.splitlines(), 1):
        if not raw or raw.isspace():
            continue
        text = _STYLE.sub("", raw[: WIDTH * 4])
        text = _PREFIX.sub("", text).strip()
        if text:
            text = text[:WIDTH]
            yield number, text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
