"""Statements that were once wrong on real pairs of files, each as a kind on a small pair."""

from __future__ import annotations

import pytest

from contrib.compare import ParityRow, compare
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, fact, sheet, value

TEMURIN = (
    "Start-Process msiexec -Wait -ArgumentList '/i', 'jdk.msi', '/quiet', 'ADDLOCAL=FeatureEnvironment,FeatureJavaHome', "
    "'INSTALLDIR=C:\\jdk'"
)
GET = "Invoke-WebRequest https://example.org/jdk-1.2.3.msi -OutFile jdk.msi"


def rows(
    windows: str, linux: str, beside: dict[str, str] | None = None, theirs: dict[str, str] | None = None
) -> dict[str, ParityRow]:
    found = compare(sheet(windows, beside), sheet(linux, theirs if theirs is not None else beside))
    return {row.fact: row for row in found}


def test_a_variable_that_the_installer_is_told_to_set_is_open() -> None:
    windows = SERVERCORE + f"RUN {GET}; {TEMURIN}; Remove-Item jdk.msi\n"
    found = rows(windows, ALPINE + "ENV JAVA_HOME /opt/jdk\nENV OTHER_HOME /opt/other\n")
    assert found["environment:JAVA_HOME"].verdict.value == "unknown"
    assert "jdk.msi may set it" in found["environment:JAVA_HOME"].why
    assert found["environment:OTHER_HOME"].verdict.value == "missing"


def test_a_variable_is_only_the_entrypoints_where_nothing_else_reads_it() -> None:
    entry = {"entry.sh": "echo $APP_HOME $APP_CERTS\n"}
    linux = (
        ALPINE
        + 'ENV APP_HOME /app\nENV APP_CERTS /certs\nENV PATH $APP_HOME/bin:$PATH\nENTRYPOINT ["entry.sh"]\n'
    )
    found = rows(SERVERCORE, linux, {}, entry)
    assert found["environment:APP_CERTS"].verdict.value == "justified"
    assert found["environment:APP_HOME"].verdict.value == "missing"


def test_settings_of_a_block_are_not_those_outside_it() -> None:
    conf = 'port: 4222\ncluster {\n  port: 6222 # routes\n  auth {\n    user: "me"\n  }\n}\nhttp: 8222\nnet:\n  bindIp: "::"\n'
    text = SERVERCORE + 'COPY app.conf C:\\\\app.conf\nCMD ["app", "-c", "C:\\\\app.conf"]\n'
    found = {f.name.partition(":")[2]: f.value for f in sheet(text, {"app.conf": conf}).all("configuration")}
    assert found == {
        "port": "4222",
        "cluster.port": "6222",
        "cluster.auth.user": "me",
        "http": "8222",
        "net.bindIp": "::",
    }


def test_a_number_of_a_file_stays_a_number_and_a_switch_of_the_source_is_a_switch() -> None:
    build = "sed -i 's/#define CONFIG_DEFAULT_GUARD 1/#define CONFIG_DEFAULT_GUARD 0/' src/a.h; make; make install"
    linux = ALPINE + f"RUN set -e; echo 'databases 1' >> /etc/app.conf; {build}\n"
    windows = (
        SERVERCORE
        + "RUN 'guard 0', 'databases 1' | Set-Content C:\\app.conf\nCMD [\"app\", \"C:\\\\app.conf\"]\n"
    )
    found = rows(windows, linux)
    assert found["configuration:guard"].verdict.value == "same"
    linux_databases = found["configuration:databases"].linux
    assert linux_databases is not None and linux_databases.value == "1"


@pytest.mark.parametrize(
    ("linux", "line"),
    [("ENV PATH /usr/local/bin:$PATH\n", 2), ("ENV A=1\n", None)],
)
def test_path_of_linux_names_the_line_that_says_so(linux: str, line: int | None) -> None:
    text = ALPINE + linux + "RUN set -e; make; make install\n"
    assert fact(text, "on-path").line == line


def test_a_link_of_a_stage_that_is_thrown_away_is_not_in_the_image() -> None:
    text = "FROM alpine:3.20 AS b\nRUN ln -s /target/go /usr/local/go && ln -s go /target/bin\nFROM alpine:3.20\n"
    assert value(text + "COPY --from=b /other /\n", "program-links") is None
    assert value(text + "COPY --from=b /target/ /\n", "program-links") == "go"


