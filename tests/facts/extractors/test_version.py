from __future__ import annotations

from contrib.facts.kinds import Version, VersionDeclared
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet, the, value

URL = "https://example.org/app-1.2.3.zip"


def test_the_variable_that_the_download_uses() -> None:
    text = SERVERCORE + (
        "ENV APP_VERSION 1.2.3\nENV APP_URL https://example.org/app-${APP_VERSION}.zip\n"
        "RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile app.zip\n"
    )
    assert value(text, "version") == "1.2.3"
    declared = the(text, VersionDeclared)
    assert declared.value == "APP_VERSION"
    assert declared.used is True


def test_a_version_in_the_run_alone_is_not_declared() -> None:
    text = SERVERCORE + f"RUN Invoke-WebRequest {URL} -OutFile app.zip\n"
    assert value(text, "version") == "1.2.3"
    assert value(text, "version-declared") is None


def test_helpers_versions_are_not_the_images() -> None:
    text = ALPINE + (
        "ENV GOSU_VERSION 1.17\nENV APP_VERSION 4.5.6\n"
        'RUN wget -O app.tgz https://example.org/app-4.5.6.tar.gz\nCMD ["app-server"]\n'
    )
    assert value(text, "version") == "4.5.6"


def test_the_shorter_name_is_the_image_the_longer_ones_are_its_parts() -> None:
    text = (
        ALPINE
        + "ENV DOCKER_BUILDX_VERSION 0.36.1\nENV DOCKER_VERSION 29.7.2\nENV DOCKER_COMPOSE_VERSION 5.4.0\n"
    )
    assert value(text, "version") == "29.7.2"


def test_a_nanoserver_image_has_the_version_of_what_it_copies_from() -> None:
    text = NANOSERVER + "COPY --from=app:2.10.29-windowsservercore-ltsc2022 C:\\\\app.exe C:\\\\app.exe\n"
    found = the(text, Version)
    assert (found.value, found.line) == ("2.10.29", 2)


def test_a_variable_that_the_download_contradicts() -> None:
    text = SERVERCORE + f"ENV APP_VERSION 9.9.9\nRUN Invoke-WebRequest {URL} -OutFile app.zip\n"
    assert the(text, Version).agrees is False


def test_a_leading_v_is_not_part_of_the_version() -> None:
    assert sheet(ALPINE + "ENV APP_VERSION=v2.11.2\n").version == "2.11.2"


def test_no_version_at_all() -> None:
    assert sheet(ALPINE + "RUN true\n").version is None


def test_an_address_may_quote_the_version() -> None:
    text = SERVERCORE + (
        "ENV JAVA_VERSION=jdk-26.0.2+10\nRUN Invoke-WebRequest https://x.org/jdk-26.0.2%2B10/java_26.0.2_10.msi -OutFile j.msi\n"
    )
    assert the(text, VersionDeclared).used is True


def test_pre_releases_in_tags() -> None:
    text = NANOSERVER + "COPY --from=app:2.12.0-RC.4-windowsservercore-ltsc2022 C:\\\\app.exe C:\\\\app.exe\n"
    assert value(text, "version") == "2.12.0-RC.4"
