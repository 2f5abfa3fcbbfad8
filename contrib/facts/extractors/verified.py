"""``download-verified``: by what, where the expected digest is written, when, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.account import Build
from contrib.build.downloads import STRENGTH, fetched
from contrib.facts.extractors.origin import program_package
from contrib.facts.kinds import DownloadVerified, Fact
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """A fact for each download that is verified at all."""
    done: set[str] = set()
    package = program_package(build, subject) if build.platform == "linux" and subject.main is None else None
    if package is not None:
        at = package[0]
        yield DownloadVerified(
            "download-verified", f"by the package manager ({at.manager})", at.line, at.end_line,
            algorithm="packages", strength=0, where="package", expected=None, written=True, acted_on=True,
            before_use=True, use_line=None,
        )  # fmt: skip
    ours = {id(download) for download in subject.downloads}
    for found in fetched(build):
        if id(found.download) not in ours:
            continue
        key = subject.key(found.download)
        if key in done:
            continue
        check = found.check
        if check is None:
            continue
        done.add(key)
        algorithms = sorted(
            {c.algorithm for c in found.checks if c.acted_on}, key=lambda a: (-STRENGTH.get(a, 3), a)
        ) or [check.algorithm]  # fmt: skip
        text = " and ".join(algorithms)
        remarks = []
        if not check.acted_on:
            remarks.append("result ignored")
        if not found.before_use:
            remarks.append("after it is used")
        if check.where == "fetched" and not found.signed:
            remarks.append("digest fetched too")
        if remarks:
            text += ", " + ", ".join(remarks)
        yield DownloadVerified(
            "download-verified" + (f":{key}" if key else ""), text, check.line, check.end_line,
            algorithm=check.algorithm, strength=STRENGTH.get(check.algorithm, 3), where=check.where,
            expected=check.expected.text if check.expected is not None else None, written=found.vouched,
            acted_on=check.acted_on, before_use=found.before_use,
            use_line=found.use.line if found.use is not None else None,
        )  # fmt: skip
