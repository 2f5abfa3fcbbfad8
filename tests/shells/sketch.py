"""A tree as a few lines of text, so that a test can be read."""

from __future__ import annotations

from contrib.dockerfile import Dockerfile, parse
from contrib.shells import script_of, shells
from contrib.shells.model import (
    AndOr,
    Assignment,
    Case,
    Command,
    Expression,
    Flow,
    Function,
    Group,
    If,
    Loop,
    Node,
    Pipeline,
    Script,
    Unparsed,
    Word,
    walk,
)

WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
POWERSHELL = WINDOWS + 'SHELL ["powershell", "-Command"]\n'


def read(text: str) -> tuple[Dockerfile, Script]:
    """The last instruction's script."""
    parsed = parse(text.encode())
    script = script_of(parsed.instructions[-1], shells(parsed).before(parsed.instructions[-1]))
    assert script is not None
    return parsed, script


def posix(body: str) -> Script:
    return read(f"FROM alpine\nRUN {body}")[1]


def cmd(body: str) -> Script:
    return read(f"{WINDOWS}RUN {body}")[1]


def powershell(body: str) -> Script:
    return read(f"{POWERSHELL}RUN {body}")[1]


def first(script: Script) -> Command:
    """The first command that runs."""
    return next(node for node, _ in walk(script.nodes) if isinstance(node, Command))


def sketch(node: Node | Word | None) -> str:
    """One line."""
    if node is None:
        return "-"
    if isinstance(node, Word):
        return node.text
    if isinstance(node, Command):
        named = [f"-{p.full_name}" + (f"={p.value.text}" if p.value else "") for p in node.parameters]
        redirections = [f"{r.operator} {r.target.text}".strip() for r in node.redirections]
        environment = [f"{name}={word.text}" for name, word in node.environment]
        words = [w.text for w in node.positional]
        return " ".join([*environment, node.full_name or "?", *named, *words, *redirections])
    if isinstance(node, Pipeline):
        return ("! " if node.negated else "") + " | ".join(map(sketch, node.nodes))
    if isinstance(node, AndOr):
        return sketch(node.first) + "".join(f" {op} {sketch(other)}" for op, other in node.rest)
    if isinstance(node, Assignment):
        return f"{node.scope}:{node.name} {node.operator} {sketch(node.value)}"
    if isinstance(node, If):
        arms = []
        for condition, body in node.arms:
            head = "else"
            if condition is not None:
                head = f"if {'not ' if condition.negated else ''}[{condition.text}]"
                if condition.operator:
                    head += f"<{sketch(condition.left)} {condition.operator} {sketch(condition.right)}>"
            arms.append(f"{head} {block(body)}")
        return " ".join(arms)
    if isinstance(node, Loop):
        text = node.condition.text if node.condition else ""
        items = " ".join(w.text for w in node.items)
        head = " ".join(
            filter(None, [node.kind, node.variable, items, text, "endless" if node.endless else ""])
        )
        return f"{head} {block(node.body)}"
    if isinstance(node, Case):
        return f"case {sketch(node.subject)} " + " ".join(f"{'|'.join(p)} {block(b)}" for p, b in node.arms)
    if isinstance(node, Function):
        return f"function {node.name} {block(node.body)}"
    if isinstance(node, Group):
        handlers = "".join(f" handler {block(h)}" for h in node.handlers)
        onto = "".join(f" {r.operator} {r.target.text}".rstrip() for r in node.redirections)
        return f"{node.kind} {block(node.body)}{handlers}{onto}"
    if isinstance(node, Flow):
        return f"{node.kind} {sketch(node.value)}"
    if isinstance(node, Expression):
        if node.operator:
            return f"<{sketch(node.left)} {node.operator} {sketch(node.right)}>"
        return f"<{node.text}>"
    assert isinstance(node, Unparsed)
    return f"UNPARSED {node.text}"


def block(nodes: tuple[Node, ...]) -> str:
    return "{ " + "; ".join(map(sketch, nodes)) + " }"


def lines(script: Script) -> list[str]:
    """Each statement as a line."""
    return [sketch(node) for node in script.nodes]


def check_places(parsed: Dockerfile, script: Script) -> None:
    """Every node's span lies in the file, and names and words are spelled as they stand there."""
    for node, _ in walk(script.nodes):
        assert 0 <= node.span.start <= node.span.end <= len(parsed.data)
        assert parsed.line_of(node.span.start) == node.span.line or node.span.start == len(parsed.data)
        if isinstance(node, Command):
            for word in node.words:
                assert 0 <= word.span.start <= word.span.end <= len(parsed.data)