def test_the_image_is_copied_where_its_programs_are() -> None:
    text = NANOSERVER + (
        "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\Windows\\\\System32\\\\a.dll C:\\\\Windows\\\\System32\\\\\n"
        "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    )
    assert (fact(text, "source-or-binary").line, fact(text, "version").line) == (3, 3)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("C:\\Program Files\\app", "C:\\Program Files\\app"),
        ("C:\\Program Files\\app\\bin", "C:\\Program Files\\app"),
        ("C:\\Program Files\\app;C:\\Program Files\\other", "C:\\Program Files\\app"),
        ("C:\\Program Files\\one;C:\\Program Files\\other", "C:\\Program Files"),
        ("C:\\elsewhere", "C:\\Program Files"),
    ],
)
def test_an_archive_unpacked_among_others_lands_where_path_says(path: str, place: str) -> None:
    text = (
        SERVERCORE
        + "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile a.zip; Expand-Archive a.zip -DestinationPath $env:ProgramFiles; "
        f"[Environment]::SetEnvironmentVariable('PATH', '{path};' + $env:PATH, 'Machine')\n"
    )
    assert value(text, "install-location") == place


def test_what_is_built_last_is_the_program() -> None:
    text = ALPINE + (
        "RUN set -e; wget -O lib.tgz https://example.org/lib-1.0.tgz; tar -xf lib.tgz; cmake .; ninja install; \\\n"
        " wget -O app.tgz https://example.org/app-1.2.3.tgz; tar -xf app.tgz; \\\n"
        " make; \\\n"
        ' cp app /opt/app/bin/\nCMD ["app"]\n'
    )
    assert (fact(text, "source-or-binary").value, fact(text, "source-or-binary").line) == (
        "compiled (make)",
        4,
    )
    assert (value(text, "install-location"), fact(text, "install-location").line) == ("/opt/app/bin", 5)


def test_a_single_command_fails_with_its_run() -> None:
    found = rows(NANOSERVER + "RUN app --version\n", ALPINE + "RUN set -eux; a; b\n")["build-fails-loudly"]
    assert found.verdict.value == "same"
    assert found.windows is not None and found.windows.value == "one command per RUN"


def test_a_program_that_nothing_brings_is_missing() -> None:
    linux = 'FROM scratch\nCOPY hello /\nCMD ["/hello"]\n'
    found = rows(NANOSERVER + "COPY hello.txt C:\\\\\n", linux)["installed-tools:hello"]
    assert (found.verdict.value, found.why) == ("missing", "nothing in the file brings hello")
    open_ = rows(NANOSERVER + "COPY tools C:\\\\tools\n", linux)["installed-tools:hello"]
    assert (open_.verdict.value, open_.why) == ("unknown", "what is in tools is not known")


@pytest.mark.parametrize(
    ("condition", "run", "expected"),
    [
        ('[ "${1#-}" != "$1" ] || [ "${1%.jl}" != "$1" ]', 'exec app "$@"', "flags and *.jl start app"),
        ('[ "${1#-}" != "$1" ]', 'set -- app "$@"', "flags start app"),
        ('[ "$(id -u)" = 0 ]', 'exec gosu app "$0" "$@"', None),
    ],
)
def test_an_entry_script_that_starts_the_program_itself(
    condition: str, run: str, expected: str | None
) -> None:
    script = f'#!/bin/sh\nif {condition}; then\n\t{run}\nfi\nexec "$@"\n'
    text = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n'
    assert value(text, "arguments-as-program", {"entry.sh": script}) == expected


def test_libraries_of_visual_studio_have_a_name() -> None:
    url = "https://download.example.org/6AA4EDFF-645B-48C5-81CC-ED5963AEAD48/vc_redist.x64.exe"
    main = "Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile a.zip"
    found = rows(
        SERVERCORE + f"ENV APP_VERSION 1.2.3\nRUN Invoke-WebRequest {url} -OutFile vc.exe; {main}\n", ALPINE
    )
    assert found["download:vcredist"].verdict.value == "justified"


