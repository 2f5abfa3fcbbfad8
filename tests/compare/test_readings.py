"""Values that were read wrongly on real pairs of files, each as a kind on a small pair."""

from __future__ import annotations

import pytest

from contrib.build import read
from contrib.build.entry import script_in
from contrib.build.handover import handed_over
from contrib.compare import compare
from contrib.dockerfile import parse
from contrib.facts import sheet as sheet_of
from tests.compare.test_statements import rows
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, SHA256, sheet, value

FETCH = "Invoke-WebRequest https://example.org/{0} -OutFile a.zip; Expand-Archive a.zip C:\\app; Remove-Item a.zip"


@pytest.mark.parametrize(
    ("script", "words", "expected"),
    [
        ('case "$1" in *.yaml|*.yml) set -- app serve "$@" ;; esac; exec "$@"', ["/c.yml"], ["app", "serve", "/c.yml"]),
        ('case "$1" in serve|-*) set -- app "$@" ;; esac; exec "$@"', ["serve", "x"], ["app", "serve", "x"]),
        ('case "$1" in serve) set -- app "$@" ;; esac; exec "$@"', ["other"], ["other"]),
        ("if [ \"$1\" = 'agent' ]; then shift; set -- app agent -d=$DIR \"$@\"; fi; exec \"$@\"", ["agent", "-x"],
         ["app", "agent", "-x"]),
        ('if [ "${1:0:1}" = "-" ]; then set -- app "$@"; fi; exec "$@"', ["-v"], ["app", "-v"]),
        ('if [ "${1#-}" != "$1" ]; then set -- app "$@"; fi; exec "$@"', ["app"], ["app"]),
        ('if [ "${1%.conf}" != "$1" ]; then set -- app "$@"; fi; exec "$@"', ["a.conf"], ["app", "a.conf"]),
        ('if [ "$1" = "app" -a "$(id -u)" = "0" ]; then exec su-exec app "$@"; fi; exec "$@"', ["app"], ["app"]),
        ('exec app "$@"', ["x"], ["app", "x"]),
        ('exec "$APP" "$@"', ["x"], ["x"]),
        ('set -- one "$@"; exec "$@"; set -- two "$@"', ["x"], ["one", "x"]),
        ('if app --help "$1"; then set -- app "$@"; fi; exec "$@"', ["x"], ["x"]),
    ],
)  # fmt: skip
def test_what_an_entrypoint_script_hands_over_to(script: str, words: list[str], expected: list[str]) -> None:
    found = script_in("entry.sh", script.replace("; ", "\n").encode())
    assert found is not None
    assert list(handed_over(found.nodes, words)) == expected


def test_the_program_that_the_script_puts_first_is_the_one_that_starts() -> None:
    entry = {
        "entry.sh": '#!/usr/bin/dumb-init /bin/sh\ncase "$1" in agent) set -- app "$@" ;; esac\nexec "$@"\n'
    }
    linux = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["agent", "-dev"]\n'
    windows = SERVERCORE + 'ENTRYPOINT ["C:\\\\app.exe"]\nCMD ["agent", "-dev"]\n'
    found = rows(windows, linux, {}, entry)
    assert {found[fact].verdict.value for fact in ("command", "foreground", "installed-tools:app")} == {
        "same"
    }
    assert "installed-tools:agent" not in found


@pytest.mark.parametrize("linux", ["ENV TOOL_VERSION=5.10.1", "ENV TOOL_VERSION=tool-5.10.1-RELEASE"])
def test_a_file_that_starts_nothing_is_about_what_its_twin_is_about(linux: str) -> None:
    get = "Invoke-WebRequest https://example.org/{0} -OutFile x.exe; Start-Process x.exe -Wait '/quiet'; Remove-Item x.exe"
    windows = SERVERCORE
    for name in ("python-3.9.13-amd64.exe", "buildtools-1.2.3.exe", "tool-5.10.1-win64.exe"):
        windows += f"RUN {get.format(name)}\n"
    build = read(parse(windows.encode()))
    twin = sheet(ALPINE + linux + "\n")
    found = {row.fact: row for row in compare(sheet_of(build, twin.about), twin)}
    assert found["version"].verdict.value == "same"
    assert found["version"].windows is not None and found["version"].windows.value == "5.10.1"


