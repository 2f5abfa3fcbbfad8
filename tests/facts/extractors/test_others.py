from __future__ import annotations

from contrib.facts.kinds import CopiedFile, CopiedImage, Environment
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet, the, value


def test_ports_with_protocol_from_variables_and_several_lines() -> None:
    text = ALPINE + "ENV PORT 80\nEXPOSE $PORT 443/UDP\nEXPOSE 80/tcp 9000-9001\n"
    assert value(text, "ports") == "80/tcp, 443/udp, 9000-9001/tcp"


def test_volumes_in_both_forms() -> None:
    assert value(SERVERCORE + "VOLUME C:\\\\data\\\\db C:\\\\x\n", "volumes") == "C:\\data\\db, C:\\x"
    assert value(SERVERCORE + 'VOLUME ["C:\\\\data"]\n', "volumes") == "C:\\data"
    assert value(ALPINE + "ENV D /data\nVOLUME $D/\n", "volumes") == "/data"


def test_workdir_is_followed() -> None:
    assert value(ALPINE + "WORKDIR /a\nWORKDIR b\n", "workdir") == "/a/b"
    assert value(SERVERCORE + "ENV GOPATH C:\\\\go\nWORKDIR $GOPATH\n", "workdir") == "C:\\go"
    assert value(ALPINE, "workdir") is None
    assert value("FROM alpine:3 AS a\nWORKDIR /a\nFROM a\nWORKDIR b\n", "workdir") == "/a/b"


def test_stop_signal_healthcheck_and_labels() -> None:
    assert value(ALPINE, "stop-signal") == "SIGTERM (default)"
    assert value(ALPINE + "STOPSIGNAL SIGQUIT\n", "stop-signal") == "SIGQUIT"
    assert value(SERVERCORE, "stop-signal") == "CTRL_SHUTDOWN_EVENT"
    assert value(ALPINE + "HEALTHCHECK CMD app ping\n", "healthcheck") == "CMD app ping"
    assert value(ALPINE + "HEALTHCHECK NONE\n", "healthcheck") is None
    text = ALPINE + 'MAINTAINER someone\nENV V 1.2.3\nLABEL a.b=c version="$V"\n'
    assert [(f.name, f.value) for f in sheet(text).all("labels")] == [
        ("labels:MAINTAINER", "someone"),
        ("labels:a.b", "c"),
        ("labels:version", "1.2.3"),
    ]


def test_environment_without_versions_urls_digests_and_path() -> None:
    text = ALPINE + (
        "ENV APP_VERSION=1.2 APP_URL=https://x APP_SHA256=ab APP_SHASUM=" + "0" * 64 + " PATH=/x:$PATH\n"
        "ENV LANG C.UTF-8\nENV A one\nENV A two\n"
    )
    assert {f.name: f.value for f in sheet(text).all("environment")} == {
        "environment:LANG": "C.UTF-8",
        "environment:A": "two",
    }
    assert value(SERVERCORE + "RUN setx /M APP_HOME C:\\app\n", "environment:APP_HOME") == "C:\\app"


def test_environment_that_the_entrypoint_reads() -> None:
    text = ALPINE + 'ENV APP_CERTS=/certs\nCOPY entry.sh /\nENTRYPOINT ["/entry.sh"]\n'
    assert the(text, Environment, {"entry.sh": "echo $APP_CERTS\n"}).entry is True
    assert the(text, Environment).entry is False


def test_copied_files_by_purpose() -> None:
    text = ALPINE + (
        'COPY entry.sh app.conf tool.exe notes /x/\nENTRYPOINT ["/x/entry.sh"]\nCOPY --from=build:1 /a /b\n'
    )
    found = {f.name: f.purpose for f in sheet(text).each(CopiedFile)}
    assert found == {
        "copied-files:entry.sh": "entrypoint",
        "copied-files:app.conf": "configuration",
        "copied-files:tool.exe": "binary",
        "copied-files:notes": "file",
    }


def test_images_that_are_copied_from() -> None:
    text = NANOSERVER + (
        "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\Windows\\\\System32\\\\x.dll C:\\\\Windows\\\\System32\\\\\n"
        "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    )
    found = the(text, CopiedImage)
    assert (found.value, found.line, found.system) == ("app", 3, False)
    assert value(text, "source-or-binary") == "copied from app:1.2.3-windowsservercore-ltsc2022"


def test_what_only_linux_has() -> None:
    text = ALPINE + (
        "RUN apk add --no-cache tzdata tini musl-locales ca-certificates\n"
        "RUN apk add --no-cache --virtual .build-deps gcc make && ln -s app /usr/bin/app2 "
        "&& sed -i 's!jemalloc!x!' /usr/src/app/deps/Makefile && scanelf -R /usr/local && apk del .build-deps\n"
    )
    facts = {f.name: f.value for f in sheet(text).facts}
    assert facts["timezone-data"] == "tzdata"
    assert facts["init"] == "tini"
    assert facts["locales"] == "musl-locales"
    assert facts["runtime-packages"] == "ca-certificates"
    assert facts["build-tools"] == "gcc, make"
    assert facts["program-links"] == "app2"
    assert facts["runtime-dependencies"] == "found by scanelf"
    assert facts["package-caches"] == "apk --no-cache"


def test_source_or_binary() -> None:
    get = "wget -O a.tgz https://x.org/app-1.2.3.tgz && tar -xf a.tgz"
    assert value(ALPINE + f"RUN {get}\n", "source-or-binary") == "binary (archive)"
    assert value(ALPINE + f"RUN {get} && make\n", "source-or-binary") == "compiled (make)"
    assert (
        value(ALPINE + "ENV APP_VERSION 1.2.3\nRUN apk add app=1.2.3\n", "source-or-binary")
        == "package (app)"
    )


def test_shell_text_that_cannot_be_read_is_a_note() -> None:
    notes = sheet(SERVERCORE + "RUN if (( { \n").notes
    assert [line for line, _ in notes] == [3]
