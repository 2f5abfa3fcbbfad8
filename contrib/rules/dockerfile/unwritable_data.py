"""unwritable-data: the user of the container may not write where the image puts its data."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.rights import SYSTEM_DIRECTORIES
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """VOLUME or WORKDIR below a directory of the system, in an image whose user is no administrator."""
    last = context.last
    if last is None:
        return
    user = context.final_user(last)
    if user is None and last.is_modern_nanoserver:
        user = "ContainerUser"
    if user is None or user.lower().rpartition("\\")[2] != "containeruser":
        return
    granted = [
        account.text.lower() for account in context.build.of(act.Account) if "icacls" in account.text.lower()
    ]
    for keyword in ("VOLUME", "WORKDIR"):
        found = context.build.instructions(keyword)
        for instruction in found if keyword == "VOLUME" else found[-1:]:
            texts = (
                instruction.values
                if instruction.exec_form
                else [context.resolve(instruction, word.text) for word in instruction.words]
            )
            for text in texts:
                place = paths.join(context.build.workdir, text, "windows")
                if not any(paths.under(place, system, "windows") for system in SYSTEM_DIRECTORIES):
                    continue
                if any(place.lower() in text for text in granted):
                    continue
                yield context.found(
                    RULE,
                    instruction.line,
                    f"the container runs as `{user}`, who may not write to `{place}`",
                    instruction=instruction,
                )
                break


RULE = Rule(
    id="unwritable-data",
    severity=Severity.WARNING,
    title="data where the user may not write",
    looks_for=(
        "The user in force is `ContainerUser`, and a VOLUME or the last WORKDIR is below "
        "`C:\\Windows` or `C:\\Program Files`, without an `icacls` that lets the user write "
        "there."
    ),
    why=("`ContainerUser` may not write there, so the program fails at its first write."),
    evidence=evidence("docker-library/golang#563 <https://github.com/docker-library/golang/issues/563>"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app
VOLUME ["C:\\\\Program Files\\\\app\\\\data"]
CMD ["C:\\\\app\\\\app.exe"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app
VOLUME C:\\\\data
CMD ["C:\\\\app\\\\app.exe"]
"""
    ),
    check=check,
)