def test_a_helper_is_never_what_the_image_is_about() -> None:
    windows = SERVERCORE + "ENV RUBY_VERSION=3.4.1\nRUN choco install ruby --version $env:RUBY_VERSION -y; "
    windows += "Invoke-WebRequest https://rubygems.org/downloads/rubygems-update-3.6.2.gem -OutFile r.gem\n"
    found = rows(windows, ALPINE + "ENV RUBY_VERSION=3.4.1\nRUN wget https://example.org/ruby-3.4.1.tar.gz\n")
    assert found["version"].verdict.value == "same"
    assert found["download:rubygems-update"].verdict.value == "extra"


def test_a_stage_that_only_names_an_image_is_that_image() -> None:
    linux = "FROM app:1.2.3-temurin AS up\nFROM alpine:3.20\nCOPY --from=up /usr/share/app /usr/share/app\nCMD app\n"
    windows = SERVERCORE + f"RUN {FETCH.format('app-1.2.3.zip')}\nCMD C:\\app\\app.exe\n"
    found = rows(windows, linux)
    assert found["version"].verdict.value == "same"
    assert found["download"].why == "on Linux it is copied from app:1.2.3-temurin"
    copied = (
        "FROM python:3.6-windowsservercore AS py\n"
        + NANOSERVER
        + "COPY --from=py /Python /Python\nCMD python\n"
    )
    linux = (
        ALPINE
        + f"RUN wget -O p.tgz https://example.org/python-3.6.1.tgz; echo '{SHA256} *p.tgz' | sha256sum -c -\n"
    )
    found = rows(copied, linux + "CMD python3\n")
    assert "decided in python:3.6-windowsservercore" in found["download"].why
    system = "FROM example.org/cache:1-ltsc2022 AS core\n" + NANOSERVER
    system += "COPY --from=core /Windows/System32/netapi32.dll /Windows/System32/\n"
    row = rows(system, ALPINE)["copied-image:example.org/cache:1-ltsc2022"]
    assert (row.verdict.value, row.why) == ("justified", "run-time libraries that nanoserver lacks")


@pytest.mark.parametrize(
    ("reference", "pinned"),
    [
        ("registry.example.net/windows/servercore:1809", "1809"),
        ("registry.example.net/app:3-ltsc2022", "ltsc2022"),
        ("registry.example.net/app:windows", None),
        ("someone/windows-app", None),
    ],
)
def test_a_mirror_of_a_base_is_pinned_by_its_tag(reference: str, pinned: str | None) -> None:
    assert value(f"FROM {reference}\nCMD C:\\app.exe\n", "base-pinned") == pinned


def test_java_writes_one_version_in_two_ways() -> None:
    url = "https://example.org/releases/1.8.0.181-1/java-1.8.0-openjdk-1.8.0.181-1.b13.windows.x86_64.zip"
    get = f"Invoke-WebRequest {url} -OutFile j.zip; Expand-Archive j.zip C:\\j"
    windows = SERVERCORE + f"ENV JAVA_VERSION=8u181\nRUN {get}\n"
    found = rows(windows, ALPINE + "ENV JAVA_VERSION=8u181\nRUN wget https://example.org/j.tgz\n")
    assert found["version"].verdict.value == found["version-declared"].verdict.value == "same"
    other = rows(windows.replace("8u181", "8u18"), ALPINE + "ENV JAVA_VERSION=8u18\n")
    assert "the file that is fetched is" in other["version"].why


