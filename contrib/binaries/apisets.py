"""API sets: names such as ``api-ms-win-core-file-l1-1-0.dll`` that Windows maps to a real library.

The map is in the section ``.apiset`` of ``apisetschema.dll``. Its form since Windows 10 (version 6) is described
in Microsoft's documentation of API set loader operation and by the structures ``API_SET_NAMESPACE``,
``API_SET_NAMESPACE_ENTRY`` and ``API_SET_VALUE_ENTRY`` of the Windows SDK's phnt headers.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"(?:api|ext)-[a-z0-9-]+", re.ASCII)
#: More than any schema has (about 900 on servercore).
MAX_ENTRIES = 20_000
_MAX_VALUES = 100


class NotSchema(Exception):
    """The bytes are not an API set schema of a known form; the message says why, as a clause."""


@dataclass(frozen=True, slots=True)
class ApiSets:
    """A schema.

    :param hosts: for each contract, without its last number (``api-ms-win-core-file-l1-1``), the host by the
        importing library: ``{"": "kernelbase.dll", "kernelbase.dll": "…"}``. A host "" means that this Windows
        does not have the contract.
    """

    hosts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def host(self, library: str, importer: str) -> str | None:
        """The real library; "" where the contract has none here, None where the schema does not know the name.

        >>> ApiSets({"api-ms-win-core-file-l1-1": {"": "kernelbase.dll"}}).host("API-MS-Win-Core-File-L1-1-7.dll", "")
        'kernelbase.dll'
        """
        found = self.hosts.get(contract(library))
        if found is None:
            return None
        return found.get(importer.lower(), found.get("", ""))


def is_api_set(library: str) -> bool:
    """Whether the loader looks the name up in the schema first: by its beginning alone."""
    return library.lower().startswith(("api-", "ext-"))


def contract(library: str) -> str:
    """What the loader compares: without ``.dll`` and without the last number.

    >>> contract("api-ms-win-core-file-l1-2-0.dll")
    'api-ms-win-core-file-l1-2'
    """
    name = library.lower().removesuffix(".dll")
    return name.rpartition("-")[0] or name


def read_schema(data: bytes) -> ApiSets:
    """The schema in the bytes of the section.

    :raises NotSchema: see there.
    """
    try:
        version, size, _, count, entries, _, _ = struct.unpack_from("<7I", data)
        if version != 6:
            raise NotSchema(f"has version {version} (known is 6, of Windows 10 and later)")
        if count > MAX_ENTRIES or size > len(data):
            raise NotSchema("is cut off")
        hosts: dict[str, dict[str, str]] = {}
        for number in range(count):
            _, name, length, hashed, values, many = struct.unpack_from("<6I", data, entries + number * 24)
            if many > _MAX_VALUES:
                raise NotSchema("has an entry with too many hosts")
            key = _text(data, name, min(length, hashed)).lower()
            if not _NAME.fullmatch(key):
                raise NotSchema("has an entry whose name is not an API set")
            found: dict[str, str] = {}
            for index in range(many):
                _, importer, importer_length, host, host_length = struct.unpack_from(
                    "<5I", data, values + index * 20
                )
                found[_text(data, importer, importer_length).lower()] = _text(data, host, host_length).lower()
            hosts[key] = found
        return ApiSets(hosts)
    except (struct.error, UnicodeDecodeError) as error:
        raise NotSchema("is cut off") from error


def _text(data: bytes, offset: int, length: int) -> str:
    if length > 512 or offset + length > len(data):
        raise NotSchema("has a name outside of it")
    return data[offset : offset + length].decode("utf-16-le")
