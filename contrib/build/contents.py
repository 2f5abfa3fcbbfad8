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
        method = (node.method or "").lower()
        if method == "replace" and len(node.words) == 3:
            content = content_of(walk, node.words[0])
            if content is not None:
                content.edits.append(("replace", walk.text(node.words[1]), walk.text(node.words[2])))
            return content
        if method.endswith("regex::replace") and len(node.positional) >= 3:
            content = content_of(walk, node.positional[0])
            if content is not None:
                content.edits.append(
                    ("replace", walk.text(node.positional[1]), walk.text(node.positional[2]))
                )
            return content
        if method == "foreach" and len(node.words) == 2:
            content = content_of(walk, node.words[0])
            if content is not None:
                _each_line(walk, node.words[1], content)
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
            if isinstance(inner, shell.Command) and (inner.method or "").lower().endswith("replace"):
                pairs = ()  # the call is the word, and its edits are made
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
        if name == "where-object":
            _filter(walk, member, content)
        elif name == "foreach-object":
            for word in member.words:
                if word.text.lstrip().startswith("{"):
                    _each_line(walk, word, content)
        elif name == "select-string":
            pattern = member.parameter("Pattern")
            wanted = pattern.value if pattern is not None else next(iter(member.positional), None)
            if wanted is not None and member.parameter("NotMatch") is not None:
                content.edits.append(("drop", walk.text(wanted), ""))
            else:
                content.edits.append(_UNKNOWN)
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
        elif name not in _AS_IT_IS:
            content.edits.append(_UNKNOWN)
    return content


#: An edit of which nothing is known.
_UNKNOWN = ("replace", "", "")
#: What passes lines on as they are.
_AS_IT_IS = frozenset(
    ("out-string", "tee-object", "tee", "cat", "get-content", "write-output", "select-object")
)


def _filter(walk: Walk, command: shell.Command, content: Content) -> None:
    """The script block of Where-Object on lines of a file."""
    for word in command.words:
        text = word.text.strip()
        if not text.startswith("{"):
            continue
        parsed = expression.parse(text[1:].removesuffix("}").strip())
        negated = False
        while isinstance(parsed, expression.Not):
            parsed, negated = parsed.operand, not negated
        drops = isinstance(parsed, expression.Binary) and (
            parsed.op in ("-notmatch", "-notlike", "-ne", "-cnotmatch")
            or (negated and parsed.op in ("-match", "-like", "-eq"))
        )
        if drops and isinstance(parsed, expression.Binary):
            content.edits.append(("drop", constant(walk, parsed.right), ""))
        else:
            content.edits.append(_UNKNOWN)


def _each_line(walk: Walk, word: shell.Word, content: Content) -> None:
    """A script block that is run for each line: ``{ $_ -replace … }``, ``{ if ($_ -match …) { … } else { $_ } }``."""
    names = {"_", "psitem"}  # variables that hold the line
    part = word.parts[0] if len(word.parts) == 1 else None
    nodes = part.nodes if isinstance(part, shell.Opaque) else ()
    found: list[tuple[str, str, str]] = []
    for node in nodes[:50]:
        if isinstance(node, shell.If):
            found.append(_line_if(walk, node, names))
            continue
        value = node.value if isinstance(node, shell.Assignment) else node
        if isinstance(value, shell.Expression):
            value = value.word
        parsed = expression.of_word(value) if isinstance(value, shell.Word) else None
        if parsed is None and isinstance(value, shell.Command):
            parsed = expression.of_call(value)
        subject, pairs = expression.replacements(parsed) if parsed is not None else (None, ())
        if not isinstance(subject, expression.Name) or subject.name.lower() not in names:
            found.append(_UNKNOWN)
            continue
        found.extend(("replace", constant(walk, old), constant(walk, new)) for old, new in pairs[:200])
        if isinstance(node, shell.Assignment):
            names.add(node.name.lower())
    content.edits.extend(found or [_UNKNOWN])


def _line_if(walk: Walk, node: shell.If, names: set[str]) -> tuple[str, str, str]:
    """``if ($_ -match '^bind') { 'bind 0.0.0.0' } else { $_ }``: a line that is like this becomes that one."""
    condition, body = node.arms[0]
    only = body[0] if len(body) == 1 else None
    text = only.word.literal if isinstance(only, shell.Expression) else None
    others = [each for _, nodes in node.arms[1:] for each in nodes]
    kept = all(
        isinstance(each, shell.Expression) and each.text.strip().lower().lstrip("$") in names
        for each in others
    )
    if condition is None or text is None or not kept or condition.negated:
        return _UNKNOWN
    left, right = condition.left, condition.right
    if left is None or right is None or left.text.lower().lstrip("$") not in names:
        return _UNKNOWN
    pattern = walk.text(right)
    if condition.operator in ("-match", "-imatch", "-cmatch"):
        return ("replace", f"{pattern}.*", text)
    return ("replace", re.escape(pattern), text) if condition.operator == "-eq" else _UNKNOWN


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
    if name in ("set-content", "out-file", "add-content", "tee-object") and isinstance(
        first, shell.Expression
    ):
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
    if not content.edits and content.file == target:
        return
    if not content.edits:
        walk.add(
            act.Move, span, source=content.file, target=target, kind="copy", conditional=place.conditional
        )
    for kind, pattern, text in content.edits:
        walk.add(
            act.Edit, span, kind=kind, file=target, origin=content.file, pattern=pattern, text=text, tool=tool,
            conditional=place.conditional,
        )  # fmt: skip


def write_all(walk: Walk, command: shell.Command, place: Place) -> None:
    if not command.method or not command.method.lower().split("::")[-1].startswith(("writeall", "appendall")):
        return
    if len(command.positional) < 2:
        return
    target = walk.absolute(walk.text(command.positional[0]))
    fetched_into(walk, command.positional[1:], target)
    if walk.streams is not None:
        walk.streams.written(walk, command.positional[1:], target)
    tool = command.method.split("::")[-1]
    content = content_of(walk, command.positional[1])
    if content is not None:
        emit_content(walk, content, target, command.span, tool, place)
        return
    value = walk.value(command.positional[1])
    if tool.lower().endswith("bytes") or value.fetched:
        return
    walk.add(
        act.Edit, command.span, kind="append" if tool.lower().startswith("append") else "write", file=target,
        origin=target, pattern="", text="\n".join(each.text for each in value.each if each.known), tool=tool,
        conditional=place.conditional,
    )  # fmt: skip


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
