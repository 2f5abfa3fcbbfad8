"""The catalogue of facts, and that the packaged images say nothing about them in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contrib.compare import COMPARERS, compare
from contrib.compare.effects import Idle, Judged, idle
from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.generate.plan import in_the_voice_of
from contrib.images import Image, load
from contrib.images.model import Accept, Justified, Loss, Reason
from contrib.images.templates import Literals, Options, render
from contrib.rules.review import review
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


#: RabbitMQ's Linux image in short: a stage for OpenSSL and Erlang, copied configuration, asserted secrets.
RABBITMQ = """FROM alpine:3.22 AS build-base
ENV OPENSSL_VERSION 3.3.4
ENV ERLANG_INSTALL_PATH_PREFIX /opt/erlang
ENV OPENSSL_INSTALL_PATH_PREFIX /opt/openssl
RUN set -eux; wget -O openssl.tar.gz "https://github.com/openssl/openssl/releases/download/openssl-$OPENSSL_VERSION/openssl-$OPENSSL_VERSION.tar.gz"; \\
	echo "0123456789012345678901234567890123456789012345678901234567890123 *openssl.tar.gz" | sha256sum -c -; \\
	mkdir -p /usr/src/openssl; tar -xzf openssl.tar.gz -C /usr/src/openssl --strip-components=1; make -C /usr/src/openssl install
ENV OTP_VERSION 27.3.4
RUN set -eux; wget -O otp.tar.gz "https://github.com/erlang/otp/releases/download/OTP-$OTP_VERSION/otp_src_$OTP_VERSION.tar.gz"; \\
	echo "1123456789012345678901234567890123456789012345678901234567890123 *otp.tar.gz" | sha256sum -c -; \\
	mkdir -p /usr/src/otp; tar -xzf otp.tar.gz -C /usr/src/otp --strip-components=1; make -C /usr/src/otp install
FROM alpine:3.22
ENV ERLANG_INSTALL_PATH_PREFIX /opt/erlang
ENV OPENSSL_INSTALL_PATH_PREFIX /opt/openssl
COPY --from=build-base $ERLANG_INSTALL_PATH_PREFIX $ERLANG_INSTALL_PATH_PREFIX
ENV RABBITMQ_DATA_DIR /var/lib/rabbitmq
ENV RABBITMQ_VERSION 4.1.8
ENV RABBITMQ_PGP_KEY_ID 0x0A9AF2115F4687BD29803A206B73A36E6026DFCA
ENV RABBITMQ_HOME=/opt/rabbitmq
ENV PATH $RABBITMQ_HOME/sbin:$ERLANG_INSTALL_PATH_PREFIX/bin:$OPENSSL_INSTALL_PATH_PREFIX/bin:$PATH
RUN set -eux; wget -O rabbitmq.tar.xz "https://github.com/rabbitmq/rabbitmq-server/releases/download/v$RABBITMQ_VERSION/rabbitmq-server-generic-unix-$RABBITMQ_VERSION.tar.xz"; \\
	gpg --batch --verify rabbitmq.tar.xz.asc rabbitmq.tar.xz; mkdir -p "$RABBITMQ_HOME"; \\
	tar -xf rabbitmq.tar.xz -C "$RABBITMQ_HOME" --strip-components=1; openssl version; rabbitmqctl version; rabbitmq-plugins list
ENV RUNNING_UNDER_SYSTEMD=true
VOLUME $RABBITMQ_DATA_DIR
ENV HOME $RABBITMQ_DATA_DIR
ENV LANG=C.UTF-8 LANGUAGE=C.UTF-8 LC_ALL=C.UTF-8
COPY --chown=rabbitmq:rabbitmq 10-defaults.conf 20-management_agent.disable_metrics_collector.conf /etc/rabbitmq/conf.d/
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
EXPOSE 4369 5671 5672 15691 15692 25672
CMD ["rabbitmq-server"]
"""
VERSIONS = {"redis": (TWIN, "7.2.4", "7.2"), "rabbitmq": (RABBITMQ, "4.1.8", "4.1")}


#: What upstream's apply-templates.sh writes above every Dockerfile, where that counts.
HEADS = {"rabbitmq": "# syntax=docker/dockerfile:1\n#\n\n"}


def judged(name: str) -> tuple[Image, Judged]:
    """The packaged image's first Windows Dockerfile beside its twin."""
    image = load(name)
    text, version, series = VERSIONS[name]
    variant = image.variants[0]
    voice = in_the_voice_of(image, parse(text.encode(), "l"), Options(port=image.port))
    values = Literals(version, image.port.url(version), "0" * 64).values(variant)
    rendered = HEADS.get(name, "") + render(image, variant, values, voice)
    path = f"{series}/windows/{variant.name}/Dockerfile"
    windows, linux = parse(rendered.encode(), path), parse(text.encode(), "l")
    rows = compare(extract(windows), extract(linux), image)
    return image, Judged(path, rows, review(windows, path=path, twin=linux, image=image))


@pytest.fixture(scope="module")
def redis_rows() -> tuple[object, ...]:
    return tuple(judged("redis")[1].rows)


def test_the_stop_is_a_difference_with_its_cost(redis_rows: tuple[object, ...]) -> None:
    row = next(each for each in redis_rows if each.fact == "stop-signal")  # type: ignore[attr-defined]
    assert row.verdict is Verdict.DIFFERENT  # type: ignore[attr-defined]
    assert "lost" in row.why and "shutdown save" in row.why  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", VERSIONS)
def test_no_entry_of_a_packaged_image_is_without_effect(name: str) -> None:
    image, file = judged(name)
    assert idle(image, image.port.name, [file]) == ()


def test_entries_that_nothing_needs_are_found() -> None:
    image, file = judged("redis")
    reason = Reason("because")
    more = replace(
        image,
        justified=(*image.justified, Justified("healthcheck", reason)),
        losses=(*image.losses, Loss("ports", reason, None), Loss("ports", reason, "microsoftarchive")),
        accepted=(
            *image.accepted,
            Accept("wget-alias", "*/windows/*/Dockerfile", reason),
            Accept("wget-alias", "x/*", reason),
        ),
    )
    assert idle(more, image.port.name, [file]) == (
        Idle("justified", "fact", "healthcheck"),
        Idle("loss", "fact", "ports"),  # the other one is for a port that is not in use
        Idle("accept", "rule", "wget-alias"),  # and this one for files that are not in the run
    )


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
