"""Inputs that grow, for every reader of other people's text: a unit of the grammar, repeated in a place.

The readers are in :mod:`tests.budgets.entries`. ``python -m tests.budgets.cases [BYTES]`` measures all
of them up to the largest input that is accepted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.budgets.entries import ENTRIES, seconds

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
    ("Markdown", "", "`a ``@b [c] ", "", "words"),
    ("backquotes", "", "``` `` ` ", "", "words"),
    ("controls", "", "\x1b[8m\u202e\r", "", "words"),
    ("long addresses", WINDOWS + "ADD https://a/", "a.zip", " a\n", "review"),
    ("an address of words", WINDOWS + "ADD https://a/x.zip?", "a-1.2_", " a\n", "facts"),
    ("spaces in paths", WINDOWS + "ENV A ", "C:\\a b\\", "\n", "review"),
    ("variables that differ", POWERSHELL + "RUN a ", "%A{}%", "\n", "review"),
    ("a replacement", POWERSHELL + "RUN $a = 'b'", " -replace 'a+','b'", "\n", "review"),
    ("twins", WINDOWS, "ENV A b\n", "", "comparison"),
    ("ports beside a twin", WINDOWS, "EXPOSE 1{}\n", "", "comparison"),
    ("what a fix changes", WINDOWS, 'RUN cmd /c "a"\n', "", "fix"),
    ("paths that a fix escapes", WINDOWS + "ENV A ", "C:\\a ", "\n", "fix"),
    ("lines that are alike", "", "a\nb\n", "", "changed"),
    ("lines that differ", "", "a{}\n", "", "changed"),
    ("a patch of lines that are alike", "x", "a\nb\n", "", "patch"),
    ("a bump of many", WINDOWS + "ENV REDIS_VERSION 7.2.4\n", "ENV A{} ${REDIS_VERSION}\n", "", "rewritten"),
    ("files that are listed", LIBRARY, "Tags: 1.{}\nDirectory: a\n\n", "", "listed"),
    ("files that are compared", LIBRARY, "Tags: 1.{}\nDirectory: a{}\n\n", "", "compared"),
    ("tags that are compared", LIBRARY + "Tags: ", "1.{}, ", "b\nDirectory: a\n\nTags: c\nDirectory: d\n", "compared"),
    ("tags that differ", LIBRARY + "Tags: ", "1.{}-a, ", "b\nDirectory: a\n", "library"),
    ("entries that differ", LIBRARY, "Tags: 1.{}, a{}\nDirectory: a{}\n\n", "", "library"),
    ("a page", "", '<a href="redis-1.2.{}.zip">', "", "listing"),
    ("a page that never ends", "", '<a href="', "", "listing"),
    ("git's tags", "", "a" * 40 + "\trefs/tags/v1.2.{}\n", "", "git_tags"),
    ("another file's tags", LIBRARY + "Tags: latest, ", "1.{}, ", "b\nDirectory: a\n", "library_tags"),
    ("pins", "", "a.b/c:1{}\n", "", "pins"),
    ("digests", "", "a" * 64 + "  a.zip\n", "", "digest_file"),
    ("digests of BSD", "", "SHA256 (a) = a ", "", "digest_file"),
    ("Jinja2", "", "{% if x %}{{ version }}{% endif %}\n", "", "jinja"),
    ("Jinja2 that never ends", "", "{% if x %}", "", "jinja"),
    ("braces of Jinja2", "", "{{", "", "jinja"),
    ("filters of Jinja2", "{{ version", "|lower", " }}", "jinja"),
    ("JSON", "{", '"{}": {"version": "1"}, ', '"a": null}', "versions"),
    ("JSON in JSON", "", '{"a":', "", "versions"),
    ("a number in JSON", '{"a": ', "9", "}", "versions"),
    ("a script", "", "a b c\n", "", "edits"),
    ("words of COPY", "", "COPY a b\n", "", "edits"),
    ("a case", "", '[[loss]]\nfact = "a"\n', "", "case"),
    ("checks", "", '[[check]]\nname = "a"\n', "", "checks"),
    ("TOML", "", "[a{}]\nb = 1\n", "", "image_data"),
    ("TOML's arrays", "a = ", "[", "", "image_data"),
    ("dots of TOML", "a", ".a", " = 1\n", "image_data"),
    ("a marker", "", "<!-- contrib: {} -->\n", "", "body"),
    ("sections", "", "<!-- contrib: section a -->\nb\n", "", "body"),
    ("comments that never end", "", "<!-- contrib: ", "", "body"),
    ("checksums in a body", "", "a" * 64 + " 1.2.3 ", "", "body"),
    ("a record", "{", '"a{}": 1, ', '"b": 1}', "evidence"),
    ("a record's lists", "", "[", "", "evidence"),
    ("a program", "MZ", "a\x00", "", "program"),
    ("a manifest", "<a>", "<b c='d'/>", "</a>", "program"),
    ("a manifest that never ends", "", "<a>", "", "program"),
    ("an inventory", '{"schema": 1}\n', '{"a": 1}\n', "", "inventory"),
    ("a log's colours", "", "\x1b[31m\r", "", "log"),
    ("a log's timestamps", "", "2026-01-01T00:00:00.0Z ##[error]", "", "log"),
    ("a log", "", "Step 1/2 : RUN a\n ---> abc\n", "", "log"),
    ("a log's line", "", "error: a (0x1) ", "", "log"),
    ("a tree", "", "100644 a{}\0" + "b" * 20, "", "git_objects"),
    ("a tree that is none", "", "100644 100644 ", "", "git_objects"),
    ("a commit's headers", "tree " + "a" * 40 + "\n", "parent " + "b" * 40 + "\n", "\nA\n", "git_objects"),
    ("a commit's message", "tree " + "a" * 40 + "\nauthor a<a<a <", "<", "\n\nA\n", "git_objects"),
    ("lines that two have changed", "", "a{}\nb\n", "", "merged"),
    ("lines that are alike in a merge", "", "a\nb\n", "", "merged"),
    ("a list in JSON text", "[", "1, ", "1]", "json_text"),
    ("objects in JSON text", "[", '{"a": {"\\ud800": []}}, ', "1]", "json_text"),
    ("keys in JSON text", "{", '"a{}": 1, ', '"a": 1}', "json_text"),
    ("brackets in JSON text", "", "[", "", "json_text"),
    ("a source in JSON", "[", '{"v": "1.{}"}, ', '{"v": "2"}]', "json_source"),
    ("an archive", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06" + "\0" * 18, "archive"),
    ("an archive of blocks", "", "a\0" * 256, "", "archive"),
    ("an artifact", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06" + "\0" * 18, "artifact"),
    ("hidden characters", WINDOWS + "# ", "\u202e", "\n", "review"),
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One input that grows."""

    name: str
    before: str
    unit: str
    after: str
    entry: str

    def text(self, size: int) -> str:
        """The input with so many characters of units; ``{}`` in one is its number."""
        count = max(1, size // len(self.unit))
        if "{}" not in self.unit:
            return self.before + self.unit * count + self.after
        return self.before + "".join(self.unit.replace("{}", str(n)) for n in range(count)) + self.after

    def seconds(self, size: int) -> float:
        """CPU time that its reader takes."""
        return seconds(ENTRIES[self.entry], self.text(size).encode())


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
