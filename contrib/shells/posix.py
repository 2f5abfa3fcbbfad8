"""POSIX shell to the tree of :mod:`contrib.shells.model`.

tree-sitter-bash says where commands, lists and compound commands begin and end; words are taken apart here,
by the rules of POSIX "Shell Command Language" (2.2 Quoting, 2.6 Word Expansions) and bash's ``$'…'``.
The grammar is loaded with the first body, and the parser made once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from contrib.shells import programs
from contrib.shells.model import (
    AndOr,
    Assignment,
    Case,
    Command,
    Condition,
    Flow,
    Function,
    Group,
    If,
    Loop,
    Node,
    Opaque,
    Parameter,
    Part,
    Pipeline,
    Redirection,
    Script,
    Substitution,
    Text,
    Unparsed,
    Variable,
    Word,
)
from contrib.shells.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node as Tree
    from tree_sitter import Parser

_MAX_DEPTH = 32
#: Longer bodies are not read: what tree-sitter needs to mend a broken text is more than linear.
MAX_TEXT = 65_536
#: Bars, and brackets of each kind, of a body that is read; tree-sitter's time and memory grow with their square.
MAX_SIGNS = 1000

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_BARE = re.compile(r"""[^\s"'\\$`;|&()<>]+""")
_QUOTED = re.compile(r'[^"\\$`]+')
_ANSI = re.compile(r"\\(?:([abefnrtv\\'\"?])|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|([0-7]{1,3}))")
_ANSI_CHARS = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_FLOW = frozenset({"exit", "return", "break", "continue"})
_ENDS_WORD = frozenset(" \t\r\n;|&()<>")


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def intricate(text: str) -> bool:
    """Whether there are more bars or brackets than a parser gets through in time in proportion to the text.

    The largest body among the official images has a hundred of one kind.
    """
    return any(text.count(char) > MAX_SIGNS for char in "|()[]{}")


def read(source: Source, *, depth: int = 0) -> Script:
    """Read a script.

    :param depth: how many shells are around this one.
    """
    if len(source.text) > MAX_TEXT or intricate(source.text):
        whole = Unparsed(source.text, source.span(0, len(source.text)))
        return Script("posix", (whole,), (whole,), text=source.text)
    reader = _Reader(source, depth)
    # one byte a character, so that places are the same; letters stay letters to the grammar
    tree = _parser().parse(_NOT_ASCII.sub("x", source.text).encode("ascii"))
    nodes = reader.statements(tree.root_node.children)
    return Script("posix", nodes, tuple(reader.unparsed), text=source.text)


