"""partial-runtime-libraries: C++ runtime copied in part."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_FAMILY = ("msvcp140.dll", "msvcp140_1.dll", "vcruntime140.dll", "vcruntime140_1.dll")


def check(context: Context) -> Iterator[Finding]:
    """A nanoserver stage that copies some of the family and not all four."""
    for stage in context.stages:
        if stage.kind != "nanoserver":
            continue
        copied: dict[str, Instruction] = {}
        for copy in stage.copies:
            for word in copy.instruction.words[:-1]:
                name = (
                    context.resolve(copy.instruction, word.text).replace("\\", "/").rpartition("/")[2].lower()
                )
                if name in _FAMILY:
                    copied.setdefault(name, copy.instruction)
        missing = [name for name in _FAMILY if name not in copied]
        if not copied or not missing:
            continue
        instruction = next(iter(copied.values()))
        fix = None
        sample = next(
            (w for w in instruction.words[:-1] if w.text.lower().endswith(next(iter(copied)))), None
        )
        if sample is not None and not instruction.exec_form:
            written = context.file.text_of(sample.span)
            folder = written[: len(written) - len(next(iter(copied)))]
            more = "".join(f" {folder}{name}" for name in missing)
            fix = context.fix("copy all four", context.insert(sample.span.end, more), safe=False)
        yield context.found(
            RULE,
            instruction.line,
            f"copies {', '.join(copied)} but not {', '.join(missing)}: the four belong together",
            fix=fix,
            instruction=instruction,
        )


RULE = Rule(
    id="partial-runtime-libraries",
    severity=Severity.WARNING,
    title="C++ runtime copied in part",
    looks_for=(
        "A nanoserver stage copies some of `msvcp140.dll`, `msvcp140_1.dll`, `vcruntime140.dll` and "
        "`vcruntime140_1.dll` from servercore, but not all four."
    ),
    why=(
        "Nanoserver has no C++ runtime. When a later release of the program needs one more library of "
        "this family, the image breaks."
    ),
    evidence=evidence("docker-library/mongo@9aecfc0"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 \
	C:\\Windows\\System32\\msvcp140.dll \
	C:\\Windows\\System32\\vcruntime140.dll \
	C:\\Windows\\System32\\
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 \
	C:\\Windows\\System32\\msvcp140.dll \
	C:\\Windows\\System32\\msvcp140_1.dll \
	C:\\Windows\\System32\\vcruntime140.dll \
	C:\\Windows\\System32\\vcruntime140_1.dll \
	C:\\Windows\\System32\\
"""
    ),
    check=check,
    fix="ask",
)
