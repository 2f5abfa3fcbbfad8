"""The exit codes of Windows' loader, however they are written."""

from __future__ import annotations

import pytest

from contrib.values.exits import EXITS, exits_in, explain


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (3221225781, "STATUS_DLL_NOT_FOUND"),
        (-1073741515, "STATUS_DLL_NOT_FOUND"),
        (0xC0000135, "STATUS_DLL_NOT_FOUND"),
        (3221225785, "STATUS_ENTRYPOINT_NOT_FOUND"),
        (-1073741511, "STATUS_ENTRYPOINT_NOT_FOUND"),
        (3221225595, "STATUS_INVALID_IMAGE_FORMAT"),
        (0xC0370106, "ERROR_VMCOMPUTE_UNEXPECTED_EXIT"),
    ],
)
def test_a_code_is_known_signed_and_unsigned(code: int, name: str) -> None:
    found = explain(code)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("code", [0, 1, 126, 127, 137, 193, 2**32, 2**32 + 0xC0000135, -(2**31) - 1, 10**30])
def test_other_codes_mean_what_the_program_means(code: int) -> None:
    assert explain(code) is None


def test_small_numbers_are_explained_when_windows_said_them() -> None:
    found = explain(193, system=True)
    assert found is not None
    assert found.name == "ERROR_BAD_EXE_FORMAT"


@pytest.mark.parametrize(
    "line",
    [
        "returned a non-zero code: 3221225781",
        "exit code -1073741515",
        "failed (0xc0000135).",
        "exited with 0xC0000135: unknown",
        '{"ExitCode":3221225781,"Error":""}',
    ],
)
def test_a_log_shows_the_code_in_any_writing(line: str) -> None:
    ((offset, found),) = exits_in(line)
    assert found.name == "STATUS_DLL_NOT_FOUND"
    assert line[offset:].lower().startswith(("3221", "-1073", "0xc0"))


@pytest.mark.parametrize(
    "line",
    ["sha256 3221225781abc", "0xC00001350", "1.3221225781", "a-3221225781b", "v3221225781.2", "0xC0000135F"],
)
def test_parts_of_other_words_are_not_codes(line: str) -> None:
    assert exits_in(line) == []


def test_every_entry_is_a_clause_and_each_loader_code_points_to_loads() -> None:
    for each in EXITS.values():
        assert each.meaning[0].islower()
        assert not each.meaning.endswith(".")
        assert not each.advice.endswith(".")
        if each.loading:
            assert "contrib loads" in each.advice
