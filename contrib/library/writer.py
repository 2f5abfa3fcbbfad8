"""The canonical form of a library file: byte for byte what ``bashbrew cat`` prints."""

from __future__ import annotations

from contrib.library.model import Entry, LibraryFile, _by_bytes

_DEFAULTS = Entry()


def cat(file: LibraryFile) -> str:
    """The whole file: header without the built-in defaults, entries without what they inherit.

    Bytes that are no UTF-8 come out as lone surrogates (``surrogateescape``), as they went in.
    """
    parts = [_paragraph(file.header, _DEFAULTS)]
    header = file.header
    parts.extend([_paragraph(entry, header) for entry in file.entries])
    return _ended("\n\n".join(parts))


def cat_entries(entries: tuple[Entry, ...]) -> str:
    """Entries in full, without a header: what ``bashbrew cat NAME:TAG`` prints."""
    return _ended("\n\n".join([format_entry(entry) for entry in entries]))


def format_entry(entry: Entry, header: Entry | None = None) -> str:
    """One paragraph without its final newline: in full, or without what ``header`` gives it already."""
    return _paragraph(entry, header)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _paragraph(entry: Entry, defaults: Entry | None) -> str:
    # Spelt out, and lists compared before they are joined: this runs for each of the thousands of
    # entries of ``cat --all``. Lists compare as joined text in the reference, so that is asked too
    # where they differ.
    lines = []
    if defaults is None:
        defaults = _NOTHING
    values = entry.maintainers
    if values and values != defaults.maintainers:
        text = ", ".join(values)
        if text != ", ".join(defaults.maintainers):
            lines.append("Maintainers: " + text)
    if entry.tags:
        text = ", ".join(entry.tags)
        if text and text != ", ".join(defaults.tags):
            lines.append("Tags: " + text)
    if entry.shared_tags and entry.shared_tags != defaults.shared_tags:
        text = ", ".join(entry.shared_tags)
        if text and text != ", ".join(defaults.shared_tags):
            lines.append("SharedTags: " + text)
    if entry.architectures != defaults.architectures and entry.architectures:
        lines.append("Architectures: " + ", ".join(entry.architectures))
    if entry.git_repo != defaults.git_repo and entry.git_repo:
        lines.append("GitRepo: " + entry.git_repo)
    if entry.git_fetch != defaults.git_fetch and entry.git_fetch:
        lines.append("GitFetch: " + entry.git_fetch)
    if entry.git_commit != defaults.git_commit and entry.git_commit:
        lines.append("GitCommit: " + entry.git_commit)
    if entry.directory != defaults.directory and entry.directory:
        lines.append("Directory: " + entry.directory)
    if entry.file != defaults.file and entry.file:
        lines.append("File: " + entry.file)
    if entry.builder != defaults.builder and entry.builder:
        lines.append("Builder: " + entry.builder)
    if entry.arch_fields:
        inherited = defaults.arch_fields
        for name in sorted(entry.arch_fields, key=_by_bytes):
            value = entry.arch_fields[name]
            if value and inherited.get(name) != value:
                lines.append(f"{name}: {value}")
    if entry.constraints and entry.constraints != defaults.constraints:
        text = ", ".join(entry.constraints)
        if text and text != ", ".join(defaults.constraints):
            lines.append("Constraints: " + text)
    return "\n".join(lines)


_NOTHING = Entry(architectures=(), git_fetch="", directory="", file="")