def test_two_volumes_are() -> None:
    found = rows(SERVERCORE + "VOLUME C:\\\\a C:\\\\b\n", ALPINE + "VOLUME /a /b\n")["volumes"]
    assert found.why == "/a, /b are C:\\a, C:\\b on Windows"


MIRRORS = r"""RUN set -eux; \
	fetch() { \
		local f="$1"; shift; \
		local file="$1"; shift; \
		local success=; \
		for url in 'https://mirror.example.org/get.cgi?filename=' https://archive.example.org/dist/; do \
			if wget -O "$f" "$url$file" && [ -s "$f" ]; then success=1; break; fi; \
		done; \
		[ -n "$success" ]; \
	}; \
	fetch app.tgz "app/app-$APP_VERSION.tgz"; \
	echo "$APP_SHA256 *app.tgz" | sha256sum -c -; \
	fetch app.tgz.asc "app/app-$APP_VERSION.tgz.asc"; \
	tar -xf app.tgz -C /usr/src; rm app.tgz app.tgz.asc; \
	patches() { while [ "$#" -gt 0 ]; do fetch "$1" "patches/$1"; shift; done; }; \
	patches $APP_PATCHES; \
	./configure --prefix="$APP_PREFIX"; make; make install; \
	deps="$(scanelf --needed /usr/local | sort -u)"; \
	apk add --no-network --virtual .app-so-deps $deps extra-lib; app -v
"""


def test_a_loop_over_mirrors_is_one_download() -> None:
    text = (
        ALPINE
        + "ENV APP_VERSION 1.2.3\nENV APP_SHA256 "
        + "0" * 64
        + '\nENV APP_PATCHES=""\nENV APP_PREFIX /opt/app\n'
        + MIRRORS
        + 'CMD ["app"]\n'
    )
    found = sheet(text)
    assert [f.value for f in found.all("download")] == [
        "https://mirror.example.org/get.cgi?filename=app/app-1.2.3.tgz"
    ]
    assert value(text, "download-verified") == "sha256"
    assert value(text, "install-location") == "/opt/app/bin"
    assert value(text, "cleaned-up") == "yes"
    assert value(text, "runtime-packages") == "extra-lib"


def test_only_what_is_installed_is_a_package() -> None:
    text = ALPINE + (
        "RUN set -e; wget -O /tmp/k.pub https://example.org/keys/app.rsa.pub; DEPS=$(apk query --summarize depends app); \\\n"
        " apk add --no-cache $DEPS; apk add --repositories-file /dev/null -X \"https://example.org/v3\" --no-cache curl $(tools | awk '{print $1}')\n"
    )
    assert value(text, "runtime-packages") == "curl"
    assert value(text, "download") is None


def test_libraries_that_are_compiled_do_not_make_the_program_compiled() -> None:
    text = (
        "FROM alpine:3.20 AS lib\nRUN set -e; wget -O l.tgz https://example.org/lib-1.0.tgz; tar -xf l.tgz; make; make install\nFROM alpine:3.20\n"
        + (
            "COPY --from=lib /usr/local /opt/lib\nENV APP_VERSION=1.2.3\nENV PATH=/opt/app/sbin:$PATH\n"
            "RUN set -e; wget -O app.tgz https://example.org/app-latest-toolchain-$APP_VERSION.tgz; tar -xf app.tgz -C /opt/app; rm app.tgz; \\\n"
            ' su-exec app appctl help; openssl version\nCMD ["app"]\n'
        )
    )
    assert value(text, "source-or-binary") == "binary (archive)"
    assert (value(text, "install-location"), fact(text, "on-path").line) == ("/opt/app", 6)
    assert value(text, "install-checked") == "appctl help"
    assert value(text, "download-pinned") is None


def test_a_script_without_extension_hands_over_to_the_program() -> None:
    script = {"app-foreground": '#!/bin/sh\nset -e\nrm -f /run/app.pid\nexec app -DFOREGROUND "$@"\n'}
    text = ALPINE + 'COPY app-foreground /usr/local/bin/\nCMD ["app-foreground"]\n'
    assert value(text, "foreground", script) == "app"
    assert [f.name for f in sheet(text, script).all("installed-tools")] == ["installed-tools:app"]


