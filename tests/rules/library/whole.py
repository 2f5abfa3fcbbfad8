"""More files for the rules that need whole ones: of form, and of what the repository, others and the network say.

Rule to (files that raise it, files that do not). A file without a newline is written as in ``test_change``, and
``before => after`` is a change.
"""

from __future__ import annotations

from contrib.rules.library.define import C2, HEADER

ONE = HEADER + "Tags: 1.2, 1, latest\nDirectory: 1.2\n"
TWO = ONE + "\nTags: 1.1\nDirectory: 1.1\n"

WHOLE: dict[str, tuple[list[str], list[str]]] = {
    "empty-file": (
        ["\n\n", "# one\n\n# two\n"],
        ["# one\n" + ONE, ONE + "\n\n"],
    ),
    "missing-colon": (
        [ONE + "File\n", "junk\n" + ONE],
        [ONE + "# File\n", TWO],
    ),
    "maintainers-bad-format": (
        [
            "Maintainers: Ann Example <ann@example.org> (ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: @ann\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [
            "Maintainers: Ann (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann), Bob (@bob)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
    ),
    "maintainers-missing-comma": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann) Bob (@bob)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: A (@a)\n  B (@b)\n  C (@c)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [
            "Maintainers: Ann Example <ann@example.org> (@ann), Bob (@bob)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            TWO,
        ],
    ),
    "maintainers-trailing-comma": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann), Bob (@bob),\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann),\n  Bob (@bob),\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
        ],
        [
            "Maintainers: Ann Example <ann@example.org> (@ann), Bob (@bob)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            TWO,
        ],
    ),
    "missing-maintainers": (
        [
            "Authors: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "GitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
        ],
        [
            TWO,
            "Maintainers: Ann (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
    ),
    "tags-in-header": (
        ["Tags: 1\n" + ONE, "Tags: 1, 2\nDirectory: x\n" + TWO],
        [TWO, "# Tags: 1\n" + ONE],
    ),
    "missing-blank-line": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n \nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [TWO, HEADER + "\nTags: 1.2, 1, latest\nDirectory: 1.2\n"],
    ),
    "invalid-architecture": (
        [
            ONE + "Architectures: x86_64\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\nArchitectures: arm64\n\nTags: 1\n",
        ],
        [ONE + "Architectures: amd64, s390x\n", TWO],
    ),
    "invalid-gitfetch": (
        [ONE + "GitFetch: main\n", ONE + "GitFetch: refs/pull/1/head\n"],
        [ONE + "GitFetch: refs/tags/v1.2\n", TWO],
    ),
    "invalid-gitcommit": (
        [
            ONE + "GitCommit: main\n",
            ONE + "GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1\n",
            ONE + "GitCommit: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B\n",
        ],
        [
            ONE + "GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n",
            ONE + "GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b9f86d081884c7d659a2feaa0\n",
        ],
    ),
    "missing-gitcommit": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\ns390x-GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
        ],
        [
            TWO,
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\n\nTags: 1.2, 1, latest\nDirectory: 1.2\nGitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n",
        ],
    ),
    "missing-tags": (
        [ONE + "\nDirectory: 1.1\n", ONE + "\nFile: x\nArchitectures: amd64\n"],
        [TWO, ONE],
    ),
    "missing-gitrepo": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n\nTags: 1.1\nDirectory: 1.1\n",
        ],
        [
            TWO,
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\nGitRepo: https://github.com/example/a.git\n",
        ],
    ),
    "invalid-tag": (
        [
            HEADER + "Tags: 1.2, .1, latest\nDirectory: 1.2\n",
            HEADER + "Tags: 1.2, 1+b, latest\nDirectory: 1.2\n",
            ONE + "SharedTags: a/b\n",
        ],
        [HEADER + "Tags: 1.2, _1, latest\nDirectory: 1.2\n", ONE + "SharedTags: a-b.c\n"],
    ),
    "tag-empty-item": (
        [HEADER + "Tags: 1.2,, 1, latest\nDirectory: 1.2\n", ONE + "SharedTags: , a\n"],
        [TWO, ONE + "SharedTags: a, b\n"],
    ),
    "tag-missing-comma": (
        [HEADER + "Tags: 1.2 1 latest\nDirectory: 1.2\n", ONE + "SharedTags: a b\n"],
        [TWO, HEADER + "Tags: 1.2, 1,latest\nDirectory: 1.2\n"],
    ),
    "tag-too-long": (
        [
            HEADER
            + "Tags: 1.2, 1, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nDirectory: 1.2\n",
            ONE
            + "SharedTags: ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\n",
        ],
        [
            HEADER
            + "Tags: 1.2, 1, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nDirectory: 1.2\n",
            TWO,
        ],
    ),
    "duplicate-tag": (
        [ONE + "\nTags: latest\nDirectory: 1.1\n", TWO + "\nTags: 1.1\nDirectory: x\n"],
        [TWO, TWO + "\nTags: 1.0\nDirectory: x\n"],
    ),
    "duplicate-tag-in-entry": (
        [HEADER + "Tags: 1.2, 1, 1, latest\nDirectory: 1.2\n", ONE + "SharedTags: latest\n"],
        [ONE + "SharedTags: shared\n", TWO],
    ),
    "sharedtag-conflict": (
        [TWO + "SharedTags: latest\n", ONE + "SharedTags: 1.1\n\nTags: 1.1\nDirectory: 1.1\n"],
        [TWO + "SharedTags: both\n", ONE + "SharedTags: both\n"],
    ),
    "header-pgp": (
        ["-----BEGIN PGP SIGNATURE-----\n" + ONE, "# c\n-----BEGIN PGP SIGNED MESSAGE-----\n\n" + ONE],
        [ONE, "# -----BEGIN PGP SIGNATURE-----\n" + ONE],
    ),
    "bom": (
        ["\ufeff" + TWO, "\ufeff# c\n" + ONE],
        [TWO, ONE],
    ),
    "arch-field-invalid": (
        [ONE + "s390x-GitCommit: abc\n", ONE + "s390x-GitFetch: main\n"],
        [
            ONE + "s390x-GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n",
            ONE + "s390x-GitFetch: refs/heads/main\n",
        ],
    ),
    "arch-field-unknown-arch": (
        [ONE + "x86-Directory: a\n", ONE + "arm64-File: a\n"],
        [ONE + "s390x-Directory: a\n", ONE + "amd64-File: a\n"],
    ),
    "constraint-empty-item": (
        [ONE + "Constraints:\n", ONE + "Constraints: a,, b\n"],
        [ONE + "Constraints: a, b\n", TWO],
    ),
    "multiline-value": (
        [ONE + " more\n", ONE + "GitFetch: refs/heads/\n main\n"],
        [HEADER + "Tags: 1.2, 1,\n latest\nDirectory: 1.2\n", TWO],
    ),
    "directory-outside": (
        [
            HEADER + "Tags: 1.2, 1, latest\nDirectory: /1.2\n",
            HEADER + "Tags: 1.2, 1, latest\nDirectory: a/../../b\n",
        ],
        [
            HEADER + "Tags: 1.2, 1, latest\nDirectory: a/../b\n",
            HEADER + "Tags: 1.2, 1, latest\nDirectory: .\n",
        ],
    ),
    "control-character": (
        [
            ONE + "File: a\x00b\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker\x00demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [ONE + "File: a\n", TWO],
    ),
    "entry-maintainers": (
        [
            TWO + "Maintainers: Ann Example <ann@example.org> (@ann)\n",
            ONE + "Maintainers: Bob (@bob), Eve (@eve)\n",
        ],
        [TWO, ONE + "# Maintainers: Bob (@bob)\n"],
    ),
    "entries-merged": (
        [ONE + "\nTags: 1.2-a\nDirectory: 1.2\n", ONE + "\nTags: 1.2-a\nDirectory: ./1.2/\n"],
        [TWO, ONE + "\nTags: 1.2-a\nDirectory: 1.2\nFile: a\n"],
    ),
    "arch-field-cleared": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\namd64-File: a\n\nTags: 1\namd64-File:\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\namd64-Directory: a\n\nTags: 1\namd64-Directory:\n",
        ],
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\namd64-File: a\n\nTags: 1\namd64-File: b\n",
            TWO,
        ],
    ),
    "blank-line-in-header": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\n\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\n\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1\n\nTags: 2\nDirectory: 2\n",
        ],
        [TWO, HEADER + "\nTags: 1\n"],
    ),
    "legacy-format": (
        [
            "# maintainer: A <a@example.org> (@a)\n\nlatest: git://github.com/example/docker-demo@3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n",
            "1: https://github.com/example/docker-demo@3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a 1\n2: https://github.com/example/docker-demo@3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a 2\n",
        ],
        [TWO, "# maintainer: A\n" + ONE],
    ),
    "duplicate-field": (
        [
            ONE + "Directory: 1.3\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [TWO, ONE + "File: x\n"],
    ),
    "field-wrong-case": (
        [
            ONE + "file: x\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitcommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [ONE + "File: x\n", TWO],
    ),
    "misspelled-field": (
        [
            ONE + "Architecture: amd64\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetsh: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [ONE + "Architectures: amd64\n", TWO],
    ),
    "unknown-field": (
        [ONE + "Comment: x\n", ONE + "Values: x\n"],
        [ONE + "# Comment: x\n", TWO],
    ),
    "gitrepo-doubled-field": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: GitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            HEADER + "Tags: 1.2, 1, latest\nDirectory: Directory: 1.2\n",
        ],
        [TWO, ONE + "File: a: b\n"],
    ),
    "whitespace-only-line": (
        [ONE + "\t\nTags: 1.1\nDirectory: 1.1\n", HEADER + "Tags: 1.2, 1, latest\n \nDirectory: 1.2\n"],
        [TWO, ONE + "\n\n"],
    ),
    "crlf": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\r\nGitRepo: https://github.com/example/docker-demo.git\r\nGitFetch: refs/heads/main\r\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\r\n\r\nTags: 1.2, 1, latest\r\nDirectory: 1.2\r\n\r\nTags: 1.1\r\nDirectory: 1.1\r\n",
            ONE + "File: x\r\n",
        ],
        [TWO, ONE],
    ),
    "space-before-colon": (
        [
            HEADER + "Tags: 1.2, 1, latest\nDirectory : 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo\t: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [TWO, ONE + "File: a :\n"],
    ),
    "no-space-after-colon": (
        [
            HEADER + "Tags: 1.2, 1, latest\nDirectory:1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo:https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [TWO, ONE + "File: a:b\n"],
    ),
    "missing-final-newline": (
        [ONE + "\nTags: 1.1\nDirectory: 1.1", ONE + "# end"],
        [TWO, ONE + "\n"],
    ),
    "trailing-space": (
        [HEADER + "Tags: 1.2, 1, latest \nDirectory: 1.2\n", ONE + "File: x\t\n"],
        [TWO, ONE + "File: x\n"],
    ),
    "hidden-characters": (
        [
            HEADER + "Tags: 1.2, 1, latest\nDirectory: 1\u200b.2\n",
            "Maintainers: A\u202enn Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [
            "Maintainers: Änn Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            TWO,
        ],
    ),
    "gitrepo-address": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: git@github.com:example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: http://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: git://github.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://codeberg.org/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
        [
            TWO,
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://gitlab.com/example/docker-demo.git\nGitFetch: refs/heads/main\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1.2, 1, latest\nDirectory: 1.2\n",
        ],
    ),
    "file-field-missing": (
        ["1.2-jdk8; Directory: d; File: F.8 | 1.2-jdk11; Directory: d; File: F.11 | 1.2-jdk17; Directory: d"],
        [
            "1.2-a; Directory: d; File: F.a | 1.2-b; Directory: d; File: F.b | 1.2-c; Directory: d; File: F.c",
            "1.2; Directory: d | 1.2-a; Directory: d; File: F.a",
        ],
    ),
    "latest-means-default": (
        ["1.2, Latest", "1.2-LATEST"],
        ["1.2, latest", "1.2, late"],
    ),
    "from-unreadable": (
        [
            HEADER + "Tags: 1\nDirectory: nowhere\n",
            HEADER + "Tags: 1\nGitCommit: ffffffffffffffffffffffffffffffffffffffff\n",
        ],
        [
            HEADER + "Tags: 1.2.3\nDirectory: 1.2\n",
            HEADER + "Tags: 1\nDirectory: nowhere\nBuilder: oci-import\n",
        ],
    ),
    "from-platform-flag": (
        [HEADER + "Tags: 1, 2\nDirectory: platform\n", HEADER + "Tags: a\n\nTags: 1\nDirectory: platform\n"],
        [HEADER + "Tags: 1.2.3\nDirectory: 1.2\n", ONE],
    ),
    "from-variable": (
        [HEADER + "Tags: 1, 2\nDirectory: variable\n", HEADER + "Tags: a\n\nTags: 1\nDirectory: variable\n"],
        [HEADER + "Tags: 1.2.3\nDirectory: 1.2\n", ONE],
    ),
    "from-missing": (
        [HEADER + "Tags: 1, 2\nDirectory: empty\n", HEADER + "Tags: a\n\nTags: 1\nDirectory: empty\n"],
        [HEADER + "Tags: 1.2.3\nDirectory: 1.2\n", ONE],
    ),
    "from-unsupported-arch": (
        [
            HEADER + "Tags: 1\nArchitectures: amd64, ppc64le\nDirectory: 1.2\n",
            HEADER + "Tags: a\nArchitectures: amd64, riscv64\n",
        ],
        [HEADER + "Tags: 1\nArchitectures: amd64, s390x\nDirectory: 1.2\n", ONE],
    ),
    "from-unsupported-base": (
        [HEADER + "Tags: 1\nDirectory: external\n", HEADER + "Tags: 1\nDirectory: old\n"],
        [HEADER + "Tags: 1.2.3\nDirectory: 1.2\n", ONE],
    ),
    "constraint-missing": (
        [
            HEADER + "Tags: 1\nDirectory: win\nArchitectures: windows-amd64\n",
            HEADER
            + "Tags: 1\nDirectory: nano\nConstraints: nanoserver-ltsc2025\nArchitectures: windows-amd64\n",
        ],
        [
            HEADER
            + "Tags: 1\nDirectory: win\nConstraints: windowsservercore-ltsc2025\nArchitectures: windows-amd64\n",
            HEADER + "Tags: 1\nDirectory: 1.2\n",
        ],
    ),
    "constraint-extra": (
        [
            HEADER + "Tags: 1\nDirectory: 1.2\nConstraints: x\n",
            HEADER
            + "Tags: 1\nDirectory: win\nConstraints: windowsservercore-ltsc2025, nanoserver-ltsc2025\nArchitectures: windows-amd64\n",
        ],
        [
            HEADER
            + "Tags: 1\nDirectory: win\nConstraints: windowsservercore-ltsc2025\nArchitectures: windows-amd64\n",
            ONE,
        ],
    ),
    "commit-not-in-gitfetch": (
        [
            HEADER + "Tags: 1\nGitFetch: refs/heads/other\n",
            HEADER + "Tags: 1\nGitFetch: refs/heads/archives\n",
        ],
        [HEADER + "Tags: 1\nGitFetch: refs/tags/v1.2.3\n", ONE],
    ),
    "tar-modified": (
        [
            HEADER
            + "Tags: 1\nGitFetch: refs/heads/archives\nGitCommit: 2c26b46b68ffc68ff99b453c1d30413413422d70\n",
            HEADER
            + "Tags: a\n\nTags: 1\nGitFetch: refs/heads/other\nGitCommit: 2c26b46b68ffc68ff99b453c1d30413413422d70\nDirectory: 1.2\n",
        ],
        [HEADER + "Tags: 1\n", ONE],
    ),
    "gitrepo-copied": (
        [
            HEADER + "Tags: 1\nGitRepo: https://github.com/example/other.git\n",
            HEADER + "Tags: a\n\nTags: 1\nGitRepo: https://github.com/example/debian.git\n",
        ],
        [ONE, TWO],
    ),
    "windows-from": (
        [
            HEADER
            + "Tags: 1-windowsservercore-ltsc2022\nDirectory: win\nConstraints: windowsservercore-ltsc2022\nArchitectures: windows-amd64\n",
            HEADER
            + "Tags: 1-nanoserver-ltsc2022\nDirectory: nano\nConstraints: nanoserver-ltsc2022\nArchitectures: windows-amd64\n",
        ],
        [
            HEADER
            + "Tags: 1-windowsservercore-ltsc2025\nDirectory: win\nConstraints: windowsservercore-ltsc2025\nArchitectures: windows-amd64\n",
            ONE,
        ],
    ),
    "windows-retired-base": (
        [
            HEADER
            + "Tags: 1-windowsservercore-1809\nConstraints: windowsservercore-1809\nArchitectures: windows-amd64\n",
            HEADER
            + "Tags: 1-nanoserver-ltsc2019\nConstraints: nanoserver-ltsc2019\nArchitectures: windows-amd64\n",
        ],
        [
            HEADER
            + "Tags: 1-windowsservercore-ltsc2025\nConstraints: windowsservercore-ltsc2025\nArchitectures: windows-amd64\n",
            ONE,
        ],
    ),
    "wrong-gitcommit": (
        [
            HEADER + "Tags: 1\nGitCommit: ffffffffffffffffffffffffffffffffffffffff\n",
            HEADER
            + "Tags: a\n\nTags: 1\nGitCommit: 0000000000000000000000000000000000000000\nDirectory: 1.2\n",
        ],
        [HEADER + "Tags: 1\n", ONE],
    ),
    "gitfetch-missing": (
        [
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1\n",
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1\n\nTags: 2\nDirectory: 1.2\n",
        ],
        [
            ONE,
            "Maintainers: Ann Example <ann@example.org> (@ann)\nGitRepo: https://github.com/example/docker-demo.git\nGitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a\n\nTags: 1\nGitFetch: refs/heads/main\n",
        ],
    ),
    "gitfetch-wrong": (
        [HEADER + "Tags: 1\nGitFetch: refs/heads/no\n", HEADER + "Tags: 1\nGitFetch: refs/tags/v9\n"],
        [HEADER + "Tags: 1\nGitFetch: refs/tags/v1.2.3\n", ONE],
    ),
    "directory-missing": (
        [HEADER + "Tags: 1\nDirectory: 1.9\n", HEADER + "Tags: 1\nDirectory: 1.2/debian\n"],
        [ONE, HEADER + "Tags: 1\n"],
    ),
    "file-missing": (
        [HEADER + "Tags: 1\nDirectory: 1.2\nFile: Nope\n", HEADER + "Tags: 1\nFile: Dockerfile.x\n"],
        [ONE, HEADER + "Tags: 1\n"],
    ),
    "version-mismatch": (
        [HEADER + "Tags: 1.2.9\nDirectory: 1.2\n", HEADER + "Tags: 1.3.0, latest\nDirectory: 1.2\n"],
        [HEADER + "Tags: 1.2.3\nDirectory: 1.2\n", HEADER + "Tags: 1.2.3-x, 1.2\nDirectory: 1.2\n"],
    ),
    "unsupported-arch": (
        [
            HEADER + "Tags: 1\nDirectory: case\nArchitectures: amd64, s390x\n",
            HEADER + "Tags: 1\nDirectory: case\nArchitectures: ppc64le\n",
        ],
        [HEADER + "Tags: 1\nDirectory: case\nArchitectures: amd64, arm64v8\n", ONE],
    ),
    "eol-base": (
        [HEADER + "Tags: 1\nDirectory: old\n", HEADER + "Tags: a\n\nTags: 1\nDirectory: old\n"],
        [ONE, HEADER + "Tags: 1\n"],
    ),
    "gitrepo-typo": (
        [
            HEADER + "Tags: 1\nGitRepo: https://github.com/no-such/x.git\n",
            HEADER + "Tags: a\n\nTags: 1\nGitRepo: https://github.com/a/no-such.git\n",
        ],
        [ONE, TWO],
    ),
    "gitcommit-not-tag-target": (
        [
            HEADER + f"Tags: 1.2.3\nGitFetch: refs/tags/v1.2.3\nGitCommit: {C2}\n",
            HEADER + f"Tags: 1.2.3-x, 1.2\nGitFetch: refs/tags/v1.2.3\nGitCommit: {C2}\nDirectory: 1.2\n",
        ],
        [
            HEADER + "Tags: 1.2.3\nGitFetch: refs/tags/v1.2.3\n",
            HEADER + f"Tags: 1.2.4\nGitFetch: refs/tags/v1.2.3\nGitCommit: {C2}\n",
        ],
    ),
    "version-bump-missed": (
        [
            HEADER + "Tags: 2.0.5\n\nTags: 1.2.2\nDirectory: 1.2\n",
            HEADER + "Tags: 1.2.1\n\nTags: 2.0.5, latest\nDirectory: 2.0\n",
        ],
        [HEADER + "Tags: 2.0.5\n\nTags: 1.2.3\nDirectory: 1.2\n", ONE],
    ),
    "upstream-eol": (
        [HEADER + "Tags: 1.0.3\n", HEADER + "Tags: 1.0.3-x\n\nTags: 1.2.3\nDirectory: x\n"],
        [HEADER + "Tags: 1.2.3\n", ONE],
    ),
    "supported-only": (
        [HEADER + "Tags: 1.0.3, latest\n", HEADER + "Tags: 1.0.3-x, 1.0, latest\n"],
        [HEADER + "Tags: 1.2.3, latest\n", ONE],
    ),
    "arch-subset": (
        [
            HEADER + "Tags: 1\nArchitectures: amd64, s390x\nDirectory: 1.2\ns390x-Directory: 1.2\n",
            HEADER + "Tags: 1\nArchitectures: amd64, arm64v8\narm64v8-File: Dockerfile\n",
        ],
        [HEADER + "Tags: 1\nArchitectures: amd64, s390x\n", ONE],
    ),
    "version-not-bumped": (
        [
            "1.2.3; Directory: 1.2; GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a => 1.2.3; Directory: 1.2; GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "1.2.3, latest; GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a => 1.2.3, latest; GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b; Directory: .",
        ],
        [
            "1.2.3; Directory: 1.2; GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a => 1.2.4; Directory: 1.2; GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "1.2.3; Directory: 1.2; GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a => 1.2.3; Directory: 1.2; GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a",
        ],
    ),
}