class _Words:
    """Words: quotes, expansions, substitutions."""

    def __init__(self, source: Source, depth: int) -> None:
        self.source = source
        self.text = source.text
        self.depth = depth
        self.nesting = 0
        self.unparsed: list[Unparsed] = []
        self.assigned: set[str] = set()

    def trouble(self, start: int, stop: int) -> Unparsed:
        node = Unparsed(self.text[start:stop], self.source.span(start, stop))
        self.unparsed.append(node)
        return node

    def _text(self, tree: Tree) -> str:
        return self.text[tree.start_byte : tree.end_byte]

    def _word_of(self, tree: Tree) -> Word:
        return self._word(tree.start_byte, tree.end_byte, [tree])

    def _word(self, low: int, high: int, trees: list[Tree]) -> Word:
        text = self.text[low:high]
        span = self.source.span(low, high)
        if not text or _BARE.fullmatch(text):
            return Word(text, (Text(text),), span)
        substitutions: dict[int, Tree] = {}
        if "`" in text or "(" in text:
            for tree in trees:
                substitutions.update(_substitutions(tree))
        parts, _at = self._parts(low, high, substitutions, stop_at_blank=False)
        quoted = (
            text[0] in "\"'"
            and text[-1] == text[0]
            and len(text) > 1
            and text.find(text[0], 1) == len(text) - 1
        )
        return Word(text, parts or (Text(""),), span, quoted)

    def _lex(self, at: int, stop: int, substitutions: dict[int, Tree]) -> tuple[Word, int]:
        parts, end = self._parts(at, stop, substitutions, stop_at_blank=True)
        text = self.text[at:end]
        quoted = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
        return Word(text, parts or (Text(""),), self.source.span(at, end), quoted), end

    def _parts_of_string(self, tree: Tree, low: int, high: int) -> tuple[Part, ...]:
        parts: list[Part] = []
        self._string(low, high, parts, _substitutions(tree), "")
        return _joined(parts)

    def _parts(
        self, at: int, stop: int, substitutions: dict[int, Tree], *, stop_at_blank: bool
    ) -> tuple[tuple[Part, ...], int]:
        text = self.text
        parts: list[Part] = []
        while at < stop:
            char = text[at]
            if stop_at_blank and char in _ENDS_WORD:
                break
            if char == "'":
                end = text.find("'", at + 1, stop)
                end = stop if end < 0 else end
                parts.append(Text(text[at + 1 : end]))
                at = end + 1
            elif char == '"':
                at = self._string(at + 1, stop, parts, substitutions, '"')
            elif char == "\\":
                if text[at + 1 : at + 2] != "\n":
                    parts.append(Text(text[at + 1 : min(at + 2, stop)]))
                at += 2
            elif char == "$" and text.startswith("$'", at):
                end = at + 2
                while end < stop and text[end] != "'":
                    end += 2 if text[end] == "\\" else 1
                parts.append(Text(_ANSI.sub(_ansi, text[at + 2 : min(end, stop)])))
                at = end + 1
            elif char in "$`" or (char in "<>" and at in substitutions):
                at = self._expansion(at, stop, parts, substitutions)
            else:
                match = _BARE.match(text, at, stop)
                end = match.end() if match else at + 1
                parts.append(Text(text[at:end]))
                at = end
        return _joined(parts), min(at, stop)

    def _string(
        self, at: int, stop: int, parts: list[Part], substitutions: dict[int, Tree], closer: str
    ) -> int:
        text = self.text
        parts.append(Text(""))
        while at < stop:
            char = text[at]
            if char == closer:
                return at + 1
            if char == "\\":
                following = text[at + 1 : at + 2]
                if following in ('"', "$", "`", "\\") and following:
                    parts.append(Text(following))
                elif following != "\n":
                    parts.append(Text("\\" + following))
                at += 2
            elif char in "$`":
                at = self._expansion(at, stop, parts, substitutions)
            else:
                match = _QUOTED.match(text, at, stop)
                end = match.end() if match else at + 1
                parts.append(Text(text[at:end]))
                at = end
        return at

    def _expansion(self, at: int, stop: int, parts: list[Part], substitutions: dict[int, Tree]) -> int:
        text = self.text
        tree = substitutions.get(at)
        if tree is not None and at < tree.end_byte <= stop:
            body = self._text(tree)
            if tree.type == "arithmetic_expansion":
                names = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", body)
                parts.append(Opaque(body, (), tuple(self._variable(name, name) for name in names)))
            else:
                parts.append(Substitution(self.statements(tree.children), body))
            return tree.end_byte
        if text[at] == "`" or text.startswith("$(", at):
            # the grammar has lost it; keep the text
            parts.append(Opaque(text[at:stop]))
            return stop
        if text.startswith("${", at):
            end = self._closing_brace(at + 2, stop)
            written = text[at:end]
            match = _NAME.match(written, 3 if written[2:3] in ("#", "!") and written[3:4] != "}" else 2)
            if match is not None:
                parts.append(self._variable(match.group(), written))
            else:
                parts.append(Opaque(written))
            return end
        match = _NAME.match(text, at + 1, stop)
        if match is None:
            parts.append(Text("$"))
            return at + 1
        parts.append(self._variable(match.group(), text[at : match.end()]))
        return match.end()

    def _closing_brace(self, at: int, stop: int) -> int:
        level = 1
        text = self.text
        while at < stop:
            char = text[at]
            if char == "\\":
                at += 1
            elif char == "}":
                level -= 1
                if level == 0:
                    return at + 1
            elif char == "{" and text[at - 1] == "$":
                level += 1
            elif char == "'":
                end = text.find("'", at + 1, stop)
                if end > 0:
                    at = end
            at += 1
        return stop

    def _variable(self, name: str, written: str) -> Variable:
        return Variable(
            name,
            "local" if name in self.assigned or (not name[0].isalpha() and name[0] != "_") else "env",
            written,
        )

    def statements(self, trees: list[Tree]) -> tuple[Node, ...]:
        """The statements of a substitution; read by the level above."""
        raise NotImplementedError