def test_a_flag_whose_value_comes_at_run_time_is_no_setting() -> None:
    script = {
        "entry.sh": 'if [ -n "$WAL" ]; then set -- "$@" --waldir "$WAL"; fi\nset -- "$@" --bind_all\nexec "$@"\n'
    }
    text = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n'
    assert {f.name: f.value for f in sheet(text, script).all("configuration")} == {
        "configuration:bind_all": "yes"
    }


def test_what_is_given_at_build_time_is_unknown() -> None:
    windows = (
        "ARG TAG\nFROM mcr.microsoft.com/windows/servercore:${TAG}\nARG HOME_DIR\nENV APP_HOME=${HOME_DIR}\n"
    )
    found = rows(windows, ALPINE + "ENV APP_HOME=/app\nENV OTHER=1\nVOLUME /data\n")
    for name in ("base", "base-pinned", "environment:APP_HOME"):
        assert found[name].verdict.value == "unknown", name
    # the repository is one of Microsoft's bare bases whatever the tag is
    for name in ("environment:OTHER", "volumes"):
        assert found[name].verdict.value == "missing", name


def test_the_images_own_version_may_have_no_name_before_it() -> None:
    text = SERVERCORE + (
        "ARG GIT_VERSION=2.50.1\nARG VERSION=3.4.5\n"
        "RUN Invoke-WebRequest ('https://example.org/tool-{0}.zip' -f $env:GIT_VERSION) -OutFile g.zip; "
        "Invoke-WebRequest ('https://example.org/agent/{0}/agent-{0}.jar' -f $env:VERSION) -OutFile C:\\a\\agent.jar\n"
    )
    assert (value(text, "version"), value(text, "download")) == (
        "3.4.5",
        "https://example.org/agent/3.4.5/agent-3.4.5.jar",
    )


def test_an_entrypoint_without_a_command_is_told_once() -> None:
    found = rows(
        SERVERCORE + 'ENTRYPOINT ["powershell", "-File", "C:/start.ps1"]\n', ALPINE + 'ENTRYPOINT ["agent"]\n'
    )
    assert "command" not in found and found["entrypoint"].verdict.value == "different"


WINDOWS_FLAG = SERVERCORE + 'CMD ["app", "--cache", "1gb"]\n'


@pytest.mark.parametrize(
    ("files", "verdict"),
    [({}, "unknown"), ({"10-app.conf": "other 2\n"}, "extra"), ({"10-app.conf": "cache 2gb\n"}, "different"),
     ({"10-app.conf": "cache = 1gb\n"}, "same")],
)  # fmt: skip
def test_configuration_that_the_twin_copies_is_read(files: dict[str, str], verdict: str) -> None:
    linux = ALPINE + 'COPY 10-app.conf /etc/app/conf.d/\nCMD ["app"]\n'
    found = rows(WINDOWS_FLAG, linux, {}, files)["configuration:cache"]
    assert found.verdict.value == verdict


def test_configuration_that_windows_copies_unread_leaves_settings_open() -> None:
    linux = ALPINE + 'CMD ["app", "--cache", "1gb"]\n'
    windows = SERVERCORE + 'COPY app.ini C:\\\\app\\\\app.ini\nCMD ["C:\\\\app\\\\app.exe"]\n'
    assert rows(windows, linux)["configuration:cache"].verdict.value == "unknown"
    assert rows(windows, linux, {"app.ini": "x=1\n"}, {})["configuration:cache"].verdict.value == "missing"
    assert rows(windows, linux, {"app.ini": "cache=1gb\n"}, {})["configuration:cache"].verdict.value == "same"


def test_json_is_read_by_its_keys() -> None:
    conf = {"app.json": '{"net": {"port": 80, "tls": true}, "name": "x", "list": [1]}'}
    text = SERVERCORE + 'COPY app.json C:\\\\app.json\nCMD ["app", "--config", "C:\\\\app.json"]\n'
    found = {f.about: f.value for f in sheet(text, conf).facts if f.name.startswith("configuration:")}
    assert found == {"net.port": "80", "net.tls": "yes", "name": "x"}


