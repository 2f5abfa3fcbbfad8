"""Files compared with what is expected of them, in every shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import expression
from contrib.build.actions import Comparison, Value
from contrib.build.values import digest_of, expression_value
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def digest_pipeline(walk: Walk, node: shell.Pipeline, place: Place) -> None:
    """``certutil -hashfile f SHA256 | find "…"`` and ``sha256sum f | grep …``."""

    assert walk.scope is not None
    last = node.nodes[-1]
    if not isinstance(last, shell.Command) or len(node.nodes) < 2:
        return
    if last.full_name.lower() not in ("find", "findstr", "grep", "select-string"):
        return
    digest = digest_of(node.nodes[:-1], walk.scope)
    if digest is None or place.quiet:
        return  # in a condition, which is looked at as a whole
    expected = _looked_for(walk, last.words)
    if last.full_name.lower() == "select-string" and last.parameter("Pattern") is not None:
        parameter = last.parameter("Pattern")
        assert parameter is not None
        expected = walk.value(parameter.value)
    acted = place.guarded and not node.negated and last.full_name.lower() != "select-string"
    verify(walk, digest, expected, acted, last, place, tool=last.full_name, exact=False)


def digest_in_file(walk: Walk, command: shell.Command, place: Place) -> bool:
    """``certutil -hashfile f SHA256 > h.txt && findstr %SHA% h.txt``: whether the file holds a digest.

    The comparison is added then.
    """
    option = r"[-/]" if walk.shell == "cmd" else r"-"
    words = [w for w in command.words if not re.match(option, w.literal or "x")]
    named = [walk.value(w) for w in command.words if re.match(r"(?i)/c:", w.literal or w.text)]
    if named:
        named = [replace(named[0], text=named[0].text[3:].strip('"'))]
    expected, files = (named[0], words) if named else (walk.value(words[0]) if words else None, words[1:])
    for word in files:
        held = walk.small.get(walk.absolute(walk.text(word)))
        if held is not None and held.digest is not None:
            verify(
                walk,
                held.digest,
                expected,
                place.guarded,
                command,
                place,
                tool=command.full_name,
                exact=False,
            )
            return True
    return False


def _looked_for(walk: Walk, words: Sequence[shell.Word]) -> Value | None:
    """What ``findstr``, ``find`` or ``grep`` looks for: its first operand, or what ``/c:`` gives."""
    for word in words:
        text = word.text
        if text[:3].lower() == "/c:":
            value = walk.value(word)
            return replace(value, text=value.text[3:].strip("\"'"))
        if not re.match(r"[-/][A-Za-z]", text):
            return walk.value(word)
    return None


def verify(
    walk: Walk,
    digest: act.Digest,
    expected: Value | None,
    acted_on: bool,
    node: shell.Node | shell.Condition,
    place: Place,
    tool: str = "",
    mismatch: tuple[shell.Node, ...] | None = None,
    exact: bool = True,
) -> None:
    """Note a comparison."""
    walk.add(
        act.Verify, node.span, node=node if not isinstance(node, shell.Condition) else None, file=digest.file,
        algorithm=digest.algorithm, expected=expected, acted_on=acted_on, tool=tool, conditional=place.conditional,
        mismatch=mismatch, exact=exact,
    )  # fmt: skip


_EQUAL = frozenset(
    (
        "-eq",
        "-ieq",
        "-ceq",
        "=",
        "==",
        "equ",
        "-like",
        "-match",
        "-imatch",
        "-cmatch",
        "-contains",
        "-in",
        "-ilike",
    )
)


def verify_if(walk: Walk, node: shell.If, place: Place) -> None:
    """``if (hash -ne expected) { exit 1 }`` and its like, in every shell."""
    for index, (condition, body) in enumerate(node.arms):
        if condition is None:
            continue
        found = digest_comparison(walk, condition)
        if found is None:
            continue
        other = node.arms[index + 1][1] if index + 1 < len(node.arms) else ()
        failing = other if found.equal else body
        verify(
            walk,
            found.digest,
            found.expected,
            fatal(walk, failing),
            condition,
            place,
            tool="if",
            mismatch=failing or None,
            exact=found.exact,
        )


def verify_case(walk: Walk, node: shell.Case, digest: act.Digest, place: Place) -> None:
    """``switch (hash) { expected { … } default { exit 1 } }``."""
    expected = next(
        (p for patterns, _ in node.arms for p in patterns if p.strip().lower() != "default"), None
    )
    other = next(
        (
            body
            for patterns, body in node.arms
            if any(p.strip().lower() in ("default", "*") for p in patterns)
        ),
        (),
    )
    value = walk.expr(expected) if expected is not None else None
    walk.add(
        act.Verify, node.span, node=node, file=digest.file, algorithm=digest.algorithm, expected=value,
        acted_on=fatal(walk, other), tool="switch", conditional=place.conditional, mismatch=other or None,
    )  # fmt: skip


_HASHED = lazy(r"""(?i)^'\s*certutil(?:\.exe)?\s+-hashfile\s+"?([^\s"']+)"?(?:\s+"?(\w+))?""")


def for_each(walk: Walk, node: shell.Loop) -> Value:
    """What the variable of ``for /f`` holds in one turn: a digest where the command computes one."""
    text = " ".join(walk.text(item) for item in node.items)
    match = _HASHED.match(text)
    if match is None:
        return Value(f"%{node.variable}", False)
    digest = act.Digest(walk.absolute(match[1]), (match[2] or "sha1").lower())
    return Value("", False, digest=digest)


#: Operators and programs that a part of the text is enough for.
_PARTIAL = frozenset(
    (
        "-like",
        "-ilike",
        "-clike",
        "-notlike",
        "-match",
        "-imatch",
        "-cmatch",
        "-notmatch",
        "-inotmatch",
        "-cnotmatch",
    )
)
_UNEQUAL = frozenset(
    ("-ne", "-ine", "-cne", "-notlike", "-notmatch", "-inotmatch", "-cnotmatch", "-notcontains", "-notin")
)
_SEARCHERS = frozenset(("select-string", "findstr", "find", "grep"))


def digest_comparison(walk: Walk, condition: shell.Condition) -> Comparison | None:
    """The digest that a condition compares, and with what."""
    assert walk.scope is not None
    operator = (condition.operator or "").lower()
    if condition.left is not None and condition.right is not None:
        return _of_sides(walk, condition, operator)
    digest = digest_of(condition.nodes, walk.scope)
    parsed = expression.parse(condition.text.strip())
    negated = condition.negated
    while isinstance(parsed, expression.Not):
        parsed, negated = parsed.operand, not negated if parsed is not None else negated
    if condition.left is not None and isinstance(parsed, expression.Name):
        # $same = (Get-FileHash f).Hash -eq $want; if (-not $same) { throw }
        held = walk.scope.get(parsed.name)
        if held is not None and held.compared is not None:
            return replace(held.compared, equal=held.compared.equal != condition.negated)
    text_negated = condition.text.strip().lower().startswith(("!", "-not"))
    if digest is None and isinstance(parsed, expression.Access):
        subject = expression_value(parsed.target, "", walk.scope)
        digest = subject.digest
    if digest is None:
        given = _given_back(walk, condition.nodes)
        if given is not None and given.compared is not None:
            return replace(given.compared, equal=given.compared.equal != (text_negated or negated))
        return None
    expected: Value | None = None
    exact = True
    if isinstance(parsed, expression.Access) and parsed.args:
        expected = expression_value(parsed.args[0], condition.text, walk.scope)
    elif isinstance(parsed, expression.Binary):
        expected = expression_value(parsed.right, condition.text, walk.scope)
        return Comparison(digest, expected, (parsed.op in _EQUAL) != negated, parsed.op not in _PARTIAL)
    else:
        for command in shell.commands(condition.nodes):
            if (
                command.method
                and command.method.lower().split("::")[-1].endswith("equals")
                and command.positional
            ):
                values = [walk.value(word) for word in command.positional]
                expected = next((value for value in values if value.digest is None), None)
            elif command.full_name == "Where-Object":
                tested = _tested(command)
                if tested is not None:
                    expected = expression_value(tested.right, "", walk.scope)
                    exact = tested.op not in _PARTIAL
                    negated = negated != (tested.op in _UNEQUAL)
            elif command.full_name.lower() in _SEARCHERS:
                pattern = command.parameter("Pattern")
                if pattern is not None and pattern.value is not None:
                    expected = walk.value(pattern.value)
                else:
                    expected = _looked_for(walk, command.positional) or expected
                exact = False
    return Comparison(digest, expected, not (text_negated or negated), exact)


def _tested(command: shell.Command) -> expression.Binary | None:
    """The comparison in the block of ``Where-Object``."""
    for word in command.words:
        text = word.text.strip()
        if text.startswith("{"):
            parsed = expression.parse(text[1:].removesuffix("}").strip())
            if isinstance(parsed, expression.Binary):
                return parsed
    return None


def _given_back(walk: Walk, nodes: tuple[shell.Node, ...]) -> Value | None:
    """What a function of the script gives back, where the nodes are a call of it."""
    if len(nodes) != 1 or not isinstance(nodes[0], shell.Command):
        return None
    from contrib.build.functions import evaluated

    return evaluated(walk, nodes[0], lambda node: _output(walk, node))


def _output(walk: Walk, node: shell.Node) -> Value:
    """What a statement puts out."""
    word = node.value if isinstance(node, shell.Flow) else None
    if isinstance(node, shell.Expression):
        word = node.word
    if word is None:
        assert walk.scope is not None
        digest = digest_of((node,), walk.scope)
        return Value("", False, digest=digest)
    return replace(walk.value(word), compared=answer(walk, word))


def _of_sides(walk: Walk, condition: shell.Condition, operator: str) -> Comparison | None:
    """Of ``left operator right``."""
    assert condition.left is not None and condition.right is not None
    sides = (condition.left, condition.right)
    values = [_side(walk, side) for side in sides]
    equal = (operator in _EQUAL) != condition.negated
    for index, value in enumerate(values):
        if value.compared is not None:  # `$same -eq $false`
            false = values[1 - index].text.strip().lower() in ("$false", "false", "0")
            return replace(value.compared, equal=(value.compared.equal != false) == equal)
        answered = _answered(walk, sides[index], values[1 - index].text)
        if answered is not None:
            return replace(answered, equal=answered.equal == equal)
    for index, value in enumerate(values):
        if value.digest is not None:
            # one of several digests is enough: the first stands for them
            each = values[1 - index].each
            other: Value | None = replace(each[0], known=all(one.known for one in each))
            if value.digest.algorithm == "authenticode" and not all(
                re.fullmatch(r"[0-9A-Fa-f]{40,64}", one.text) for one in each
            ):
                other = None  # a valid signature, of whomever
            return Comparison(value.digest, other, equal, operator not in _PARTIAL)
    return None


def _side(walk: Walk, side: shell.Word) -> Value:
    value = walk.value(side)
    if value.digest is None and not value.known and walk.functions:
        for part in side.parts:
            if isinstance(part, (shell.Substitution, shell.Opaque)):
                given = _given_back(walk, part.nodes)
                if given is not None and given.digest is not None:
                    return given
    return value


def _answered(walk: Walk, side: shell.Word, other: str) -> Comparison | None:
    """``[string]::Compare($hash, $want, $true) -ne 0``, ``$hash.Equals($want) -eq $false``, and their like.

    :param other: what the answer is compared with.
    """
    assert walk.scope is not None
    parsed = expression.of_word(side)
    if not isinstance(parsed, (expression.Access, expression.Static)) or not parsed.args:
        return None
    member = parsed.member.lower()
    if member not in ("compare", "compareordinal", "compareto", "equals"):
        return None
    given = [*parsed.args]
    if isinstance(parsed, expression.Access):
        given.insert(0, parsed.target)
    values = [expression_value(each, "", walk.scope) for each in given[:2]]
    digest = next((value.digest for value in values if value.digest is not None), None)
    if digest is None:
        digest = digest_of(
            tuple(node for part in side.parts if isinstance(part, shell.Opaque) for node in part.nodes),
            walk.scope,
        )
    if digest is None:
        return None
    expected = next((value for value in values if value.digest is None and value.known), None)
    true = other.strip().lower() in (("$true", "true", "1") if member == "equals" else ("0",))
    return Comparison(digest, expected, true)


def answer(walk: Walk, value: shell.Word | shell.Node | None) -> Comparison | None:
    """The comparison whose answer is put into a variable."""
    word = value.word if isinstance(value, shell.Expression) else value
    part = word.parts[0] if isinstance(word, shell.Word) and len(word.parts) == 1 else None
    if not isinstance(part, shell.Opaque) or part.operator is None or len(part.operands) != 2:
        return None
    if part.operator not in _EQUAL and part.operator not in _UNEQUAL:
        return None
    left, right = part.operands
    return _of_sides(
        walk, shell.Condition(part.text, part.nodes, left.span, part.operator, left, right), part.operator
    )


def fatal(walk: Walk, body: tuple[shell.Node, ...]) -> bool:
    """Whether the nodes end the build."""
    return ends_build(body, walk.stop, walk.value)


def ends_build(body: tuple[shell.Node, ...], stop: bool, value: Callable[[shell.Word], Value]) -> bool:
    """Whether the nodes end the build: ``exit 1``, ``throw``, ``Write-Error`` where errors stop it.

    :param stop: an error of a cmdlet ends the script.
    :param value: what a word comes to.
    """
    for node, _ in bounded(body):
        if isinstance(node, shell.Flow):
            if node.kind == "throw":
                return True
            if node.kind == "exit" and node.value is not None:
                code = value(node.value)
                if not code.known or code.text.strip() not in ("", "0"):
                    return True
        elif isinstance(node, shell.Command):
            name = node.full_name.lower()
            if name == "write-error" and _stops(stop, node):
                return True
            if name == "false" or (
                node.method is not None and node.method.lower().endswith("environment::exit")
            ):
                return True
            if name == "exit" and any((w.literal or "1").lower() not in ("0", "/b") for w in node.words):
                return True
        elif isinstance(node, shell.Expression) and node.text.strip().lower().startswith("throw"):
            return True
    return False


def _stops(stop: bool, command: shell.Command) -> bool:
    """Whether an error of a cmdlet ends the script."""
    action = command.parameter("ErrorAction")
    if action is not None and action.value is not None:
        return action.value.text.strip("'\"").lower() == "stop"
    return stop


def caught(walk: Walk, node: shell.Group, since: int) -> None:
    """``try { … throw } catch { Write-Host $_ }``: a ``catch`` that goes on takes the end of the build away.

    :param since: number of actions before the body of the ``try`` was walked.
    """
    handlers = node.handlers[: node.catches]
    if all(fatal(walk, handler) or _thrown_on(handler) for handler in handlers):
        return
    for position in range(since, len(walk.actions)):
        action = walk.actions[position]
        if isinstance(action, act.Verify) and action.acted_on and not _exits(action.mismatch or ()):
            walk.actions[position] = replace(action, acted_on=False)


def _thrown_on(body: tuple[shell.Node, ...]) -> bool:
    """The exception is thrown again: ``throw``, with or without a value."""
    return any(
        (isinstance(node, shell.Flow) and node.kind == "throw")
        or (isinstance(node, shell.Command) and (node.method or "").lower() == "throwterminatingerror")
        for node, _ in bounded(body)
    )


def _exits(body: tuple[shell.Node, ...]) -> bool:
    """The process ends, which no ``catch`` hears of."""
    for node, _ in bounded(body):
        if isinstance(node, shell.Flow):
            return node.kind == "exit"
        if isinstance(node, shell.Command) and (
            node.full_name.lower() == "exit" or (node.method or "").lower().endswith("environment::exit")
        ):
            return True
    return False


def check_if(walk: Walk, node: shell.If, place: Place) -> None:
    """``if (-not (Select-String …)) { throw }``: a text looked for, the build ending without it."""
    for condition, body in node.arms:
        if condition is None or not fatal(walk, body):
            continue
        for command in shell.commands(condition.nodes):
            name = command.full_name.lower()
            if name not in ("select-string", "grep", "findstr"):
                continue
            note_check(walk, command, place)


def note_check(walk: Walk, command: shell.Command, place: Place) -> None:
    """A grep, findstr or Select-String that guards the build."""
    if command.full_name.lower() == "select-string":
        pattern, path = command.parameter("Pattern"), command.parameter("Path")
        words = list(command.positional)
        pattern_word = pattern.value if pattern is not None else (words.pop(0) if words else None)
        path_word = path.value if path is not None else (words.pop(0) if words else None)
    else:
        option = r"-" if walk.shell == "posix" else r"-|/[A-Za-z](:|$)"
        words = [w for w in command.words if not re.match(option, w.literal or "x")]
        pattern_word = words[0] if words else None
        path_word = words[1] if len(words) > 1 else None
    walk.add(
        act.Check, command.span, node=command, file=walk.absolute(walk.text(path_word)) if path_word is not None else "",
        pattern=walk.text(pattern_word), conditional=place.conditional,
    )  # fmt: skip


def bounded(nodes: tuple[shell.Node, ...]) -> Iterator[tuple[shell.Node, tuple[shell.Node, ...]]]:
    for count, pair in enumerate(shell.walk(nodes)):
        if count > 20_000:
            return
        yield pair


def ends(node: shell.Node) -> bool:
    """``|| exit 1`` and ``|| { …; exit 1; }``."""
    for inner, _ in bounded((node,)):
        if isinstance(inner, shell.Flow) and inner.kind in ("exit", "throw"):
            return True
        if isinstance(inner, shell.Command) and inner.full_name.lower() in ("exit", "false"):
            return True
    return False
