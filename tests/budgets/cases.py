"""Inputs that grow, for every reader of other people's text: a unit of the grammar, repeated in a place.

The readers are in :data:`ENTRIES`: a new one is one more row. ``python -m tests.budgets.cases [BYTES]`` measures all
of them up to the largest input that is accepted.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
POWERSHELL = WINDOWS + 'SHELL ["powershell", "-Command"]\n'
LINUX = "FROM alpine:3.20\nENV REDIS_VERSION 7.2.4\n"
LIBRARY = (
    "Maintainers: A B <a@b.example> (@a)\nGitRepo: https://github.com/example/docker-demo.git\n"
    "GitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\n"
)

#: Pieces of the grammars that shells and Dockerfiles have.
SHELL = [
    ".b()", "%A%", "a | ", "a && ", "a || ", "a; ", "(", ")", "{", "}", "$(", "${A}", "$A ", "`", '"', "'", "\\", "1.",
    "-x ", "> f ", "<< A ", "if x ", "{ a; } ", "@(", "[", "]", "\\\n ", "# c\\\n", "& ", "^", "%", "!A! ", ":a ",
    "Invoke-WebRequest -Uri https://a/a.zip -OutFile a.zip; ", "curl -o a https://a/a && ", "C:\\\\a\\\\", "a=b ", "é",
    "https://a/1.2.3/", "$a = $b; ", "foreach ($a in $b) { ", "case a in a) ;; esac; ", "for a in b; do c; done; ",
    "\"$A\" ", "'a' ", "a" * 40 + " ", "sed -i 's/a/b/' c; ", "echo a >> b; ", "[a]::b(", ", ", "\t", "-join ",
]  # fmt: skip
#: Where a unit stands: what is before, what is after, and the reader.
PLACES: dict[str, tuple[str, str, str]] = {
    "RUN, PowerShell": (POWERSHELL + "RUN ", "\n", "review"),
    "RUN, cmd": (WINDOWS + "RUN ", "\n", "review"),
    "RUN, sh": (LINUX + "RUN ", "\n", "facts"),
    "ENV": (WINDOWS + "ENV A ", "\n", "review"),
}
#: Units that stand in one place alone: name, before, unit, after, reader.
OTHERS: list[tuple[str, str, str, str, str]] = [
    ("instructions", WINDOWS, "RUN a\n", "", "review"),
    ("variables", WINDOWS, "ENV A $A$A\n", "", "review"),
    ("downloads", POWERSHELL, "RUN Invoke-WebRequest -Uri https://a/$env:A.zip -OutFile a.zip\n", "", "review"),
    ("comments", WINDOWS, "# contrib: ignore=escape-directive why\n", "", "review"),
    ("blank lines", WINDOWS, "\n", "", "review"),
    ("lines that go on", WINDOWS + "RUN a \\\n", " b \\\n", " c\n", "review"),
    ("stages", "", "FROM a AS b\n", "", "review"),
    ("expansions", WINDOWS, "ENV A=${A:-${A:+$A}}\n", "", "review"),
    ("a list in JSON", WINDOWS + 'CMD ["a"', ',"a"', "]\n", "review"),
    ("an escape in JSON", WINDOWS + 'CMD ["', "\\u0041", '"]\n', "review"),
    ("a list in JSON that never ends", WINDOWS + "CMD [", '"\\\\"', "\n", "review"),
    ("names", WINDOWS + "COPY ", "a ", "b\n", "review"),
    ("ports", WINDOWS + "EXPOSE ", "1 ", "\n", "review"),
    ("labels", WINDOWS + "LABEL ", 'a="b" ', "\n", "review"),
    ("here-documents", WINDOWS + "RUN <<A\n", "x\n", "A\n", "review"),
    ("installs", LINUX + "RUN apk add ", "a ", "\n", "facts"),
    ("a version", WINDOWS + "ENV REDIS_VERSION 7.2.4\nENV B 1.", "1", "!\n", "facts"),
    ("a version with dots", WINDOWS + "ENV REDIS_VERSION 7.2.4\nENV B 1", ".1", "!\n", "facts"),
    ("an address", WINDOWS + "ADD https://a/", "1.2.3/", "x.zip a\n", "review"),
    ("tags", LIBRARY + "Tags: ", "1.2.3-a, ", "b\nDirectory: a\n", "library"),
    ("entries", LIBRARY, "Tags: 1.2\nDirectory: a\n\n", "", "library"),
    ("fields", LIBRARY + "Tags: 1\n", "a: b\n", "", "library"),
    ("lines of a field", LIBRARY + "Tags: 1,\n", " a,\n", " b\n", "library"),
    ("comments in it", LIBRARY, "# a\n", "", "library"),
    ("colons", LIBRARY, ":", "", "library"),
    ("words that look alike", LIBRARY + "Tags: ", "alpine, alpnie, ", "b\n", "library"),
    ("maintainers", "Maintainers: ", "A <a@b.c> (@a), ", "B <b@b.c> (@b)\n" + LIBRARY, "library"),
    ("releases", "[", '{"tag_name":"7.2.4","assets":[]},', '{"tag_name":"7.2.3","assets":[]}]', "releases"),
    ("a release's text", '[{"tag_name":"7.2.4","assets":[],"body":"', "a b.zip 0123\\n", '"}]', "releases"),
    ("hashes", "", "hash redis-7.2.5.tar.gz sha256 " + "a" * 64 + " https://a/b\n", "", "hashes"),
    ("a template", "", "{{ .a }}\n", "", "template"),
    ("a template that never ends", "", "{{", "", "template"),
    ("strings in a template", "{{ ", '"a" + ', '"b" }}', "template"),
    ("Markdown", "", "`a ``@b [c] ", "", "markdown"),
    ("a log", "", "Step 1/2 : RUN a\n ---> abc\n", "", "log"),
    ("a log's line", "", "error: a (0x1) ", "", "log"),
    ("hidden characters", WINDOWS + "# ", "\u202e", "\n", "review"),
]  # fmt: skip


def review(text: str) -> object:
    """The review of a Windows Dockerfile."""
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed, review_all

    return review_all([Reviewed(parse(text.encode(), "Dockerfile"))])


def facts(text: str) -> object:
    """The facts of a Dockerfile, as either side of a comparison."""
    from contrib.dockerfile import parse
    from contrib.facts import extract

    return extract(parse(text.encode(), "Dockerfile"))


def library(text: str) -> object:
    """The rules over a library file."""
    from contrib.rules.library.context import LibraryContext
    from contrib.rules.library.form.reading import read_on
    from contrib.rules.library.run import check

    return check(LibraryContext(read_on(text.encode(), "library/demo")))


def releases(text: str) -> object:
    """A list of releases, as GitHub gives it."""
    from contrib.images import load
    from contrib.releases.sources import github_releases

    return github_releases.parse([text.encode()], load("redis").port, name="port", origin="x")


def hashes(text: str) -> object:
    """A list of checksums."""
    from contrib.images import load
    from contrib.releases import read_sources
    from contrib.releases.sources.hashes import parse

    file = load("redis").folder / "sources.toml"
    sources = read_sources(file.read_bytes(), str(file))
    return parse([text.encode()], next(each for each in sources.values() if each.kind == "hashes"), "x")


def template(text: str) -> object:
    """A template of upstream's."""
    from contrib.upstream.jqtemplate import compile_template

    return compile_template(text.encode(), "Dockerfile.template", lambda name: None)