def test_a_servercore_image_is_not_forced_to_copy_from_another() -> None:
    copy = "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    linux = ALPINE + "RUN set -e; make; make install\n"
    name = "copied-image:app:1.2.3-windowsservercore-ltsc2022"
    nano, core = rows(NANOSERVER + copy, linux), rows(SERVERCORE + copy, linux)
    assert (nano[name].verdict.value, core[name].verdict.value) == ("justified", "extra")
    assert "PowerShell" in nano["source-or-binary"].why and "PowerShell" not in core["source-or-binary"].why


def test_a_program_of_the_build_context_is_a_binary() -> None:
    text = NANOSERVER + 'COPY app-7.2.4 C:\\\\app\nCMD ["C:\\\\app\\\\app.exe"]\n'
    assert (value(text, "source-or-binary"), fact(text, "source-or-binary").line) == (
        "binary (build context)",
        2,
    )
    assert value(text, "copied-files:app-7.2.4") == "binary to C:\\app"


def test_a_base_that_nobody_knows_may_declare_more() -> None:
    windows = "FROM someone/app:1-nanoserver\nVOLUME C:\\\\d\nEXPOSE 81\n"
    found = rows(windows, ALPINE + "ENV APP_VERSION 1.2.3\nVOLUME /data\nEXPOSE 80\nRUN set -e; a; make\n")
    for name in ("volumes", "ports", "version-declared", "source-or-binary"):
        assert found[name].verdict.value == "unknown", name
    assert found["build-fails-loudly"].why == "there is no RUN that could fail unseen"


def test_an_installer_of_the_program_tells_its_version() -> None:
    text = (
        SERVERCORE
        + 'ADD sources C:\\\\build\nRUN msiexec /i C:\\build\\app-3.0.7.msi /qn\nRUN curl.exe -fsSL -o C:\\t.zip https://example.org/t-1.2.3.zip\nCMD ["appd"]\n'
    )
    assert (value(text, "version"), fact(text, "version").line) == ("3.0.7", 4)


POSTGRES = SERVERCORE.replace("\n", " AS get\n", 1) + (
    "RUN Invoke-WebRequest https://example.org/app-1.2.3-windows.zip -OutFile app.zip; Expand-Archive app.zip -DestinationPath C:\\; "
    "Invoke-WebRequest https://example.org/tool-1.0.zip -OutFile tool.zip; Expand-Archive tool.zip -DestinationPath C:\\tool\n"
)


@pytest.mark.parametrize(
    ("copies", "start", "place"),
    [
        ("COPY --from=get /tool /tool\nCOPY --from=get /app /app\n", '["app"]', "C:\\app"),
        ("COPY --from=get C:\\\\Apache24 C:\\\\Apache24\n", '["C:\\\\Apache24\\\\bin\\\\httpd.exe"]', "C:\\Apache24"),
        ("COPY --from=get /app.exe /bin/app.exe\n", '["C:\\\\bin\\\\app.exe"]', "C:\\bin"),
        ("COPY --from=get /Windows/System32/a.dll /Windows/System32/\nCOPY --from=get /app /app\n", '["app"]', "C:\\app"),
    ],
)  # fmt: skip
def test_where_a_part_of_another_stage_lands(copies: str, start: str, place: str) -> None:
    assert value(POSTGRES + NANOSERVER + copies + f"CMD {start}\n", "install-location") == place


@pytest.mark.parametrize(
    ("run", "cmd", "place"),
    [
        ("Expand-Archive a.zip -DestinationPath C:\\", "/app-1.2.3/app.exe", "C:\\app-1.2.3"),
        ("Expand-Archive a.zip -DestinationPath C:\\", "app.exe", "C:\\"),
        ("Start-Process a.zip -ArgumentList '/verysilent' -Wait", "app.exe", None),
    ],
)
def test_where_the_program_is_started_from_tells_where_it_is(run: str, cmd: str, place: str | None) -> None:
    url = "https://example.org/app-1.2.3." + ("exe" if "Start-Process" in run else "zip")
    text = (
        SERVERCORE
        + f'RUN Invoke-WebRequest {url} -OutFile a.{url[-3:]}; {run.replace("a.zip", "a." + url[-3:])}; Remove-Item a\nCMD ["{cmd}"]\n'
    )
    assert value(text, "install-location") == place


