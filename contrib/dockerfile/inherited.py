"""What an image hands on to a Dockerfile that starts from it.

The Dockerfile alone does not say it: SHELL, ENV, USER, WORKDIR and the rest come from the base. The data
reaches this room and :mod:`contrib.build` as a value (:data:`Bases`); where it comes from is
:mod:`contrib.images.bases`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from contrib.dockerfile.platform import Reference
from contrib.values.records import dataclass, field


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


#: What an image may hand on, by the name of the field that holds it.
SETTINGS = ("shell", "user", "workdir", "volumes", "exposed", "entrypoint", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfiguration:
    """The configuration of an image as Docker keeps it (``docker image inspect``, ``Config``).

    A field that is None, or empty, says that the image sets nothing there, unless ``unknown`` names it.

    :param shell: words of SHELL; None for the platform's default (``cmd /S /C`` on Windows).
    :param environment: variables whose value is the same in every version of the image.
    :param varying: further variables that it sets, to a value that depends on the version.
    :param user: None where nothing sets one: Docker's default for the platform.
    :param entrypoint: in exec form, or with one word in shell form (see ``shell_form``).
    :param shell_form: of ``entrypoint`` and ``command``, those that a shell runs.
    :param unwritable: directories that ``user`` cannot write to, though programs commonly do.
    :param unknown: fields of :data:`SETTINGS` that differ from version to version.
    :param source: where this was read: ``docker-library/golang@7c8c182``, or an address.
    """

    shell: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=_nothing)
    varying: tuple[str, ...] = ()
    user: str | None = None
    workdir: str | None = None
    volumes: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    shell_form: tuple[str, ...] = ()
    unwritable: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    source: str = ""

    def knows(self, setting: str) -> bool:
        """Whether the field of that name says what the image sets."""
        return setting not in self.unknown


#: The configuration of the image that a reference names; None when nothing is known of that image.
Bases = Callable[[Reference], "ImageConfiguration | None"]


def no_bases(reference: Reference) -> ImageConfiguration | None:
    """Knows no image (a :data:`Bases`)."""
    return None
