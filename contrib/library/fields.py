"""The fields of a library file, one row each. Reader, writer, editor, comparison, JSON and suggestions follow it.

A field that bashbrew gains is one row here, and an annotation in :class:`contrib.library.model.Entry` if code
names it. The rows stand in the order in which ``bashbrew cat`` prints them.
"""

from __future__ import annotations


class Row:
    """One field.

    Plain, with slots: the modules below are held to a Go program's start-up time.

    :ivar name: in the file (``SharedTags``).
    :ivar attribute: of an entry (``shared_tags``).
    :ivar many: a list, its items parted by commas; else one value.
    :ivar per_arch: may be prefixed with ``<architecture>-``.
    :ivar default: what a header has that does not set it.
    :ivar adds: an entry's is added to the header's, where others replace it.
    :ivar builds: what is built depends on it: entries that differ in it are not merged.
    :ivar path: cleaned lexically in entries.
    :ivar last: printed after the architecture-specific fields.
    """

    __slots__ = ("adds", "attribute", "builds", "default", "last", "many", "name", "path", "per_arch")

    def __init__(
        self,
        name: str,
        attribute: str,
        *,
        many: bool = False,
        per_arch: bool = False,
        default: str | tuple[str, ...] | None = None,
        adds: bool = False,
        builds: bool = True,
        path: bool = False,
        last: bool = False,
    ) -> None:
        self.name = name
        self.attribute = attribute
        self.many = many
        self.per_arch = per_arch
        self.default: str | tuple[str, ...] = (() if many else "") if default is None else default
        self.adds = adds
        self.builds = builds
        self.path = path
        self.last = last


#: From bashbrew 0.1.15 (``manifest/rfc2822.go``).
FIELDS = (
    Row("Maintainers", "maintainers", many=True, adds=True, builds=False),
    Row("Tags", "tags", many=True, builds=False),
    Row("SharedTags", "shared_tags", many=True, builds=False),
    Row("Architectures", "architectures", many=True, default=("amd64",)),
    Row("GitRepo", "git_repo", per_arch=True),
    Row("GitFetch", "git_fetch", per_arch=True, default="refs/heads/master"),
    Row("GitCommit", "git_commit", per_arch=True),
    Row("Directory", "directory", per_arch=True, default=".", path=True),
    Row("File", "file", per_arch=True, default="Dockerfile"),
    Row("Builder", "builder", per_arch=True),
    Row("Constraints", "constraints", many=True, adds=True, last=True),
)

BY_NAME = {row.name: row for row in FIELDS}
#: All names, in print order.
FIELD_NAMES = tuple([row.name for row in FIELDS])
#: Names that may be prefixed with an architecture, and what a prefixed name ends in.
ARCH_FIELD_NAMES = tuple([row.name for row in FIELDS if row.per_arch])
ARCH_SUFFIXES = tuple([f"-{name}" for name in ARCH_FIELD_NAMES])
#: Names of lists.
LISTS = frozenset([row.name for row in FIELDS if row.many])
#: Names of single values.
SINGLE = tuple([row.name for row in FIELDS if not row.many])
#: Names of fields that are added to the header's.
ADDED = frozenset([row.name for row in FIELDS if row.adds])

#: Architectures that bashbrew 0.1.15 knows (``architecture/oci-platform.go``), sorted.
ARCHITECTURES = (
    "amd64",
    "arm32v5",
    "arm32v6",
    "arm32v7",
    "arm64v8",
    "i386",
    "mips64le",
    "ppc64le",
    "riscv64",
    "s390x",
    "windows-amd64",
)