def markdown(text: str) -> object:
    """Words for a pull request's body."""
    from contrib.values.markdown import code, plain

    return plain(text), code(text, cell=True)


def log(text: str) -> object:
    """The log of a failed build."""
    from contrib.trial import causes

    return causes.classify(text)


ENTRIES: dict[str, Callable[[str], object]] = {
    function.__name__: function
    for function in (review, facts, library, releases, hashes, template, markdown, log)
}


@dataclass(frozen=True)
class Case:
    """One input that grows."""

    name: str
    before: str
    unit: str
    after: str
    entry: str

    def text(self, size: int) -> str:
        """The input with so many characters of units."""
        return self.before + self.unit * max(1, size // len(self.unit)) + self.after

    def seconds(self, size: int) -> float:
        """CPU time that its reader takes; an error that names the input is an answer, too."""
        from contrib.values.errors import ContribError

        text = self.text(size)
        start = time.process_time()
        with contextlib.suppress(ContribError):
            ENTRIES[self.entry](text)
        return time.process_time() - start


def cases() -> Iterator[Case]:
    """All of them."""
    for name, (before, after, entry) in PLACES.items():
        for unit in SHELL:
            yield Case(f"{name}: {json.dumps(unit)[:40]}", before, unit, after, entry)
    for each in OTHERS:
        yield Case(*each)


def main(size: int, only: str = "") -> None:
    """Print the cases that grow faster than their input, or take long."""
    for case in cases():
        if only not in case.name:
            continue
        case.seconds(100)  # what is imported once
        small = max(case.seconds(size // 4), 0.005)
        large = case.seconds(size)
        if large > 2 or large / small > 6.25:
            print(f"{large:7.2f} s  x{large / small:5.1f}  {case.entry:9} {case.name}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 262_144, sys.argv[2] if len(sys.argv) > 2 else "")
