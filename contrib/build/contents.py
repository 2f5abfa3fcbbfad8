"""Texts of files that PowerShell reads, changes and writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import expression, sed
from contrib.build.values import expression_value
from contrib.dockerfile.model import Span
from contrib.shells import model as shell
from contrib.values.records import dataclass, field, replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


@dataclass(slots=True)
class Content:
    """What a PowerShell variable or pipeline holds: a file's text with edits made to it."""

    file: str
    edits: list[tuple[str, str, str]] = field(default_factory=list)  # kind, pattern, text


def content_of(walk: Walk, node: shell.Node | shell.Word) -> Content | None:
    """The file's text that a node or word puts out, with the edits made on the way."""
    if isinstance(node, shell.Command):
        if node.full_name.lower() in ("get-content", "type", "cat") and (node.words or node.parameters):
            parameter = node.parameter("Path") or node.parameter("LiteralPath")
            word = parameter.value if parameter is not None and parameter.value is not None else None
            if word is None:
                candidates = node.positional or tuple(
                    w for w in node.words if not (w.literal or "").startswith("-")
                )
                word = candidates[0] if candidates else None
            if word is None:
                return None
            return Content(walk.absolute(walk.text(word)))
        if (
            node.method
            and node.method.lower().endswith(("::readalltext", "::readalllines"))
            and node.positional
        ):
            return Content(walk.absolute(walk.text(node.positional[0])))
        if node.method and node.method.lower() == "replace" and len(node.words) == 3:
            content = content_of(walk, node.words[0])
            if content is not None:
                content.edits.append(("replace", walk.text(node.words[1]), walk.text(node.words[2])))
            return content
        return None
    if isinstance(node, shell.Pipeline):
        return piped_content(walk, node.nodes)
    if isinstance(node, shell.Expression):
        word = node.word
    elif isinstance(node, shell.Word):
        word = node
    else:
        return None
    nodes = tuple(word_nodes(word))
    subject, pairs = expression.replacements(expression.of_word(word))
    base: Content | None = None
    for inner in nodes:
        base = content_of(walk, inner)
        if base is not None:
            break
    if base is None and isinstance(subject, expression.Name):
        known = walk.held.get(subject.name.lower())
        base = Content(known.file, list(known.edits)) if known is not None else None
    if base is None:
        return None
    for pattern, replacement in pairs[:200]:
        base.edits.append(("replace", constant(walk, pattern), constant(walk, replacement)))
    if isinstance(subject, expression.Binary) and subject.op in ("-notmatch", "-notlike"):
        base.edits.append(("drop", constant(walk, subject.right), ""))
    return base


def constant(walk: Walk, parsed: expression.Expr) -> str:
    assert walk.scope is not None
    return expression_value(parsed, "", walk.scope).text


def piped_content(walk: Walk, nodes: tuple[shell.Node, ...]) -> Content | None:
    if not nodes:
        return None
    content = content_of(walk, nodes[0])
    if content is None:
        return None
    for member in nodes[1:]:
        if not isinstance(member, shell.Command):
            continue
        name = member.full_name.lower()
        if name in ("where-object", "foreach-object"):
            block(walk, member, content)
        elif name in ("findstr", "find") and any((w.literal or "").lower() == "/v" for w in member.words):
            words = [w for w in member.words if not re.match(r"^/[A-Za-z:]", w.literal or "x")]
            if words:
                content.edits.append(("drop", walk.text(words[0]), ""))
        elif name == "grep" and any(re.match(r"-[a-zA-Z]*v", w.literal or "") for w in member.words):
            words = [w for w in member.words if not (w.literal or "").startswith("-")]
            if words:
                content.edits.append(("drop", walk.text(words[0]), ""))
        elif name == "sed":
            for edit in sed.edits([walk.text(w) for w in member.words])[0]:
                content.edits.append((edit.kind, edit.pattern, edit.text))
    return content


def block(walk: Walk, command: shell.Command, content: Content) -> None:
    """The script block of Where-Object or ForEach-Object on lines of a file."""
    filtering = command.full_name.lower() == "where-object"
    for word in command.words:
        text = word.text.strip()
        if not text.startswith("{"):
            continue
        inside = text[1:].removesuffix("}").strip()
        parsed = expression.parse(inside)
        if filtering:
            negated = False
            while isinstance(parsed, expression.Not):
                parsed, negated = parsed.operand, not negated
            if isinstance(parsed, expression.Binary):
                drops = parsed.op in ("-notmatch", "-notlike", "-ne", "-cnotmatch")
                if drops or (negated and parsed.op in ("-match", "-like", "-eq")):
                    content.edits.append(("drop", constant(walk, parsed.right), ""))
        else:
            subject, pairs = expression.replacements(parsed)
            if isinstance(subject, expression.Name) and subject.name in ("_", "PSItem"):
                for pattern, replacement in pairs[:200]:
                    content.edits.append(("replace", constant(walk, pattern), constant(walk, replacement)))