class _Commands(_Words):
    """Simple commands, assignments and redirections."""

    def _redirection(self, tree: Tree) -> tuple[list[Redirection], list[Tree]]:
        """Redirections, and words that the grammar takes for further targets."""
        children = tree.children
        if tree.type == "heredoc_redirect":
            found: list[Redirection] = []
            more: list[Tree] = []
            body = next((child for child in children if child.type == "heredoc_body"), None)
            start = next((child for child in children if child.type == "heredoc_start"), None)
            operator = "".join(self._text(c) for c in children if c.type in ("<<", "<<-", "file_descriptor"))
            if body is not None:
                low, high = body.start_byte, body.end_byte
                parts: tuple[Part, ...] = (Text(self.text[low:high]),)
                if start is not None and not any(char in self._text(start) for char in "'\"\\"):
                    parts = self._parts_of_string(body, low, high)
                found.append(
                    Redirection(operator, Word(self.text[low:high], parts, self.source.span(low, high)))
                )
            for child in children:
                if child.type == "file_redirect":
                    inner, extra = self._redirection(child)
                    found += inner
                    more += extra
                elif child.type in (
                    "word",
                    "string",
                    "raw_string",
                    "concatenation",
                    "simple_expansion",
                    "number",
                ):
                    more.append(child)
            return found, more
        operator = ""
        targets: list[Tree] = []
        for child in children:
            if child.type == "file_descriptor":
                operator = self._text(child)
            elif not child.is_named and not operator.strip("0123456789"):
                operator += child.type
            elif child.is_named:
                targets.append(child)
        if operator.endswith("&-") or not targets:
            place = self.source.span(tree.end_byte, tree.end_byte)
            return [Redirection(operator, Word("", (), place))], []
        return [Redirection(operator, self._word_of(targets[0]))], targets[1:]

    def _assignment(self, tree: Tree, scope: Literal["env", "local"]) -> Node:
        name = tree.child_by_field_name("name")
        value = tree.child_by_field_name("value")
        written = self._text(name) if name is not None else self._text(tree).partition("=")[0]
        operator = "+=" if any(child.type == "+=" for child in tree.children) else "="
        if value is None:
            place = self.source.span(tree.end_byte, tree.end_byte)
            word = Word("", (Text(""),), place)
        elif value.type == "array":
            operands = tuple(self._word_of(child) for child in value.children if child.is_named)
            nodes = tuple(node for operand in operands for node in _nodes(operand))
            variables = tuple(variable for operand in operands for variable in operand.variables)
            span = self.source.span(value.start_byte, value.end_byte)
            part = Opaque(self._text(value), nodes, variables, "@()", operands)
            word = Word(self._text(value), (part,), span)
        else:
            word = self._word_of(value)
        bare = written.partition("[")[0]
        if scope == "local":
            self.assigned.add(bare)
        span = self.source.span(tree.start_byte, tree.end_byte)
        return Assignment(bare, scope, word, operator, written, span)

    def _declaration(self, tree: Tree) -> tuple[Node, ...]:
        keyword = self._text(tree.children[0])
        scope: Literal["env", "local"] = "env" if keyword == "export" else "local"
        nodes: list[Node] = []
        others: list[Tree] = []
        for child in tree.children[1:]:
            if child.type == "variable_assignment":
                nodes.append(self._assignment(child, scope))
            elif child.is_named:
                others.append(child)
        if others and not nodes:
            return (self._plain_command(tree),)
        return tuple(nodes) or (self._plain_command(tree),)

    def _plain_command(self, tree: Tree, name: str | None = None) -> Command:
        """A command whose words the grammar has under other names."""
        first = tree.children[0]
        words = tuple(self._word_of(child) for child in tree.children[1:] if child.is_named and name is None)
        options, others = _options(words)
        return Command(
            name=name or self._text(first),
            full_name=name or self._text(first),
            words=words,
            span=self.source.span(tree.start_byte, tree.end_byte),
            name_span=self.source.span(first.start_byte, first.end_byte),
            parameters=options,
            positional=others,
        )

    def command(
        self,
        tree: Tree,
        extra: list[Tree],
        redirections: tuple[Redirection, ...] = (),
        stop: int | None = None,
    ) -> Node:
        environment: list[tuple[str, Word]] = []
        own: list[Redirection] = []
        name_tree: Tree | None = None
        arguments: list[Tree] = []
        for child in tree.children:
            if child.type == "variable_assignment":
                assignment = self._assignment(child, "env")
                if isinstance(assignment, Assignment) and isinstance(assignment.value, Word):
                    environment.append((assignment.name, assignment.value))
            elif child.type == "command_name":
                name_tree = child
            elif child.type.endswith("_redirect"):
                found, more = self._redirection(child)
                own.extend(found)
                arguments.extend(more)
            elif child.type == "ERROR" or child.is_missing:
                self.trouble(child.start_byte, child.end_byte)
            elif child.is_named or child.type not in _IGNORED:
                arguments.append(child)
        # neighbours without a blank between them are one word, whatever the grammar made of them
        spans: list[tuple[int, int, list[Tree]]] = []
        for each in sorted([*arguments, *extra], key=lambda t: t.start_byte):
            if spans and spans[-1][1] == each.start_byte:
                spans[-1] = (spans[-1][0], each.end_byte, [*spans[-1][2], each])
            else:
                spans.append((each.start_byte, each.end_byte, [each]))
        words = tuple(self._word(low, high, trees) for low, high, trees in spans)
        end = max(tree.end_byte, stop or 0)
        span = self.source.span(tree.start_byte, end)
        name_word = self._word_of(name_tree) if name_tree is not None else None
        name_span = (
            name_word.span if name_word is not None else self.source.span(tree.start_byte, tree.start_byte)
        )
        written = (name_word.literal or "") if name_word is not None else ""
        if written in _FLOW and not own and not redirections and not environment and len(words) < 2:
            return Flow(written, words[0] if words else None, span)
        full = programs.program(written)
        options, others = _options(words)
        script = None
        if programs.is_shell(full) and self.depth < programs.MAX_SHELLS:
            script = self._inner(full, words, spans)
        if name_word is not None and name_word.literal is None:
            words = (name_word, *words)
        return Command(
            name=written,
            full_name=full,
            words=words,
            span=span,
            name_span=name_span,
            parameters=options,
            positional=others,
            redirections=(*own, *redirections),
            environment=tuple(environment),
            script=script,
        )

    def _inner(
        self, full: str, words: tuple[Word, ...], places: list[tuple[int, int, list[Tree]]]
    ) -> Script | None:
        pieces: list[tuple[str, list[programs.Piece]]] = []
        for word, (low, high, _) in zip(words, places, strict=True):
            value = "".join(part.value if isinstance(part, Text) else part.text for part in word.parts)
            inside = self.text[low + 1 : high - 1]
            pieces.append((value, [(value, low + 1, high - 1) if inside == value else (value, low, high)]))
        return programs.inner_script(full, pieces, self.source, self.depth + 1, outer="posix")


