from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.generate.rewrite import Renamed, rewrite
from contrib.values.errors import BadInput

OLD = b"""# a comment with 7.2.4
FROM redis:7.2.4-windowsservercore-ltsc2022
ENV REDIS_VERSION 7.2.4
ENV REDIS_DOWNLOAD_URL="https://x/v7.2.4.zip" OTHER=7.2.4
ARG REDIS_DOWNLOAD_SHA=aaaa
COPY --from=redis:7.2.4-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis
COPY --from=otherredis:7.2.4-x a b
RUN echo 7.2.4
"""
NEW = {"REDIS_VERSION": "7.2.10", "REDIS_DOWNLOAD_URL": "https://x/v7.2.10.zip", "REDIS_DOWNLOAD_SHA": "bbbb"}
RENAMED = Renamed("redis", "7.2.4", "7.2.10")


def test_values_and_tags_and_nothing_else() -> None:
    assert rewrite(OLD, "Dockerfile", NEW, RENAMED).decode() == (
        "# a comment with 7.2.4\n"
        "FROM redis:7.2.10-windowsservercore-ltsc2022\n"
        "ENV REDIS_VERSION 7.2.10\n"
        'ENV REDIS_DOWNLOAD_URL="https://x/v7.2.10.zip" OTHER=7.2.4\n'
        "ARG REDIS_DOWNLOAD_SHA=bbbb\n"
        "COPY --from=redis:7.2.10-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis\n"
        "COPY --from=otherredis:7.2.4-x a b\n"
        "RUN echo 7.2.4\n"
    )


def test_a_value_made_of_variables_stays() -> None:
    data = b"FROM x\nENV REDIS_VERSION 7.2.4\nENV REDIS_DOWNLOAD_URL https://x/v${REDIS_VERSION}.zip\n"
    wanted = {name: NEW[name] for name in ("REDIS_VERSION", "REDIS_DOWNLOAD_URL")}
    assert b"v${REDIS_VERSION}.zip" in rewrite(data, "Dockerfile", wanted)
    moved = wanted | {"REDIS_DOWNLOAD_URL": "https://y/7.2.10.zip"}
    assert rewrite(data, "Dockerfile", moved).endswith(b"ENV REDIS_DOWNLOAD_URL https://y/7.2.10.zip\n")


def test_line_ends_and_odd_bytes_stay() -> None:
    data = b"FROM x\r\n# \xff\r\nENV REDIS_VERSION=7.2.4\r\n"
    assert rewrite(data, "Dockerfile", {"REDIS_VERSION": "7.2.10"}) == data.replace(b"7.2.4", b"7.2.10")


def test_a_variable_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="sets no REDIS_DOWNLOAD_SHA") as caught:
        rewrite(
            b"FROM x\nENV REDIS_VERSION 1\n",
            "d/Dockerfile",
            {"REDIS_VERSION": "2", "REDIS_DOWNLOAD_SHA": "x"},
        )
    assert caught.value.file == "d/Dockerfile"


def test_a_variable_that_is_there_twice() -> None:
    with pytest.raises(BadInput, match="twice") as caught:
        rewrite(b"FROM x\nENV REDIS_VERSION 1\nENV REDIS_VERSION 2\n", "Dockerfile", {"REDIS_VERSION": "3"})
    assert caught.value.line == 3


def test_there_and_back() -> None:
    back = {
        "REDIS_VERSION": "7.2.4",
        "REDIS_DOWNLOAD_URL": "https://x/v7.2.4.zip",
        "REDIS_DOWNLOAD_SHA": "aaaa",
    }
    once = rewrite(OLD, "Dockerfile", NEW, RENAMED)
    assert rewrite(once, "Dockerfile", NEW, RENAMED) == once
    assert rewrite(once, "Dockerfile", back, Renamed("redis", "7.2.10", "7.2.4")) == OLD


@given(st.binary(max_size=200))
def test_any_file(data: bytes) -> None:
    try:
        rewrite(b"FROM x\nENV REDIS_VERSION=1\n" + data, "Dockerfile", {"REDIS_VERSION": "2"})
    except BadInput as error:
        assert error.file == "Dockerfile"
