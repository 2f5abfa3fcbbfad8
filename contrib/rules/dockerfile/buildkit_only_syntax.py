"""buildkit-only-syntax: syntax that only BuildKit knows."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_FLAGS = {
    "RUN": ("mount", "network", "security", "device"),
    "COPY": ("link", "chmod", "parents", "exclude"),
    "ADD": ("link", "chmod", "parents", "exclude", "checksum", "keep-git-dir", "unpack"),
}


def check(context: Context) -> Iterator[Finding]:
    """Here-documents, BuildKit's flags, ADD of a git repository, a syntax directive."""
    for directive in context.file.directives:
        if directive.name.lower() == "syntax":
            yield context.found(
                RULE,
                directive.span.line,
                "`# syntax=` chooses a BuildKit frontend; the classic builder ignores it",
            )
    for outer in context.file.instructions:
        instruction = outer.trigger or outer
        reasons = []
        if instruction.heredocs:
            reasons.append("a here-document")
        for flag in instruction.flags:
            if flag.name in _FLAGS.get(instruction.keyword, ()):
                reasons.append(f"`{instruction.keyword} --{flag.name}`")
        if instruction.keyword == "ADD" and any(map(_is_git, instruction.values[:-1])):
            reasons.append("`ADD` of a git repository")
        if reasons:
            text = f"{' and '.join(dict.fromkeys(reasons))}: Windows images are built with the classic builder, which refuses it"
            if instruction.flag("checksum") is not None:
                text = "`ADD --checksum`: builds of Windows images take the flag and compare nothing"
            yield context.found(RULE, outer.line, text, instruction=outer)


def _is_git(source: str) -> bool:
    return source.startswith(("git@", "git://")) or (
        source.startswith(("https://", "http://")) and source.partition("#")[0].rstrip("/").endswith(".git")
    )


RULE = Rule(
    id="buildkit-only-syntax",
    severity=Severity.ERROR,
    title="syntax that only BuildKit knows",
    looks_for=(
        "A Windows file uses syntax that only BuildKit knows: a here-document; `RUN --mount`, "
        "`--network` or `--security`; `COPY` or `ADD` with `--link`, `--chmod`, `--parents`, "
        "`--exclude` or `--checksum`; `ADD` of a git repository; a `# syntax=` directive."
    ),
    why=(
        "Windows images are built with the classic builder. It refuses this syntax or, worse, "
        "accepts `ADD --checksum` and compares nothing."
    ),
    evidence=evidence("docker-library/meta-scripts#1", "moby/moby#46727", "microsoft/Windows-Containers#34"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/app-1.2.3.zip app.zip
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne '24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d') { exit 1 }; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	Remove-Item app.zip
"""
    ),
    check=check,
)
