"""Dockerfiles: bytes to instructions and stages, lossless, with the place of every part."""

from contrib.dockerfile.model import Comment as Comment
from contrib.dockerfile.model import Directive as Directive
from contrib.dockerfile.model import Dockerfile as Dockerfile
from contrib.dockerfile.model import Flag as Flag
from contrib.dockerfile.model import Heredoc as Heredoc
from contrib.dockerfile.model import Instruction as Instruction
from contrib.dockerfile.model import Offsets as Offsets
from contrib.dockerfile.model import Problem as Problem
from contrib.dockerfile.model import Span as Span
from contrib.dockerfile.model import Stage as Stage
from contrib.dockerfile.model import Word as Word
from contrib.dockerfile.reader import parse as parse
