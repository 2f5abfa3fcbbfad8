"""The entries of a major, and how they get into the library file."""

import re
from pathlib import Path
from typing import List, Set

from .distribution import console
from .models import Release, StackbrewEntry


class StackbrewGenerator:
    """Makes entries of releases."""

    def generate_stackbrew_library(self, releases: List[Release], latest: bool = True) -> List[StackbrewEntry]:
        """The entries, in the order of the releases; ``latest`` where the major is the highest one."""
        entries = []
        seen: Set[str] = set()
        newest = next((r.version.minor for r in releases if not r.version.is_milestone), None)
        for release in releases:
            version, distribution = release.version, release.distribution
            plain = [str(version)] + ([] if version.is_milestone else [version.mainline_version])
            in_newest = not version.is_milestone and version.minor == newest
            tags = []
            if distribution.is_default:
                tags += plain + ([str(version.major)] if in_newest else [])
            fresh = [n for n in distribution.tag_names if n not in seen and not version.is_milestone]
            seen.update(fresh)
            for name in distribution.tag_names:
                tags += [f"{tag}-{name}" for tag in plain + ([str(version.major)] if name in fresh else [])]
            if latest and in_newest and distribution.is_default:
                tags.append("latest")
            if latest:
                tags += fresh
            entries.append(
                StackbrewEntry(
                    tags=tags,
                    commit=release.commit,
                    version=version,
                    distribution=distribution,
                    git_fetch_ref=release.git_fetch_ref,
                )
            )
        console.print(f"[green]Generated {len(entries)} stackbrew entries[/green]")
        return entries

    def format_stackbrew_output(self, entries: List[StackbrewEntry]) -> str:
        """The text of the entries, without a newline at the end."""
        return "\n\n".join(str(entry) for entry in entries)


class StackbrewUpdater:
    """Puts the entries of a major in the place of those that the file has."""

    def update_stackbrew_content(self, input_file: Path, major_version: int, new_content: str) -> str:
        """The file's new text."""
        lines = input_file.read_text(encoding="utf-8").split("\n")
        start = next((n for n, line in enumerate(lines) if line.startswith("Tags:")), None)
        if start is None:
            return "\n".join(lines).rstrip() + "\n\n" + new_content
        parts = ["\n".join(lines[:start]).rstrip()]
        placed = False
        for entry in self._parse_stackbrew_entries(lines[start:]):
            if self._entry_belongs_to_major_version(entry, major_version):
                if not placed:
                    parts.append(new_content)
                placed = True
            else:
                parts.append("\n".join(entry).rstrip())
        if not placed:
            parts.append(new_content)
        return "\n\n".join(parts)

    def _parse_stackbrew_entries(self, lines: List[str]) -> List[List[str]]:
        entries: List[List[str]] = []
        current_entry: List[str] = []
        for line in lines:
            line = line.rstrip()
            if line.startswith('Tags:'):
                current_entry = [line]
                entries.append(current_entry)
            elif current_entry and (line.startswith(('Architectures:', 'GitCommit:', 'GitFetch:', 'Directory:')) or line.strip() == ''):
                current_entry.append(line)
        return entries

    def _entry_belongs_to_major_version(self, entry_lines: List[str], major_version: int) -> bool:
        tags = entry_lines[0].partition(":")[2].split(",")
        return any(re.match(rf"{major_version}(\.|-|$)", tag.strip()) for tag in tags)