class _Reader(_Commands):
    """Statements: lists, conditions, loops."""

    def statements(self, trees: list[Tree]) -> tuple[Node, ...]:
        nodes: list[Node] = []
        self.nesting += 1
        for tree in trees:
            if tree.is_missing:
                # "( a ) done" wants no separator in between, whatever the grammar thinks
                if tree.type not in (";", "\n"):
                    self.trouble(tree.start_byte, tree.end_byte)
            elif tree.type in _IGNORED or not tree.is_named:
                continue
            elif self.nesting > _MAX_DEPTH:
                nodes.append(self.trouble(tree.start_byte, tree.end_byte))
            else:
                nodes.extend(self.statement(tree))
        self.nesting -= 1
        return tuple(nodes)

    def statement(self, tree: Tree) -> tuple[Node, ...]:
        kind = tree.type
        span = self.source.span(tree.start_byte, tree.end_byte)
        if kind == "ERROR":
            # what can be read inside it is read all the same
            readable = [child for child in tree.children if child.type in _READABLE]
            if readable and len(readable) == sum(child.type not in (";", "\n") for child in tree.children):
                return self.statements(readable)
            return (self.trouble(tree.start_byte, tree.end_byte), *self.statements(readable))
        if kind == "command":
            return (self.command(tree, []),)
        if kind == "redirected_statement":
            return self._redirected(tree)
        if kind == "pipeline":
            return (Pipeline(self.statements(tree.children), span),)
        if kind == "list":
            return (self._list(tree),)
        if kind == "negated_command":
            return (Pipeline(self.statements(tree.children), span, True),)
        if kind == "variable_assignment":
            return (self._assignment(tree, "local"),)
        if kind == "variable_assignments":
            return tuple(self._assignment(child, "local") for child in tree.children)
        if kind == "declaration_command":
            return self._declaration(tree)
        if kind == "unset_command":
            return (self._plain_command(tree),)
        if kind == "test_command":
            return (self._test(tree),)
        if kind == "if_statement":
            return (self._if(tree),)
        if kind == "while_statement":
            return (self._while(tree),)
        if kind in ("for_statement", "c_style_for_statement"):
            return (self._for(tree),)
        if kind == "case_statement":
            return (self._case(tree),)
        if kind == "function_definition":
            name = tree.child_by_field_name("name")
            body = tree.child_by_field_name("body")
            nodes = self.statements([body]) if body is not None else ()
            if len(nodes) == 1 and isinstance(nodes[0], Group):
                nodes = nodes[0].body
            return (Function(self._text(name) if name is not None else "", nodes, span),)
        if kind == "subshell":
            return (Group("subshell", self.statements(tree.children), span),)
        if kind == "compound_statement":
            if tree.children and tree.children[0].type == "((":
                return (self._plain_command(tree, "(("),)
            return (Group("brace", self.statements(tree.children), span),)
        if kind == "do_group":
            return (Group("do", self.statements(tree.children), span),)
        return (self.trouble(tree.start_byte, tree.end_byte),)

    def _list(self, tree: Tree) -> Node:
        # the left side is a list again, as deep as the list is long
        rest: list[tuple[Literal["&&", "||"], Tree]] = []
        left = tree
        while left.type == "list" and len(left.children) >= 3:
            children = left.children
            operator: Literal["&&", "||"] = "&&" if children[1].type == "&&" else "||"
            rest.append((operator, children[-1]))
            left = children[0]
        first = self._one(left)
        others: list[tuple[Literal["&&", "||"], Node]] = []
        for operator, right in reversed(rest):
            others.append((operator, self._one(right)))
        return AndOr(first, tuple(others), self.source.span(tree.start_byte, tree.end_byte))

    def _one(self, tree: Tree) -> Node:
        nodes = self.statements([tree])
        if len(nodes) == 1:
            return nodes[0]
        return Group("brace", nodes, self.source.span(tree.start_byte, tree.end_byte))

    def _redirected(self, tree: Tree) -> tuple[Node, ...]:
        redirections: list[Redirection] = []
        extra: list[Tree] = []
        after: list[Node] = []
        body = tree.child_by_field_name("body")
        for child in tree.children:
            if child.type.endswith("_redirect"):
                found, more = self._redirection(child)
                redirections.extend(found)
                extra.extend(more)
            elif child.type == "ERROR":
                after.append(self.trouble(child.start_byte, child.end_byte))
        span = self.source.span(tree.start_byte, tree.end_byte)
        if body is None:
            place = self.source.span(tree.start_byte, tree.start_byte)
            return (Command("", "", (), span, place, redirections=tuple(redirections)), *after)
        if body.type == "command":
            command = self.command(body, extra, tuple(redirections), tree.end_byte)
            return (self._after_heredoc(command, tree), *after)
        nodes = self.statements([body])
        redirected = self._onto_last(nodes[-1], tuple(redirections), extra) if nodes else None
        if redirected is None:
            return tuple(after)
        return (*nodes[:-1], self._after_heredoc(redirected, tree), *after)

    def _onto_last(self, node: Node, redirections: tuple[Redirection, ...], extra: list[Tree]) -> Node:
        """``a && b > c``: the grammar puts the redirection on the list, the shell on ``b``."""
        if isinstance(node, Command):
            more = tuple(self._word_of(tree) for tree in extra)
            return Command(
                name=node.name,
                full_name=node.full_name,
                words=node.words + more,
                span=node.span,
                name_span=node.name_span,
                parameters=node.parameters,
                positional=node.positional + more,
                redirections=node.redirections + redirections,
                environment=node.environment,
                method=node.method,
                script=node.script,
            )
        if isinstance(node, Pipeline) and node.nodes:
            last = self._onto_last(node.nodes[-1], redirections, extra)
            return Pipeline((*node.nodes[:-1], last), node.span, node.negated)
        if isinstance(node, AndOr) and node.rest:
            operator, last = node.rest[-1]
            changed = self._onto_last(last, redirections, extra)
            return AndOr(node.first, (*node.rest[:-1], (operator, changed)), node.span)
        if isinstance(node, Group):
            return Group(node.kind, node.body, node.span, node.handlers, node.redirections + redirections)
        return Group("redirected", (node,), node.span, (), redirections)

    def _after_heredoc(self, node: Node, tree: Tree) -> Node:
        """``cat <<EOF | b``: what follows the here-document's word hangs below it in the tree."""
        for child in tree.children:
            if child.type != "heredoc_redirect":
                continue
            for inner in child.children:
                if inner.type == "pipeline":
                    nodes = self.statements(inner.children)
                    node = Pipeline((node, *nodes), self.source.span(tree.start_byte, tree.end_byte))
            operator = child.child_by_field_name("operator")
            right = child.child_by_field_name("right")
            if operator is not None and right is not None:
                kind: Literal["&&", "||"] = "&&" if operator.type == "&&" else "||"
                span = self.source.span(tree.start_byte, tree.end_byte)
                node = AndOr(node, ((kind, self._one(right)),), span)
        return node

    def _test(self, tree: Tree) -> Node:
        """``[ … ]``, ``[[ … ]]`` and ``(( … ))``."""
        first, last = tree.children[0], tree.children[-1]
        name = self._text(first)
        words: list[Word] = []
        if name in ("[", "[["):
            at, stop = first.end_byte, last.start_byte
            trees = _substitutions(tree)
            while at < stop:
                if self.text[at].isspace():
                    at += 1
                    continue
                begin = at
                word, at = self._lex(at, stop, trees)
                if at == begin:
                    at += 1
                    while at < stop and self.text[at] in "&|<>()" and not self.text[at].isspace():
                        at += 1
                    word = Word(
                        self.text[begin:at], (Text(self.text[begin:at]),), self.source.span(begin, at)
                    )
                words.append(word)
        return Command(
            name=name,
            full_name="test" if name != "((" else name,
            words=tuple(words),
            span=self.source.span(tree.start_byte, tree.end_byte),
            name_span=self.source.span(first.start_byte, first.end_byte),
            positional=tuple(words),
        )

    def _condition(self, trees: list[Tree]) -> Condition | None:
        named = [tree for tree in trees if tree.is_named and tree.type != "comment"]
        if not named:
            return None
        start, stop = named[0].start_byte, named[-1].end_byte
        nodes = self.statements(named)
        text, span = self.text[start:stop], self.source.span(start, stop)
        node = nodes[0] if len(nodes) == 1 else None
        negated = False
        while isinstance(node, Pipeline) and node.negated and len(node.nodes) == 1:
            node, negated = node.nodes[0], not negated
        if isinstance(node, Command) and node.full_name == "test":
            words = node.words
            while words and words[0].literal == "!":
                words, negated = words[1:], not negated
            if len(words) == 3:
                return Condition(text, nodes, span, words[1].literal, words[0], words[2], negated)
            if len(words) == 2:
                return Condition(text, nodes, span, words[0].literal, words[1], None, negated)
            if len(words) == 1:
                return Condition(text, nodes, span, None, words[0], None, negated)
        return Condition(text, nodes, span, negated=negated)

    def _if(self, tree: Tree) -> Node:
        arms: list[tuple[Condition | None, tuple[Node, ...]]] = []
        for part in [tree, *(c for c in tree.children if c.type in ("elif_clause", "else_clause"))]:
            before: list[Tree] = []
            body: list[Tree] = []
            seen_then = part.type == "else_clause"
            for child in part.children:
                if child.type == "then":
                    seen_then = True
                elif child.type in ("elif_clause", "else_clause"):
                    continue
                elif seen_then:
                    body.append(child)
                else:
                    before.append(child)
            condition = None if part.type == "else_clause" else self._condition(before)
            arms.append((condition, self.statements(body)))
        return If(tuple(arms), self.source.span(tree.start_byte, tree.end_byte))

    def _while(self, tree: Tree) -> Node:
        kind = tree.children[0].type
        body = tree.child_by_field_name("body")
        before = [child for child in tree.children[1:] if body is None or child.start_byte < body.start_byte]
        condition = self._condition(before)
        words = condition.text.strip() if condition is not None else ""
        endless = words in (("true", ":", "[ 1 ]") if kind == "while" else ("false", "! true"))
        nodes = self.statements(body.children) if body is not None else ()
        span = self.source.span(tree.start_byte, tree.end_byte)
        return Loop("until" if kind == "until" else "while", condition, nodes, span, endless)

    def _for(self, tree: Tree) -> Node:
        span = self.source.span(tree.start_byte, tree.end_byte)
        body = tree.child_by_field_name("body")
        if tree.type == "c_style_for_statement":
            endless = tree.child_by_field_name("condition") is None
            return Loop("for", None, self.statements(body.children) if body else (), span, endless)
        variable = tree.child_by_field_name("variable")
        name = self._text(variable) if variable is not None else ""
        items = tuple(self._word_of(child) for child in tree.children_by_field_name("value"))
        self.assigned.add(name)
        nodes = self.statements(body.children) if body is not None else ()
        return Loop("for", None, nodes, span, False, name, items)

    def _case(self, tree: Tree) -> Node:
        subject = tree.child_by_field_name("value")
        arms: list[tuple[tuple[str, ...], tuple[Node, ...]]] = []
        for item in tree.children:
            if item.type == "ERROR":
                self.trouble(item.start_byte, item.end_byte)
            if item.type != "case_item":
                continue
            patterns = tuple(self._text(child) for child in item.children_by_field_name("value"))
            body: list[Tree] = []
            seen = False
            for child in item.children:
                if child.type == ")":
                    seen = True
                elif seen and child.is_named:
                    body.append(child)
            arms.append((patterns, self.statements(body)))
        word = self._word_of(subject) if subject is not None else None
        return Case(word, tuple(arms), self.source.span(tree.start_byte, tree.end_byte))


