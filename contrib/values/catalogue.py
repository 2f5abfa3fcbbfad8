"""The names of the facts that a comparison knows (PARITY), and which of them no image's data may justify."""

from __future__ import annotations

from collections.abc import Mapping

#: In the order of the catalogue; a fact of one setting, port, file … is ``NAME:DETAIL``.
FACTS = (
    "base", "base-pinned", "version", "version-declared", "download", "download-scheme", "download-pinned",
    "download-verified", "copied-image", "source-or-binary", "install-location", "on-path", "installed-tools",
    "install-checked", "cleaned-up", "build-fails-loudly", "user", "environment", "configuration",
    "default-survives-arguments", "ports", "volumes", "workdir", "entrypoint", "command", "foreground",
    "stop-signal", "healthcheck", "labels", "copied-files", "arguments-as-program", "timezone-data",
    "users-and-groups", "step-down", "ownership", "build-tools", "runtime-dependencies", "runtime-packages",
    "allocator-flags", "program-links", "init", "locales", "package-caches",
)  # fmt: skip

#: Facts whose difference is real wherever it occurs, and why no reason of an image's changes that.
NEVER_JUSTIFIED: Mapping[str, str] = {
    "default-survives-arguments": "who types other arguments loses the default, whatever the reason",
    "download-verified": "a weaker check is weaker, whatever the reason",
    "base-pinned": "every Windows base has a tag that names its release",
    "build-fails-loudly": "PowerShell can stop at errors in every image",
    "foreground": "what stands between Docker and the program costs the exit code and the stop",
    "command": "the comparison already treats the same program with the same arguments as the same",
    "installed-tools": "a program that the image promises is there, or it is not",
    "configuration": "a setting's own reason belongs to its [[setting]]",
}