@pytest.mark.parametrize(
    ("check", "verdict"),
    [("", "missing"), (f"; if ((Get-FileHash a.zip).Hash -ne '{SHA256}') {{ exit 1 }}", "justified")],
)
def test_what_a_package_manager_of_linux_verifies(check: str, verdict: str) -> None:
    linux = ALPINE + "ENV APP_VERSION=1.2\nRUN apk add --no-cache app=1.2-r0\nCMD app\n"
    get = f"Invoke-WebRequest https://example.org/app-1.2.zip -OutFile a.zip{check}; Expand-Archive a.zip C:\\app"
    row = rows(SERVERCORE + f"RUN {get}\nCMD C:\\app\\app.exe\n", linux)["download-verified"]
    assert (row.verdict.value, row.linux is not None) == (verdict, True)
    assert row.linux is not None and row.linux.value == "by the package manager (apk)"


def test_a_binary_or_else_the_source_is_one_download() -> None:
    linux = ALPINE + 'ENV APP_VERSION=1.2.3\nRUN if [ -n "$SUM" ]; then '
    linux += 'wget -O a.tgz "https://builds.example.net/app-$APP_VERSION-linux.tgz"; tar -xzf a.tgz -C /usr/local; else '
    linux += 'wget -O a.tgz "https://example.org/app-$APP_VERSION.tar.gz"; tar -xzf a.tgz; make install; fi\nCMD app\n'
    found = rows(
        SERVERCORE + f"ENV APP_VERSION=1.2.3\nRUN {FETCH.format('app-1.2.3.zip')}\nCMD C:\\app\\app.exe\n",
        linux,
    )
    assert [fact for fact in found if fact.startswith("download")] == ["download", "download-scheme"]
    assert found["download"].why == "the file for Windows, from example.org like Linux’s"
    assert found["source-or-binary"].verdict.value == "same"


def test_where_the_program_is_put_not_its_licence() -> None:
    text = (
        ALPINE
        + "RUN wget https://example.org/app_1.2.3.zip && unzip -d /tmp/b app_1.2.3.zip && cp /tmp/b/app /bin/app"
    )
    text += (
        " && if [ -f /tmp/b/EULA.txt ]; then mv /tmp/b/EULA.txt /usr/share/doc/app/EULA.txt; fi\nCMD app\n"
    )
    assert value(text, "install-location") == "/bin"


def test_an_archive_unpacked_at_the_root_is_where_path_says() -> None:
    windows = SERVERCORE + "RUN Invoke-WebRequest https://example.org/postgresql-1.2-x64.zip -OutFile p.zip; "
    windows += "Expand-Archive p.zip C:\\; Invoke-WebRequest https://example.org/vim.zip -OutFile v.zip; "
    windows += 'Expand-Archive v.zip C:\\vim\nRUN setx /M PATH "C:\\pgsql\\bin;C:\\vim\\vim81;$env:PATH"\nCMD run.cmd\n'
    assert value(windows, "install-location") == "C:\\pgsql"


def test_syntax_of_another_shell_never_becomes_a_directory_of_path() -> None:
    text = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN setx /M PATH $($Env:PATH + ';C:\\app')\nCMD app\n"
    row = rows(text, ALPINE + "RUN apk add app\nCMD app\n").get("on-path")
    assert row is not None and row.verdict.value == "different"  # Linux has no value here
    assert "PATH is replaced by that word" in row.why


def test_path_of_linux_is_seen_in_env_and_in_what_the_build_runs() -> None:
    linux = ALPINE + 'ENV PATH=/app:$PATH\nWORKDIR /app\nCOPY agent /app/\nENTRYPOINT ["./agent"]\n'
    windows = (
        NANOSERVER + 'ENV PATH="C:\\app;C:\\Windows"\nCOPY agent.exe /app/\nENTRYPOINT ["C:/app/agent.exe"]\n'
    )
    assert rows(windows, linux)["on-path"].verdict.value == "same"


def test_a_directory_that_both_sides_fill_is_the_same_for_a_variable() -> None:
    linux = ALPINE + "ENV JAVA_HOME=/opt/java DATA=/var/lib/app\nCOPY --from=other:1 /jre $JAVA_HOME\n"
    windows = (
        SERVERCORE + "ENV JAVA_HOME=C:\\\\jdk DATA=C:\\\\data\nCOPY --from=other:1 C:\\\\jre $JAVA_HOME\n"
    )
    found = rows(windows, linux)
    assert found["environment:JAVA_HOME"].verdict.value == "same"
    assert found["environment:DATA"].verdict.value == "different"


