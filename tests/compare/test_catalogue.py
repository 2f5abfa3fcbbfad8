"""The catalogue of facts, and that the packaged images say nothing about them in vain."""

from __future__ import annotations

import pytest

from contrib.compare import COMPARERS, compare, unused
from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.images import load
from contrib.images.templates import Literals, render
from contrib.values.catalogue import FACTS, NEVER_JUSTIFIED
from contrib.values.findings import Verdict


def test_the_names_are_those_of_the_comparison() -> None:
    assert set(FACTS) == set(COMPARERS)
    assert set(NEVER_JUSTIFIED) < set(FACTS)


TWIN = """FROM alpine:3.20
ENV REDIS_VERSION 7.2.4
ENV REDIS_DOWNLOAD_URL http://download.redis.io/releases/redis-7.2.4.tar.gz
ENV REDIS_DOWNLOAD_SHA 0123456789012345678901234567890123456789012345678901234567890123
RUN set -eux; wget -O redis.tar.gz "$REDIS_DOWNLOAD_URL"; echo "$REDIS_DOWNLOAD_SHA *redis.tar.gz" | sha256sum -c -; \\
	mkdir -p /usr/src/redis; tar -xzf redis.tar.gz -C /usr/src/redis --strip-components=1; rm redis.tar.gz; \\
	make -C /usr/src/redis; make -C /usr/src/redis install; redis-cli --version; redis-server --version
RUN mkdir /data && chown redis:redis /data
VOLUME /data
WORKDIR /data
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
EXPOSE 6379
CMD ["redis-server"]
"""


@pytest.fixture(scope="module")
def redis_rows() -> tuple[object, ...]:
    image = load("redis")
    variant = image.variants[0]
    text = render(image, variant, Literals("7.2.4", image.port.url("7.2.4"), "0" * 64).values(variant))
    windows, linux = extract(parse(text.encode(), "w")), extract(parse(TWIN.encode(), "l"))
    return compare(windows, linux, image)


def test_the_stop_is_a_difference_with_its_cost(redis_rows: tuple[object, ...]) -> None:
    row = next(each for each in redis_rows if each.fact == "stop-signal")  # type: ignore[attr-defined]
    assert row.verdict is Verdict.DIFFERENT  # type: ignore[attr-defined]
    assert "lost" in row.why and "shutdown save" in row.why  # type: ignore[attr-defined]


def test_what_redis_justifies_is_used(redis_rows: tuple[object, ...]) -> None:
    assert unused(load("redis"), redis_rows) == ()  # type: ignore[arg-type]


def test_a_copied_file_that_was_not_read_is_not_called_a_default() -> None:
    """Linux may set it in a file that it copies: then nothing is said of Linux."""
    twin = TWIN.replace("COPY docker", "COPY 10-defaults.conf /etc/redis/conf.d/\nCOPY docker")
    windows = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV REDIS_VERSION=7.2.4\nCMD ["redis-server", "--maxmemory", "1gb"]\n'
    for text, verdict in ((twin, Verdict.UNKNOWN), (TWIN, Verdict.EXTRA)):
        rows = compare(
            extract(parse(windows.encode(), "w")), extract(parse(text.encode(), "l")), load("redis")
        )
        row = next(each for each in rows if each.fact == "configuration:maxmemory")
        assert row.verdict is verdict
        assert ("10-defaults.conf" in row.why) is (verdict is Verdict.UNKNOWN)