_IGNORED = frozenset(
    {"comment", ";", "&", "\n", ";;", "(", ")", "{", "}", "|", "|&", "!", "heredoc_body", "heredoc_end"}
)
_READABLE = frozenset(
    {
        "command", "redirected_statement", "pipeline", "list", "negated_command", "declaration_command", "if_statement",
        "while_statement", "for_statement", "case_statement", "subshell", "compound_statement", "variable_assignment",
        "test_command",
    }
)  # fmt: skip


def _substitutions(tree: Tree) -> dict[int, Tree]:
    """Command, process and arithmetic substitutions below a tree by where they begin; those inside them are left out."""
    found: dict[int, Tree] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.type in ("command_substitution", "arithmetic_expansion", "process_substitution"):
            found[node.start_byte] = node
        elif node.child_count:
            stack.extend(node.children)
    return found


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Texts side by side made one; empty ones dropped where there is anything else."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].value + part.value)
        else:
            out.append(part)
    if len(out) > 1:
        out = [part for part in out if not (isinstance(part, Text) and not part.value)]
    return tuple(out)


def _ansi(match: re.Match[str]) -> str:
    char, hexa, unicode_, octal = match.groups()
    if char is not None:
        return _ANSI_CHARS.get(char, char)
    if octal is not None:
        return chr(int(octal, 8) & 0xFF)
    return chr(int(hexa or unicode_, 16))


def _options(words: tuple[Word, ...]) -> tuple[tuple[Parameter, ...], tuple[Word, ...]]:
    options = tuple(
        programs.option(word) for word in words if word.text.startswith("-") and len(word.text) > 1
    )
    return options, tuple(word for word in words if not (word.text.startswith("-") and len(word.text) > 1))


def _nodes(word: Word) -> tuple[Node, ...]:
    return tuple(
        node for part in word.parts if isinstance(part, (Substitution, Opaque)) for node in part.nodes
    )