def content_assigned(walk: Walk, name: str, value: shell.Word | shell.Node) -> None:
    content = content_of(walk, value)
    if content is not None:
        walk.held[name.lower()] = content
    else:
        walk.held.pop(name.lower(), None)


def content_pipeline(walk: Walk, node: shell.Pipeline, place: Place) -> None:
    last = node.nodes[-1]
    if not isinstance(last, shell.Command):
        return
    name = last.full_name.lower()
    target: str | None = None
    if name in ("set-content", "out-file", "add-content", "tee-object"):
        target = content_target(walk, last)
        content = piped_content(walk, node.nodes[:-1])
    else:
        for redirection in last.redirections:
            if redirection.operator in (">", ">>", "1>"):
                target = walk.absolute(walk.text(redirection.target))
        content = piped_content(walk, node.nodes)
    if target is None:
        return
    if content is not None:
        emit_content(walk, content, target, last.span, name, place)
        return
    # a text written out: 'x' | Add-Content f; echo x | tee -a f
    first = node.nodes[0]
    if name in ("set-content", "out-file", "add-content") and isinstance(first, shell.Expression):
        value = walk.value(first.word)
        if name != "add-content":
            walk.small[target] = value
        kind = "append" if name == "add-content" or last.parameter("Append") is not None else "write"
        walk.add(
            act.Edit, last.span, kind=kind, file=target, origin=target, pattern="", text="\n".join(each.text for each in value.each), tool=name,
            conditional=place.conditional,
        )  # fmt: skip


def content_target(walk: Walk, command: shell.Command) -> str | None:
    """The file that Set-Content, Out-File or Add-Content writes."""
    parameter = command.parameter("Path") or command.parameter("FilePath") or command.parameter("LiteralPath")
    word = parameter.value if parameter is not None else None
    if word is None and command.positional:
        word = command.positional[0]
    return walk.absolute(walk.text(word)) if word is not None else None


def emit_content(walk: Walk, content: Content, target: str, span: Span, tool: str, place: Place) -> None:
    """The edits of a text that is written to ``target``."""
    if not content.edits:
        walk.add(
            act.Move, span, source=content.file, target=target, kind="copy", conditional=place.conditional
        )
    for kind, pattern, text in content.edits:
        walk.add(
            act.Edit, span, kind=kind, file=target, origin=content.file, pattern=pattern, text=text, tool=tool,
            conditional=place.conditional,
        )  # fmt: skip


def replace_file(walk: Walk, node: shell.Expression, place: Place) -> None:
    """``[IO.File]::WriteAllText(file, text)``."""
    for command in shell.commands(node.nodes):
        write_all(walk, command, place)


def write_all(walk: Walk, command: shell.Command, place: Place) -> None:
    if not command.method or not command.method.lower().split("::")[-1].startswith("writeall"):
        return
    if len(command.positional) < 2:
        return
    target = walk.absolute(walk.text(command.positional[0]))
    fetched_into(walk, command.positional[1:], target)
    walk.streams.written(walk, command.positional[1:], target)
    content = content_of(walk, command.positional[1])
    if content is not None:
        emit_content(walk, content, target, command.span, "WriteAllText", place)


def fetched_pipeline(walk: Walk, node: shell.Pipeline, since: int) -> None:
    """``(Invoke-WebRequest url).Content | Set-Content f``: the download is the file's.

    :param since: number of actions before the pipeline was walked.
    """
    first, last = node.nodes[0], node.nodes[-1]
    if not isinstance(last, shell.Command) or last.full_name.lower() not in ("set-content", "out-file"):
        return
    target = content_target(walk, last)
    if target is None:
        return
    fetches = [a for a in walk.actions[since:] if isinstance(a, act.Download) and a.file == "-"]
    if fetches:
        position = walk.actions.index(fetches[0], since)
        walk.actions[position] = replace(fetches[0], file=target)
        walk.fetched.add(target)
    elif isinstance(first, shell.Expression):
        fetched_into(walk, (first.word,), target)


def fetched_into(walk: Walk, words: Sequence[shell.Word], target: str) -> None:
    """What is written to ``target`` came over the network: the download is the file's.

    ``[IO.File]::WriteAllBytes(f, $client.GetByteArrayAsync(url).Result)``, ``$r = Invoke-WebRequest url`` and
    ``Set-Content f $r.Content``.
    """
    inner = {id(node) for word in words for node, _ in shell.walk(tuple(word_nodes(word)))}
    held = any(walk.value(word).fetched for word in words)
    for position in range(len(walk.actions) - 1, -1, -1):
        action = walk.actions[position]
        if action.instruction is not walk.instruction:
            return
        if isinstance(action, act.Download) and action.file == "-" and (held or id(action.node) in inner):
            walk.actions[position] = replace(action, file=target)
            walk.fetched.add(target)
            return


def word_nodes(word: shell.Word) -> Iterator[shell.Node]:
    for part in word.parts:
        if isinstance(part, (shell.Substitution, shell.Opaque)):
            yield from part.nodes