def test_the_same_words_go_to_a_script_on_both_sides() -> None:
    linux = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n'
    windows = (
        SERVERCORE
        + 'COPY entry.ps1 C:\\\\\nENTRYPOINT ["powershell.exe", "-f", "C:/entry.ps1"]\nCMD ["app"]\n'
    )
    found = rows(windows, linux)
    assert found["command"].verdict.value == "same"
    assert (found["foreground"].verdict.value, "runs entry.ps1" in found["foreground"].why) == (
        "different",
        True,
    )


def test_a_shell_that_linux_starts_has_a_name() -> None:
    row = rows(SERVERCORE + 'CMD ["app.exe"]\n', ALPINE + 'ENTRYPOINT ["entry.sh"]\nCMD ["sh"]\n')["command"]
    assert row.why == "starts app, Linux sh"


def test_what_an_installer_holds_is_told_of_that_installer() -> None:
    windows = SERVERCORE + f"RUN {FETCH.format('node-1.2.zip')}\n"
    windows += "RUN Invoke-WebRequest https://example.org/yarn-1.msi -OutFile yarn.msi; Start-Process msiexec -Wait '/i yarn.msi'\n"
    linux = ALPINE + "RUN wget https://example.org/node-1.2.tgz; npm --version; yarn --version\nCMD node\n"
    found = rows(windows + "CMD C:\\app\\node.exe\n", linux)
    assert "yarn.msi" in found["installed-tools:yarn"].why
    assert "yarn.msi" not in found["installed-tools:npm"].why


def test_variables_in_the_json_form_of_copy_and_volume() -> None:
    windows = SERVERCORE + 'ENV ROOT="C:\\\\Program Files" NAME=app\n'
    windows += 'COPY ["${NAME}.exe", "$ROOT\\\\bin\\\\app.exe"]\nVOLUME ["$ROOT\\\\data", "C:\\\\logs"]\n'
    found = sheet(windows + 'CMD ["C:\\\\Program Files\\\\bin\\\\app.exe"]\n')
    assert {f.name: f.value for f in found.all("copied-files")} == {
        "copied-files:app.exe": "binary to C:\\Program Files\\bin\\app.exe"
    }
    volumes = found.get("volumes")
    assert volumes is not None and volumes.value == "C:\\Program Files\\data, C:\\logs"


def test_the_version_of_another_product_is_not_that_of_the_image() -> None:
    stage = (
        SERVERCORE.replace("ltsc2022\n", "ltsc2022 AS i\n", 1)
        + "ARG DOCKER_VERSION=18.06.1\nARG COMPOSE_VERSION=1.22.0\n"
    )
    stage += 'RUN choco install -y --version="$env:DOCKER_VERSION" docker\nRUN Invoke-WebRequest '
    stage += '"https://example.org/compose/$($env:COMPOSE_VERSION)/docker-compose-Windows-x86_64.exe" -OutFile docker-compose.exe\n'
    found = rows(
        stage + SERVERCORE + "COPY --from=i C:\\\\d C:\\\\d\n", ALPINE + "ENV DOCKER_VERSION=29.7.2\n"
    )
    assert found["version"].why == "11 major releases behind Linux"
    assert "download:docker-compose" in found


def test_a_list_of_digests_is_no_download_of_its_own() -> None:
    for name in ("9.0.19-sha.txt", "sha1sum.txt", "app-sha512.txt"):
        linux = ALPINE + f"RUN wget https://example.org/app-1.2.tgz https://example.org/{name}\nCMD app\n"
        facts = sheet(linux)
        assert [f.name for f in facts.all("download")] == ["download"], name