def test_a_program_of_the_base_may_be_on_its_path() -> None:
    windows = (
        "FROM openjdk:27-windowsservercore-ltsc2022\nRUN Invoke-WebRequest https://example.org/war/2.50/app.war -OutFile /app.war\n"
        'CMD ["java", "-jar", "C:\\\\app.war"]\n'
    )
    from contrib.dockerfile import parse
    from contrib.facts import extract
    from contrib.images.bases import bases

    found = {
        row.fact: row
        for row in compare(
            extract(parse(windows.encode()), bases=bases()),
            sheet(ALPINE + "RUN set -e; make; make install\n"),
        )
    }
    assert found["on-path"].verdict.value == "unknown" and "java may come with" in found["on-path"].why


def test_the_packages_version_is_that_of_its_variable() -> None:
    text = SERVERCORE + (
        "ENV RUBY_VERSION 2.5.0.1\nENV BUNDLER_VERSION 1.16.1\nRUN choco install -y ruby --version $env:RUBY_VERSION; "
        "gem install bundler --version $env:BUNDLER_VERSION\n"
    )
    assert value(text, "version") == "2.5.0.1"
    assert value(text, "install-checked") is None and value(text, "install-location") is None


def test_a_page_that_is_looked_at_is_not_the_download() -> None:
    text = SERVERCORE + (
        "RUN $page = Invoke-WebRequest https://example.org/app/download; Invoke-WebRequest https://example.org/files/app-1.2.3.zip "
        "-OutFile app.zip; Expand-Archive app.zip -DestinationPath C:\\app\n"
    )
    assert value(text, "download") == "https://example.org/files/app-1.2.3.zip"


def test_names_that_are_no_names_are_no_facts() -> None:
    text = SERVERCORE + (
        "RUN cmd /c set | foreach { $v = $_.split('='); [Environment]::SetEnvironmentVariable($v[0], $v[1], 'Machine') }\n"
        'CMD ["C:\\Ruby30\\bin\\ruby.exe --version"]\n'
    )
    assert not [f.name for f in sheet(text).all("environment")] and not sheet(text).all("installed-tools")


def test_a_stage_that_only_names_an_image_is_that_image() -> None:
    text = (
        "FROM python:3.6.1-windowsservercore AS p\n"
        + NANOSERVER
        + 'COPY --from=p /Python /Python\nCMD ["python.exe"]\n'
    )
    assert value(text, "source-or-binary") == "copied from python:3.6.1-windowsservercore"
    assert (value(text, "version"), fact(text, "version").line) == ("3.6.1", 3)


@pytest.mark.parametrize(("run", "tool"), [("go build -o app.exe .", "go"), ("cargo build --release", "cargo"), ("dotnet publish -c Release", "dotnet")])  # fmt: skip
def test_a_verb_that_compiles(run: str, tool: str) -> None:
    assert value(SERVERCORE + f"RUN {run}\n", "source-or-binary") == f"compiled ({tool})"


def test_a_scope_that_a_variable_holds() -> None:
    text = NANOSERVER + 'ARG SETX=/M\nRUN setx %SETX% PATH "%PATH%;C:\\app"\nCMD ["app.exe"]\n'
    assert value(text, "on-path") == "yes: C:\\app"


def test_an_init_before_the_entry_script_is_not_what_starts() -> None:
    linux = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/sbin/tini", "--", "/entry.sh"]\nCMD ["app"]\n'
    found = rows(SERVERCORE + 'CMD ["app"]\n', linux)
    assert found["entrypoint"].verdict.value == "justified" and "exec" in found["entrypoint"].why
    assert "arguments-as-program" not in found
    bare = rows(SERVERCORE + 'CMD ["app"]\n', ALPINE + 'ENTRYPOINT ["tini", "--", "app"]\n')
    assert bare["entrypoint"].why == "Linux starts app with any arguments"


