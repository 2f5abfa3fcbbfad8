"""The values that the edits of upstream's scripts may use, the same in all layouts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from contrib.upstream import edits
from contrib.upstream.layouts.base import BranchChanges, Note
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, Tree

if TYPE_CHECKING:
    from contrib.images.model import Image, LayoutFacts, Port

#: A plain release of a port: three numbers. Rebuilds with four and milestones are no versions of the image.
RELEASE = "[0-9]+([.][0-9]+){2}"

# What stands in a shell's or jq's text without a meaning of its own.
_QUIET = re.compile(r"[A-Za-z0-9._/+{}-]*")


def load_scripts(image: Image, facts: LayoutFacts) -> tuple[edits.Script, ...]:
    """The edits that the image's folder has for a layout; none where it names no file.

    :raises BadInput: the file is missing, or is none.
    """
    if not facts.edits:
        return ()
    path = image.folder / facts.edits
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"layouts.{facts.key}.edits: cannot be read: {error.strerror}", file=str(path)
        ) from error
    return edits.load(data, str(path))


def values_of(image: Image, port: Port, left_out: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """``@NAME@`` and its value.

    - ``IMAGE``, ``PORT_REPOSITORY`` (``owner/name``),
    - ``PORT_TAG``: a regular expression (no backslashes) over a release's tag, with the group ``version``,
    - ``PORT_ASSET``: the archive's name as a jq string, the version being jq's ``$version``,
    - ``PORT_ASSET_SH``: the same for a shell, the version being ``$windowsVersion``,
    - ``PORT_TAG_HEAD``, ``PORT_TAG_TAIL``: what stands before and after the version in a tag, as an extended
      regular expression; ``PORT_TAG_SH``: a tag for a shell, the version being ``$windowsVersion``,
    - ``VERSION_ENV``, ``URL_ENV``, ``DIGEST_ENV``: names in a Dockerfile,
    - ``TEST_EXCLUSIONS``: lines of ``globalExcludeTests`` in official-images' test/config.sh,
    - ``LEFT_OUT``: lines of comment, for the variants that are left out; nothing where none is.

    :param left_out: variant and reason.
    :raises BadInput: a name that would mean something to a shell.
    """
    for what, text in (("repository", port.repository), ("tag", port.tag), ("asset", port.asset)):
        if not _QUIET.fullmatch(text):
            raise BadInput(f"port.{what}: {text!r} cannot be written into upstream's scripts")
    head, _, tail = port.tag.partition("{version}")
    tag = "".join(f"[{char}]" if char in ".+" else char for char in head)
    end = "".join(f"[{char}]" if char in ".+" else char for char in tail)
    return {
        "image": image.name,
        "port_repository": port.repository,
        "port_tag": f"^{tag}(?<version>{RELEASE}){end}$",
        "port_tag_head": tag,
        "port_tag_tail": end,
        "port_tag_sh": port.tag.replace("{version}", "$windowsVersion"),
        "port_asset": port.asset.replace("{version}", r"\($version)"),
        "port_asset_sh": port.asset.replace("{version}", "$windowsVersion"),
        "version_env": image.environment.version,
        "url_env": image.environment.url or "",
        "digest_env": image.environment.digest or "",
        "test_exclusions": "\n".join(exclusion_lines(image)),
        "left_out": edits.comment_of(left_out),
    }


def exclusion_lines(image: Image) -> list[str]:
    """The image's lines of ``globalExcludeTests``, in the order of its folder."""
    return [f"\t[{image.name}:{each.variant}_{each.test}]=1" for each in image.test_exclusions]


def edited(
    tree: Tree,
    scripts: Iterable[edits.Script],
    image: Image,
    port: Port,
    left_out: Sequence[tuple[str, str]] = (),
) -> tuple[list[FileChange], list[Note]]:
    """The edits of scripts on a tree, as changes and what the plan says of them.

    :raises BadInput: see :func:`contrib.upstream.edits.apply_scripts`.
    """
    changes, notes = [], []
    for each in edits.apply_scripts(tree, scripts, values_of(image, port, left_out)):
        if each.change is not None:
            changes.append(each.change)
            why = "; ".join(dict.fromkeys(each.why))
            notes.append(Note("edit", f"without this, {why}" if why else "new", each.path))
        elif each.outcome is edits.Outcome.KNOWN:
            notes.append(Note("known", "already knows Windows in its own words and is left alone", each.path))
    return changes, notes


def differing(tree: Tree, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """The changes that a tree does not already hold, each path once, sorted."""
    wanted = {change.path: change for change in changes}
    return tuple(
        change
        for path, change in sorted(wanted.items(), key=lambda item: item[0].encode())
        if tree.read(path) != change.content
        or (change.content is not None and tree.mode(path) != change.mode)
    )


def one_branch(
    tree: Tree, series: Iterable[str], changes: Iterable[FileChange], notes: Iterable[Note]
) -> tuple[BranchChanges, ...]:
    """The chain of a layout with one branch: scripts and directories are one pull request, A1."""
    return (BranchChanges("A1", None, tuple(series), differing(tree, changes), (), tuple(notes)),)


def env_value(data: bytes | None, name: str) -> str | None:
    """The value of a Dockerfile's first ``ENV name value`` or ``ENV name=value`` (``ARG`` too), as written.

    That is how upstream's scripts read it; nothing is expanded.
    """
    if data is None:
        return None
    text = data.decode("utf-8", "surrogateescape")
    pattern = rf"^(?:ENV|ARG)[ \t]+{re.escape(name)}[ \t=]+[\"']?([^\s\"']+)"
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None
