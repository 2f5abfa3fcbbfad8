"""The stages of a file as rules ask about them: their bases, what they copy, which image each thing is from."""

from __future__ import annotations

from typing import Literal

from contrib.dockerfile.expand import Environments
from contrib.dockerfile.inherited import ImageConfiguration
from contrib.dockerfile.model import Dockerfile, Instruction, Span, Stage
from contrib.dockerfile.platform import Kind, Reference, StageBase
from contrib.rules import references
from contrib.values.numbers import whole
from contrib.values.records import dataclass


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image that the file takes something from.

    :param via: the instruction's word for it.
    :param written: the reference as written, variables unexpanded.
    :param text: the same with variables resolved.
    :param known: nothing in ``text`` is left to be given at build time.
    :param span: where ``text`` stands literally in the file; None when it comes out of a variable.
    :param written_span: where ``written`` stands.
    """

    via: Literal["FROM", "COPY"]
    written: str
    text: str
    known: bool
    reference: Reference
    instruction: Instruction
    stage: StageView
    written_span: Span | None

    @property
    def span(self) -> Span | None:
        """Where the reference can be edited."""
        return self.written_span if self.written == self.text else None

    @property
    def official(self) -> bool:
        """An official image."""
        return references.official(self.reference)

    @property
    def retired(self) -> bool:
        """A name that Microsoft has given up."""
        return references.retired(self.reference)

    @property
    def moving(self) -> bool:
        """No tag, or ``latest``, and no digest."""
        return references.moving(self.reference)

    @property
    def line(self) -> int:
        """Line of the reference."""
        return self.written_span.line if self.written_span else self.instruction.line


@dataclass(frozen=True, slots=True)
class Copy:
    """A ``COPY --from``: from a stage of the file, or from an image."""

    instruction: Instruction
    stage: StageView | None
    image: ImageUse | None

    @property
    def line(self) -> int:
        """Line of the instruction."""
        return self.instruction.line

    @property
    def release(self) -> str | None:
        """The Windows release of what is copied from."""
        if self.stage is not None:
            return self.stage.release
        return self.image.reference.release if self.image is not None else None


@dataclass(eq=False)
class StageView:
    """A stage with what its base says.

    :param image: the image it starts from; None when that is another stage.
    :param origin: the stage that it starts from.
    :param only_copied_from: no later stage starts from it, and it is not the last.
    """

    stage: Stage
    base: StageBase
    is_last: bool
    image: ImageUse | None = None
    origin: StageView | None = None
    copies: tuple[Copy, ...] = ()
    only_copied_from: bool = False

    @property
    def configuration(self) -> ImageConfiguration | None:
        """What the image at the bottom hands on; None when nobody knows it."""
        return self.base.configuration

    @property
    def index(self) -> int:
        """From 0."""
        return self.stage.index

    @property
    def root(self) -> ImageUse | None:
        """The image at the bottom, through stages."""
        view: StageView | None = self
        while view is not None and view.image is None:
            view = view.origin
        return view.image if view is not None else None

    @property
    def kind(self) -> Kind | None:
        """Servercore or nanoserver, None when the base does not say."""
        return self.base.kind

    @property
    def release(self) -> str | None:
        """Windows release, None when the base does not say."""
        return self.base.release

    @property
    def build(self) -> int | None:
        """Build number of the release; untagged ``microsoft/…`` was the first one, 14393."""
        return self.base.build

    @property
    def windows(self) -> bool:
        """Rules for Windows speak of it: its base is Windows, or it is the last (and the file is Windows)."""
        return self.is_last or self.base.platform == "windows"

    @property
    def is_modern_nanoserver(self) -> bool:
        """Nanoserver without PowerShell, whose default user is ContainerUser (1709 or later, or not said)."""
        return self.kind == "nanoserver" and (self.build is None or self.build > 14393)


class Reader:
    """Reads the stages of a file."""

    def __init__(self, file: Dockerfile, environments: Environments) -> None:
        self.file = file
        self.environments = environments
        self.views: tuple[StageView, ...] = ()
        self.uses: tuple[ImageUse, ...] = ()
        self._read()

    def _read(self) -> None:
        count = len(self.file.stages)
        views = [
            StageView(stage, base, stage.index == count - 1)
            for stage, base in zip(self.file.stages, self.environments.bases, strict=True)
        ]
        uses: list[ImageUse] = []
        used_as_base: set[int] = set()
        earlier: dict[str, StageView] = {}
        for position, view in enumerate(views):
            from_ = view.stage.from_
            if view.base.origin is not None:
                view.origin = views[view.base.origin]
                used_as_base.add(view.base.origin)
            elif view.stage.base:
                span = from_.words[0].span if from_.words else None
                view.image = self._use(
                    "FROM", view.stage.base, view.base.text, view.base.known, from_, view, span
                )
                uses.append(view.image)
            copies = []
            for outer in view.stage.instructions:
                instruction = outer.trigger or outer
                source = instruction.flag("from")
                if instruction.keyword != "COPY" or source is None:
                    continue
                copies.append(self._copy(instruction, source, views, position, earlier, view))
            view.copies = tuple(copies)
            uses.extend(copy.image for copy in copies if copy.image is not None)
            if view.stage.name:
                earlier[view.stage.name.lower()] = view
        for view in views:
            view.only_copied_from = not view.is_last and view.index not in used_as_base
        self.views = tuple(views)
        self.uses = tuple(sorted(uses, key=lambda use: use.instruction.span.start))

    def _copy(
        self,
        instruction: Instruction,
        source: str,
        views: list[StageView],
        position: int,
        named: dict[str, StageView],
        view: StageView,
    ) -> Copy:
        resolved = self.environments.before(instruction).expand(source)
        text = resolved.text
        if text.lower() in named:
            return Copy(instruction, named[text.lower()], None)
        index = whole(text)
        if index is not None and index < position:
            return Copy(instruction, views[index], None)
        flag = next(flag for flag in reversed(instruction.flags) if flag.name == "from")
        written = self.file.text_of(flag.span)
        start = flag.span.end - len(source.encode("utf-8", "surrogateescape"))
        span = (
            Span(start, flag.span.end, flag.span.line, flag.span.end_line)
            if written.endswith(source)
            else None
        )
        return Copy(
            instruction, None, self._use("COPY", source, text, resolved.known, instruction, view, span)
        )

    def _use(
        self,
        via: Literal["FROM", "COPY"],
        written: str,
        text: str,
        known: bool,
        instruction: Instruction,
        view: StageView,
        span: Span | None,
    ) -> ImageUse:
        return ImageUse(via, written, text, known, Reference.parse(text), instruction, view, span)