def test_what_only_the_build_of_linux_needs() -> None:
    linux = ALPINE + (
        "RUN set -e; wget -O app.tgz https://example.org/app-1.2.3.tgz; tar -xf app.tgz; "
        "wget -O fix.patch https://example.org/d/1/0001-fix.patch; echo '"
        + "0"
        * 64
        + " fix.patch' | sha256sum -c; patch -i fix.patch; "
        'if [ -n "$rust" ]; then wget https://static.rust-lang.org/rustup/rustup-init; rustc --version; fi; make; make install; app --version\n'
    )
    found = rows(
        SERVERCORE + "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile a.zip\n", linux
    )
    patch = next(name for name in found if name.startswith("download:") and "patch" in name)
    assert found[patch].verdict.value == found["download:rustup-init"].verdict.value == "justified"
    checked = found["install-checked"].linux
    assert checked is not None and checked.value == "app --version"
    assert "installed-tools:rustc" not in found


def test_a_file_that_the_dockerfile_itself_holds() -> None:
    text = ALPINE + 'COPY <<-"EOF" /etc/app.conf\n\tcache 100mb\nEOF\nCMD ["app", "/etc/app.conf"]\n'
    assert value(text, "copied-files:app.conf") == "configuration to /etc/app.conf"
    assert value(text, "configuration:cache") == "100mb"


def test_a_stop_signal_of_windows_has_no_effect() -> None:
    found = rows(SERVERCORE + "STOPSIGNAL SIGTERM\n", ALPINE + "STOPSIGNAL SIGTERM\n")["stop-signal"]
    assert found.verdict.value == "justified"
    assert found.windows is not None and "has no effect" in found.windows.value


def test_a_link_puts_the_program_on_path() -> None:
    text = (
        ALPINE
        + 'RUN set -e; wget -O a.tgz https://example.org/app-1.2.3.tgz; tar -xf a.tgz -C /opt; rm a.tgz\nRUN ln -s /opt/app/bin/app /usr/local/bin/app\nCMD ["app"]\n'
    )
    assert (value(text, "install-location"), fact(text, "on-path").line) == ("/opt/app", 3)


def test_flags_of_the_entrypoint_survive() -> None:
    text = SERVERCORE + 'ENTRYPOINT ["app", "--guard", "no"]\n'
    assert value(text, "default-survives-arguments") == "yes: flags of ENTRYPOINT"


def test_what_cmd_does_itself_is_not_its_child() -> None:
    text = NANOSERVER + 'CMD ["cmd", "/C", "type C:\\\\hello.txt"]\n'
    assert (value(text, "foreground"), fact(text, "foreground").line) == ("cmd", 2)
    assert value(NANOSERVER + 'CMD ["cmd", "/C", "app.exe"]\n', "foreground") == "no: cmd is the main process"


def test_a_value_that_the_build_finds_out_is_not_shown_as_script() -> None:
    text = (
        SERVERCORE
        + "RUN $p = ('C:\\Users\\{0}' -f $env:SOMEBODY); [Environment]::SetEnvironmentVariable('HOMEPATH', $p, 'Machine')\n"
    )
    assert value(text, "environment:HOMEPATH") == "not known from this file"


def test_a_script_that_a_shell_runs_is_a_script() -> None:
    linux = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n'
    windows = SERVERCORE + 'COPY start.ps1 C:\\\\\nENTRYPOINT ["powershell", "-File", "C:/start.ps1"]\n'
    found = rows(windows, linux)["entrypoint"]
    assert found.verdict.value == "different" and "stay between Docker and the program" in found.why


def test_what_only_linux_can_run_or_write_to() -> None:
    log = "sed -i -e 's!^ErrorLog .*!ErrorLog /proc/self/fd/2!' -e 's!^Listen .*!Listen 81!' /etc/app.conf"
    linux = ALPINE + f'RUN {log}\nCOPY 15-local.envsh /docker-entrypoint.d/\nCMD ["app", "/etc/app.conf"]\n'
    found = rows(SERVERCORE + 'CMD ["app"]\n', linux, {}, {"15-local.envsh": "export A=1\n"})
    assert found["configuration:ErrorLog"].verdict.value == "justified"
    assert found["configuration:Listen"].verdict.value == "missing"
    assert found["copied-files:15-local.envsh"].verdict.value == "justified"