def test_an_address_that_could_not_be_followed_is_not_another_site() -> None:
    windows = (
        SERVERCORE
        + "RUN if ($env:A) { $u = Get-Content x } else { $u = $env:B }; Invoke-WebRequest $u -OutFile app.zip; "
    )
    windows += "Expand-Archive app.zip C:\\app\nCMD C:\\app\\app.exe\n"
    row = rows(windows, ALPINE + "RUN wget https://example.org/app-1.2.tgz\nCMD app\n")["download"]
    assert row.verdict.value == "unknown"
    assert row.windows is not None and row.windows.value
    assert not row.why.endswith(": ")


def test_what_is_built_into_the_working_directory_is_found_there() -> None:
    stage = SERVERCORE.replace("ltsc2022\n", "ltsc2022 AS b\n", 1)
    stage += "RUN git clone https://github.com/o/app.git C:\\src; cd C:\\src; go build -o C:\\out\\app.exe\n"
    windows = stage + NANOSERVER + 'WORKDIR C:\\\\app\nCMD ["app"]\nCOPY --from=b C:\\\\out\\\\app.exe .\n'
    row = rows(
        windows,
        ALPINE + "RUN wget https://example.org/app-1.tgz && tar xf app-1.tgz -C /usr/local/bin\nCMD app\n",
    )["on-path"]
    assert row.windows is not None and row.windows.value == "no: only from C:\\app"
    assert row.verdict.value == "missing"


@pytest.mark.parametrize(
    ("word", "expected"),
    [("server", "unknown"), ("/etc/app.yml", "unknown"), ("app", "different"), ("sh", "different")],
)
def test_a_word_for_a_script_that_nobody_has_read_is_no_program(word: str, expected: str) -> None:
    linux = ALPINE + f'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["{word}", "-x"]\n'
    found = rows(SERVERCORE + 'ENTRYPOINT ["tool.exe"]\nCMD ["serve", "-y"]\n', linux, {}, {})
    assert found["command"].verdict.value == expected
    if expected == "unknown":
        assert not any(name.startswith("installed-tools") for name in found)
    same = rows(SERVERCORE + f'ENTRYPOINT ["tool.exe"]\nCMD ["{word}", "-x"]\n', linux, {}, {})
    assert same["command"].verdict.value == ("same" if expected == "unknown" else "different")


def test_what_a_command_loses_is_not_said_where_none_is_started() -> None:
    from contrib.images import load

    linux = sheet(ALPINE + 'ENV RABBITMQ_VERSION=4.1.8\nCMD ["rabbitmq-server"]\n')

    def stop(lines: str) -> str:
        found = compare(sheet(SERVERCORE + lines), linux, load("rabbitmq"))
        return next(row.why for row in found if row.fact == "stop-signal")

    assert "batch file" in stop('CMD ["C:\\\\rabbitmq\\\\sbin\\\\rabbitmq-server.bat"]\n')
    assert "batch file" not in stop("RUN choco install rabbitmq -y\n")


def test_the_whole_build_context_may_hold_what_linux_copies() -> None:
    found = rows(SERVERCORE + "WORKDIR /app\nCOPY . .\n", ALPINE + "COPY app.conf /etc/\nCOPY data.bin /\n")
    assert found["copied-files:app.conf"].why == "what is in the build context is not known"
    assert found["copied-files:data.bin"].verdict.value == "unknown"


def test_the_directory_that_windows_lacks_is_the_twins() -> None:
    windows = SERVERCORE + f"RUN {FETCH.format('app-1.2.zip')}\nCMD C:\\app\\app.exe\n"
    linux = (
        ALPINE
        + "RUN wget -O a.tgz https://example.org/app-1.2.tgz && tar xf a.tgz -C /opt/app\nCMD /opt/app/app\n"
    )
    assert rows(windows, linux)["install-location"].why == "Windows has no /opt/app"


def test_a_program_that_the_build_runs_is_there() -> None:
    windows = SERVERCORE + f"RUN {FETCH.format('app-1.2.zip')}\nRUN app-cli --init\nCMD C:\\app\\app.exe\n"
    found = rows(
        windows, ALPINE + "RUN make install; app --version; app-cli --version; other --version\nCMD app\n"
    )
    assert found["installed-tools:app-cli"].verdict.value == "same"
    assert found["installed-tools:other"].verdict.value == "unknown"
