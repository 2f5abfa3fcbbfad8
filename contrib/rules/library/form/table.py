"""The rules of the format, as a table: their text and examples.

Their checks are one: :func:`contrib.rules.library.form.reading.read_on`, which reads on after a mistake, found it,
with its place and its fix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import C1, C2, HEADER, library_rule
from contrib.rules.registry import FixPolicy, Rule
from contrib.values.findings import Finding

_BY_ID: dict[str, Rule] = {}


def told(rule_id: str) -> Callable[[LibraryContext], Iterator[Finding]]:
    """The check that tells what the survey found under this name."""

    def check(context: LibraryContext) -> Iterator[Finding]:
        rule = _BY_ID[rule_id]
        for problem in context.survey.found:
            if problem.rule != rule_id:
                continue
            yield replace(problem, evidence=rule.evidence)

    return check


def _rule(
    id_: str,
    title: str,
    looks_for: str,
    why: str,
    bad: str,
    good: str | None = None,
    *,
    severity: str = "error",
    proof: str = "bashbrew",
    fix: FixPolicy = "no",
    replaces: tuple[str, ...] = (),
) -> Rule:
    """A row: mostly what bashbrew refuses, so an error, and its source says so."""
    rule = library_rule(
        id_,
        severity,
        title,
        looks_for,
        why,
        proof,
        bad,
        ONE if good is None else good,
        told(id_),
        fix=fix,
        replaces=replaces,
    )
    _BY_ID[id_] = rule
    return rule


ONE = HEADER + "Tags: 1.2, 1, latest\nDirectory: 1.2\n"
TWO = ONE + "\nTags: 1.1\nDirectory: 1.1\n"
_REFUSED = "bashbrew refuses the whole file."
_HEAD = HEADER.rstrip("\n") + "\n"

RULES: tuple[Rule, ...] = (
    # -- refused by the reference --
    _rule(
        "empty-file",
        "File without a field",
        "A file that is empty, or holds only comments.",
        _REFUSED,
        "# nothing yet\n",
    ),
    _rule(
        "missing-colon",
        "Line without a colon",
        "A line that starts at the margin, is no comment and holds no `:`.",
        f"It is neither a field nor a continuation; {_REFUSED}",
        ONE.replace("Directory: ", "Directory "),
        proof="@f670a71 bashbrew",
        fix="ask",
    ),
    _rule(
        "maintainers-bad-format",
        "Badly formed maintainer",
        "A maintainer that is not `Full Name <contact> (@github-handle)` or `Full Name (@github-handle)`.",
        f"The maintainers are asked about changes by their handles; {_REFUSED}",
        ONE.replace("(@ann)", "@ann"),
        proof="@6c88834 bashbrew format",
    ),
    _rule(
        "maintainers-missing-comma",
        "Comma missing between maintainers",
        "Two or more maintainers with no comma between them, mostly at a line's end.",
        f"They are read as one, which is not well formed; {_REFUSED}",
        ONE.replace("(@ann)", "(@ann)\n             Bob (@bob)"),
        ONE.replace("(@ann)", "(@ann),\n             Bob (@bob)"),
        proof="@7a2a2de bashbrew",
        fix="yes",
        replaces=("maintainers-bad-format",),
    ),
    _rule(
        "maintainers-trailing-comma",
        "Comma after the last maintainer",
        "A comma with nothing after it at the end of `Maintainers`.",
        f"Nothing drops an empty item of a list; {_REFUSED}",
        ONE.replace("(@ann)", "(@ann),"),
        fix="yes",
        replaces=("maintainers-bad-format",),
    ),
    _rule(
        "missing-maintainers",
        "Header without Maintainers",
        "A first paragraph without `Maintainers`.",
        _REFUSED,
        ONE.partition("\n")[2],
        proof="bashbrew format",
    ),
    _rule(
        "tags-in-header",
        "Tags in the header",
        "`Tags` in the first paragraph, before any `Maintainers`.",
        f"The first paragraph is what all entries share; {_REFUSED}",
        "# demo\nTags: 1\n" + ONE,
        proof="bashbrew format",
    ),
    _rule(
        "missing-blank-line",
        "No blank line between header and entry",
        "`Tags` in the header after its other fields: the blank line before the first entry is missing, or has "
        "blanks in it.",
        _REFUSED,
        ONE.replace("\n\n", "\n"),
        fix="yes",
        replaces=("tags-in-header",),
    ),
    _rule(
        "invalid-architecture",
        "Unknown architecture",
        "An item of `Architectures` that bashbrew does not know, in the header or an entry; an empty one too.",
        _REFUSED,
        ONE + "Architectures: amd64, arm64\n",
        ONE + "Architectures: amd64, arm64v8\n",
        proof="bashbrew multiarch",
        fix="ask",
    ),
    _rule(
        "invalid-gitfetch",
        "GitFetch is no branch or tag",
        "`GitFetch` that is not `refs/heads/…` or `refs/tags/…`.",
        _REFUSED,
        ONE + "GitFetch: 1.x\n",
        ONE + "GitFetch: refs/heads/1.x\n",
        proof="bashbrew format",
        fix="ask",
    ),
    _rule(
        "invalid-gitcommit",
        "GitCommit is no commit",
        "`GitCommit` that is not 40 (or 64) lower-case hexadecimal digits.",
        f"A branch's or tag's name would build something else tomorrow; {_REFUSED}",
        ONE + f"GitCommit: {C2} # v1.2\n",
        ONE + f"GitCommit: {C2}\n",
        proof="bashbrew format",
        fix="yes",
    ),
    _rule(
        "missing-gitcommit",
        "No GitCommit",
        "An entry for which neither it nor the header has `GitCommit`, even where every architecture has its own.",
        _REFUSED,
        ONE.replace("GitCommit", "amd64-GitCommit"),
        ONE.replace("GitCommit", f"GitCommit: {C1}\namd64-GitCommit"),
        proof="@28dd460 bashbrew",
        fix="yes",
    ),
    _rule(
        "missing-tags",
        "Entry without Tags",
        "A paragraph after the header that has no `Tags`.",
        _REFUSED,
        ONE.replace("Directory", "\nDirectory"),
        fix="ask",
    ),
    _rule(
        "missing-gitrepo",
        "No GitRepo",
        "An entry for which neither it nor the header has `GitRepo`.",
        _REFUSED,
        "\n".join(line for line in ONE.split("\n") if not line.startswith("GitRepo")),
        proof="bashbrew format",
    ),
    _rule(
        "invalid-tag",
        "Invalid tag",
        "A tag that is not a letter, digit or `_`, followed by at most 127 of these, `.` and `-`.",
        _REFUSED,
        ONE.replace("1.2, 1,", "1.2, -1,"),
    ),
    _rule(
        "tag-empty-item",
        "Empty item among the tags",
        "Two commas in a row, or one at the start or end of `Tags` or `SharedTags`.",
        f"Nothing drops an empty item of a list; {_REFUSED}",
        ONE.replace("latest", "latest,"),
        fix="yes",
        replaces=("invalid-tag",),
    ),
    _rule(
        "tag-missing-comma",
        "Comma missing between tags",
        "An item of `Tags` or `SharedTags` that is several valid tags parted by blanks.",
        _REFUSED,
        ONE.replace("1, latest", "1 latest"),
        fix="yes",
        replaces=("invalid-tag",),
    ),
    _rule(
        "tag-too-long",
        "Tag of more than 128 characters",
        "A tag that would be valid if it were shorter.",
        _REFUSED,
        ONE.replace("latest", "a" * 129),
        replaces=("invalid-tag",),
    ),
    _rule(
        "duplicate-tag",
        "One tag for two entries",
        "A tag in `Tags` of two entries.",
        f"A tag names one build; {_REFUSED}",
        TWO.replace("Tags: 1.1", "Tags: 1.1, 1"),
        TWO,
        proof="@fbbdf81 bashbrew",
        fix="ask",
    ),
    _rule(
        "duplicate-tag-in-entry",
        "Tag twice in one entry",
        "A tag twice in an entry's `Tags`, or in both its `Tags` and its `SharedTags`.",
        _REFUSED,
        ONE.replace("1, latest", "1, latest, 1"),
        proof="@ee1cab2 bashbrew",
        fix="yes",
    ),
    _rule(
        "sharedtag-conflict",
        "Tag both shared and not",
        "A tag in `SharedTags` of one entry and in `Tags` of another.",
        _REFUSED,
        TWO + "SharedTags: 1\n",
        TWO,
    ),
    _rule(
        "header-pgp",
        "Signed file",
        "A file that starts like a message signed with PGP.",
        "Library files are not signed, and what stands outside of the armour would not be read.",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + ONE,
    ),
    _rule(
        "bom",
        "Byte order mark",
        "A file that starts with U+FEFF, as some editors on Windows write it.",
        f"It becomes part of the first field's name, so the header has no Maintainers; {_REFUSED}",
        "\ufeff" + ONE,
        fix="yes",
        replaces=("missing-maintainers",),
    ),
    # -- accepted, and sure to break or to mean something else --
    _rule(
        "arch-field-invalid",
        "Bad commit or ref for an architecture",
        "`<architecture>-GitCommit` or `<architecture>-GitFetch` that is no commit or ref.",
        "bashbrew does not look at it until it builds for that architecture.",
        ONE + "Architectures: amd64, s390x\ns390x-GitCommit: HEAD\n",
        proof="bashbrew multiarch",
    ),
    _rule(
        "arch-field-unknown-arch",
        "Field for an unknown architecture",
        "A field prefixed with something that is no architecture.",
        "It has no effect, and nobody says so.",
        ONE + "Architectures: amd64, arm64v8\narm64-Directory: arm\n",
        ONE + "Architectures: amd64, arm64v8\narm64v8-Directory: arm\n",
        proof="bashbrew multiarch",
        fix="ask",
    ),
    _rule(
        "constraint-empty-item",
        "Empty item in Constraints",
        "A comma with nothing after it in `Constraints`, or no value at all.",
        "bashbrew crashes on it when it applies constraints.",
        ONE + "Constraints: example,\n",
        ONE + "Constraints: example\n",
        fix="yes",
    ),
    _rule(
        "multiline-value",
        "Single value over several lines",
        "A continuation line under a field that has one value.",
        "The value keeps its newlines: no path, address or ref has any.",
        ONE + "File: Dockerfile.\n first\n",
    ),
    _rule(
        "directory-outside",
        "Directory outside of the repository",
        "A `Directory` that starts with `/` or leads out of the repository by `..`.",
        "There is nothing there to build.",
        ONE.replace("Directory: 1.2", "Directory: ../1.2"),
        proof="bashbrew format",
    ),
    _rule(
        "control-character",
        "NUL in a value",
        "A NUL byte in the value of a field.",
        "No path or address has one.",
        ONE.replace("Directory: 1.2", "Directory: 1.2\0"),
    ),
    _rule(
        "entry-maintainers",
        "Maintainers in an entry",
        "`Maintainers` in a paragraph after the header.",
        "They are added to the header's, and lost where two entries are merged.",
        ONE + "Maintainers: Bob (@bob)\n",
        severity="warning",
        proof="bashbrew format",
    ),
    _rule(
        "entries-merged",
        "Two entries that build the same",
        "Two paragraphs with equal architectures, repository, commit, directory and file.",
        "bashbrew makes one entry of them, with the tags of both; often the `Directory` of one is wrong.",
        TWO.replace("Tags: 1.1", "Tags: 1.2-full").replace("Directory: 1.1", "Directory: 1.2"),
        TWO,
        severity="note",
        fix="ask",
    ),
    _rule(
        "arch-field-cleared",
        "Header's field cancelled for an architecture",
        "An empty architecture-specific field that the header gives a value.",
        "`bashbrew cat` leaves it out, so what it prints means something else when it is read again.",
        HEADER.replace("\n\n", "\ns390x-File: Dockerfile.s390x\n\n")
        + "Tags: 1\nArchitectures: s390x\ns390x-File:\n",
        HEADER.replace("\n\n", "\ns390x-File: Dockerfile.s390x\n\n") + "Tags: 1\nArchitectures: s390x\n",
        severity="note",
    ),
    # -- writing --
    _rule(
        "blank-line-in-header",
        "Blank line inside the header",
        "A second paragraph with fields of a header, or only architecture-specific ones, and no `Tags`, while a "
        "later one has `Tags`.",
        f"It is read as an entry without tags; {_REFUSED}",
        HEADER.replace("GitFetch", "\nGitFetch") + "Tags: 1\n",
        HEADER + "Tags: 1\n",
        proof="@0e14050 bashbrew",
        fix="ask",
        replaces=("missing-tags",),
    ),
    _rule(
        "legacy-format",
        "Format of before 2016",
        "A line `tag: repository@commit directory`, or maintainers in a comment.",
        f"The format was given up in 2016; {_REFUSED}",
        f"# maintainer: Ann <ann@example.org> (@ann)\n\n1.2: git://github.com/example/docker-demo@{C1} 1.2\n",
        proof="format bashbrew",
        fix="ask",
        replaces=("missing-maintainers", "missing-tags"),
    ),
    _rule(
        "duplicate-field",
        "Field twice in one paragraph",
        "A name that is there twice in one paragraph; a second `Tags` points to a lost blank line.",
        "The last one counts, silently: the tags of the first entry are gone.",
        TWO.replace("\n\nTags: 1.1", "\nTags: 1.1"),
        TWO,
        fix="ask",
    ),
    _rule(
        "field-wrong-case",
        "Field's name in wrong case",
        "An unknown name that equals a known one but for capitals.",
        "Names are case-sensitive, and unknown ones are ignored silently.",
        ONE.replace("Directory", "directory"),
        proof="bashbrew format",
        fix="yes",
    ),
    _rule(
        "misspelled-field",
        "Misspelt field's name",
        "An unknown name within two edits of a known one, or a known one without its colon.",
        "Unknown names are ignored silently.",
        ONE.replace("Directory", "Directroy"),
        proof="bashbrew format",
        fix="ask",
    ),
    _rule(
        "unknown-field",
        "Unknown field",
        "Any other unknown name; an error for the three (`Values`, `Paragraph`, `ArchValues`) that make bashbrew "
        "fail.",
        "It is ignored silently, so it does not do what its writer meant.",
        ONE + "Platform: linux\n",
        severity="warning",
        proof="bashbrew format",
    ),
    _rule(
        "gitrepo-doubled-field",
        "Field's name twice on one line",
        "A value that starts with a known field's name and a colon.",
        "The name becomes part of the value.",
        ONE.replace("GitRepo: ", "GitRepo: GitRepo: "),
        fix="yes",
    ),
    _rule(
        "whitespace-only-line",
        "Line of blanks",
        "A line with nothing but blanks. An error before `Tags` or a field that the paragraph has already, and "
        "under a field with one value; else a warning.",
        "It continues the field above instead of ending the paragraph: two entries become one, and the tags of "
        "the first are lost silently.",
        TWO.replace("\n\nTags: 1.1", "\n  \nTags: 1.1"),
        TWO,
        fix="yes",
        replaces=("duplicate-field",),
    ),
    _rule(
        "crlf",
        "Lines that end in CR LF",
        "CR LF anywhere; a lone CR is an error.",
        "Files of official-images end their lines with LF. A lone CR ends no line at all.",
        ONE.replace("\n", "\r\n"),
        severity="warning",
        fix="yes",
    ),
    _rule(
        "space-before-colon",
        "Blank before the colon",
        "A blank between a field's name and its colon.",
        "It is read, and looks like a mistake.",
        ONE.replace("Tags:", "Tags :"),
        severity="note",
        proof="format",
        fix="yes",
    ),
    _rule(
        "no-space-after-colon",
        "No blank after the colon",
        "A value that stands right after the colon.",
        "It is read, and looks like a mistake.",
        ONE.replace("Tags: ", "Tags:"),
        severity="note",
        proof="format",
        fix="yes",
    ),
    _rule(
        "missing-final-newline",
        "Last line without newline",
        "A file that does not end in a newline.",
        "The next line that is added shows up as a change of this one.",
        ONE.rstrip("\n"),
        severity="note",
        proof="format",
        fix="yes",
    ),
    _rule(
        "trailing-space",
        "Blanks at a line's end",
        "A line that ends in blanks.",
        "They make noise in the next change.",
        ONE.replace("latest", "latest  "),
        severity="note",
        proof="format",
        fix="yes",
    ),
)
