"""Versions and names from the names of real release files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.values import assets

#: File name, product, version: names as projects publish them for Windows.
ASSETS = [
    ("app-3.13.1-amd64.exe", "app", "3.13.1"),
    ("python-3.13.1-amd64.exe", "python", "3.13.1"),
    ("python-3.13.1-arm64.exe", "python", "3.13.1"),
    ("python-3.13.0rc1-amd64.exe", "python", "3.13.0rc1"),
    ("python-3.13.0a6-embed-amd64.zip", "python", "3.13.0a6"),
    ("app-3.15.0b3-amd64.exe", "app", "3.15.0b3"),
    ("app-2.0.0-rc.1-windows-amd64.zip", "app", "2.0.0-rc.1"),
    ("MinGit-2.20.1-busybox-64-bit.zip", "mingit", "2.20.1"),
    ("MinGit-2.48.1-64-bit.zip", "mingit", "2.48.1"),
    ("Git-2.45.2-64-bit.exe", "git", "2.45.2"),
    ("PortableGit-2.45.2-64-bit.7z.exe", "portablegit", "2.45.2"),
    ("httpd-2.4.38-win64-VC14.zip", "httpd", "2.4.38"),
    ("httpd-2.4.62-240904-win64-VS17.zip", "httpd", "2.4.62"),
    ("tool-1.2.3-bin.zip", "tool", "1.2.3"),
    ("lib-1.2.3-any.zip", "lib", "1.2.3"),
    ("tool-1.2.3-arm64.zip", "tool", "1.2.3"),
    ("tool-1.2.3-all.jar", "tool", "1.2.3"),
    ("tool-1.2.3-msvc.zip", "tool", "1.2.3"),
    ("tool-1.2.3-beta.zip", "tool", "1.2.3-beta"),
    ("tool-1.2.3-b.zip", "tool", "1.2.3-b"),
    ("tool-1.2.3-m2.zip", "tool", "1.2.3-m2"),
    ("tool-1.2.3-M2.zip", "tool", "1.2.3-M2"),
    ("tool-1.2.3x64.zip", "tool", "1.2.3"),
    ("caddy_2.10.0_windows_amd64.zip", "caddy", "2.10.0"),
    ("caddy_2.10.0-beta.4_windows_amd64.zip", "caddy", "2.10.0-beta.4"),
    ("ripgrep-14.1.1-x86_64-pc-windows-msvc.zip", "ripgrep", "14.1.1"),
    ("buildx-v0.36.1.windows-amd64.exe", "buildx", "0.36.1"),
    ("go1.27.0.windows-amd64.zip", "go", "1.27.0"),
    ("go1.27rc2.windows-amd64.zip", "go", "1.27rc2"),
    ("Redis-7.2.5-Windows-x64-msys2-with-Service.zip", "redis", "7.2.5"),
    ("Redis-x64-3.2.100.zip", "redis", "3.2.100"),
    ("Redis-x64-5.0.14.1.msi", "redis", "5.0.14.1"),
    ("rabbitmq-server-windows-3.13.6.zip", "rabbitmq-server", "3.13.6"),
    ("rabbitmq-server-windows-4.0.0-beta.3.zip", "rabbitmq-server", "4.0.0-beta.3"),
    ("otp_win64_26.2.5.exe", "otp", "26.2.5"),
    ("mongodb-windows-x86_64-8.0.4-signed.msi", "mongodb", "8.0.4"),
    ("mongodb-windows-x86_64-7.0.0-rc8.zip", "mongodb", "7.0.0-rc8"),
    ("mysql-8.0.36-winx64.zip", "mysql", "8.0.36"),
    ("mariadb-11.4.2-winx64.zip", "mariadb", "11.4.2"),
    ("postgresql-16.3-1-windows-x64-binaries.zip", "postgresql", "16.3"),
    ("php-8.3.10-nts-Win32-vs16-x64.zip", "php", "8.3.10"),
    ("php-8.4.0RC1-Win32-vs17-x64.zip", "php", "8.4.0RC1"),
    ("node-v20.11.1-win-x64.zip", "node", "20.11.1"),
    ("node-v20.11.1-x64.msi", "node", "20.11.1"),
    ("apache-tomcat-10.1.25-windows-x64.zip", "apache-tomcat", "10.1.25"),
    ("apache-tomcat-11.0.0-M20.zip", "apache-tomcat", "11.0.0-M20"),
    ("apache-maven-3.9.8-bin.zip", "apache-maven", "3.9.8"),
    ("gradle-8.8-bin.zip", "gradle", "8.8"),
    ("kafka_2.13-3.7.1.tgz", "kafka", "3.7.1"),
    ("julia-1.10.4-win64.exe", "julia", "1.10.4"),
    ("pypy3.10-v7.3.16-win64.zip", "pypy", "7.3.16"),
    ("rubyinstaller-3.3.4-1-x64.exe", "rubyinstaller", "3.3.4"),
    ("strawberry-perl-5.38.2.2-64bit-portable.zip", "strawberry-perl", "5.38.2.2"),
    ("vault_1.17.2_windows_amd64.zip", "vault", "1.17.2"),
    ("consul_1.19.1_windows_386.zip", "consul", "1.19.1"),
    ("nats-server-v2.10.18-windows-amd64.zip", "nats-server", "2.10.18"),
    ("traefik_v3.1.0_windows_amd64.zip", "traefik", "3.1.0"),
    ("dotnet-sdk-8.0.303-win-x64.zip", "dotnet-sdk", "8.0.303"),
    ("dotnet-sdk-9.0.100-preview.6.24328.19-win-x64.zip", "dotnet-sdk", "9.0.100-preview.6.24328.19"),
    ("PowerShell-7.5.0-preview.3-win-x64.zip", "powershell", "7.5.0-preview.3"),
    ("amazon-corretto-21.0.4.7.1-windows-x64-jdk.zip", "amazon-corretto", "21.0.4.7.1"),
    ("microsoft-jdk-21.0.4-windows-x64.zip", "microsoft-jdk", "21.0.4"),
    ("OpenJDK21U-jdk_x64_windows_hotspot_21.0.4_7.zip", "openjdk21u-jdk-hotspot", "21.0.4"),
    ("openjdk-21.0.2_windows-x64_bin.zip", "openjdk", "21.0.2"),
    ("graalvm-community-jdk-22.0.1_windows-x64_bin.zip", "graalvm-community-jdk", "22.0.1"),
    ("curl-8.8.0_3-win64-mingw.zip", "curl", "8.8.0"),
    ("openssl-1.1.1w.tar.gz", "openssl", "1.1.1w"),
    ("nginx-1.27.0.zip", "nginx", "1.27.0"),
    ("docker-28.5.1.zip", "docker", "28.5.1"),
    ("docker-compose-windows-x86_64.exe", "docker-compose", None),
    ("boost_1_85_0.zip", "boost", "1.85.0"),
    ("7z2407-x64.exe", "7z2407", None),
    ("tool-net8.0-win-x64.zip", "tool", None),
    ("tool-1.4.0-net8.0.zip", "tool", "1.4.0"),
    ("tool-glibc2.17-x86_64.tar.gz", "tool", None),
    ("app-windows-amd64.zip", "app", None),
    ("app.win32.zip", "app", None),
    ("remoting-3355.10.jar", "remoting", "3355.10"),
    ("chromedriver-win64.zip", "chromedriver", None),
    ("jenkins-agent-3.256.jar", "jenkins-agent", "3.256"),
    ("git-lfs-windows-amd64-v3.5.1.zip", "git-lfs", "3.5.1"),
    ("gh_2.52.0_windows_amd64.msi", "gh", "2.52.0"),
    ("helm-v3.15.2-windows-amd64.zip", "helm", "3.15.2"),
    ("cmake-3.31.0-rc1-windows-arm64.msi", "cmake", "3.31.0-rc1"),
    ("LLVM-18.1.8-win64.exe", "llvm", "18.1.8"),
    ("rust-1.79.0-x86_64-pc-windows-msvc.msi", "rust", "1.79.0"),
    ("ffmpeg-7.0.1-essentials_build.7z", "ffmpeg", "7.0.1"),
    ("ImageMagick-7.1.1-34-Q16-HDRI-x64-dll.exe", "imagemagick", "7.1.1"),
    ("Win64OpenSSL-3_3_1.exe", "win64openssl", "3.3.1"),
    ("windowsdesktop-runtime-8.0.6-win-x64.exe", "windowsdesktop-runtime", "8.0.6"),
    ("mongodb-win32-x86_64-2012plus-4.2.25-signed.msi", "mongodb", "4.2.25"),
    ("mongodb-win32-x86_64-2008plus-ssl-3.4.24-signed.msi", "mongodb", "3.4.24"),
    ("mongosh-2.2.10-win32-x64.zip", "mongosh", "2.2.10"),
    ("mongodb-database-tools-windows-x86_64-100.9.5.msi", "mongodb-database-tools", "100.9.5"),
    ("mysql-8.4.0-winx64-debug-test.zip", "mysql", "8.4.0"),
    ("grafana-enterprise-11.1.0.windows-amd64.zip", "grafana-enterprise", "11.1.0"),
    ("windows_exporter-0.25.1-amd64.msi", "windows-exporter", "0.25.1"),
    ("influxdb2-2.7.6-windows.zip", "influxdb2", "2.7.6"),
    ("fluent-bit-3.0.7-win64.exe", "fluent-bit", "3.0.7"),
    ("td-agent-4.5.2-x64.msi", "td-agent", "4.5.2"),
    ("zulu21.34.19-ca-jdk21.0.3-win_x64.zip", "zulu", "21.34.19"),
    ("bellsoft-jdk21.0.3+12-windows-amd64.zip", "bellsoft-jdk", "21.0.3"),
    ("wildfly-32.0.1.Final.zip", "wildfly", "32.0.1"),
    ("php_redis-6.0.2-8.3-nts-vs16-x64.zip", "php-redis", "6.0.2"),
    ("iisnode-full-v0.2.26-x64.msi", "iisnode", "0.2.26"),
    ("nssm-2.24-101-g897c7ad.zip", "nssm", "2.24"),
    ("wix311-binaries.zip", "wix311", None),
    ("buildkit-v0.14.1.windows-amd64.tar.gz", "buildkit", "0.14.1"),
    ("esl-erlang_25.3_windows_amd64.exe", "esl-erlang", "25.3"),
    ("rtools44-6104-6039.exe", "rtools44", None),
    ("Miniconda3-py312_24.5.0-0-Windows-x86_64.exe", "miniconda3-py312", "24.5.0"),
    ("Anaconda3-2024.06-1-Windows-x86_64.exe", "anaconda3", "2024.06"),
    ("python.3.12.4.nupkg", "python", "3.12.4"),
    ("msodbcsql_17.10.5.1_x64.msi", "msodbcsql", "17.10.5.1"),
    ("AWSCLIV2-2.16.12.msi", "awscliv2", "2.16.12"),
    ("vsts-agent-win-x64-3.241.0.zip", "vsts-agent", "3.241.0"),
    ("Octopus.Tentacle.8.1.1890-x64.msi", "octopus-tentacle", "8.1.1890"),
    ("tomcat-native-2.0.7-openssl-3.0.13-win32-bin.zip", "tomcat-native", "2.0.7"),
    ("nexus-3.69.0-02-java17-win64.zip", "nexus", "3.69.0"),
    ("gvim_9.1.0500_x64.zip", "gvim", "9.1.0500"),
    ("w64devkit-1.23.0.zip", "w64devkit", "1.23.0"),
    ("gsudo.portable.zip", "gsudo", None),
    ("OpenJDK8U-jdk_x64_windows_hotspot_8u412b08.zip", "openjdk8u-jdk-hotspot", "8u412"),
    ("windows-terminal-1.20.11781.0.zip", "windows-terminal", "1.20.11781.0"),
    ("windows-amd64-app-1.2.3.zip", "app", "1.2.3"),
    ("app-1.2.3-64-bit.zip", "app", "1.2.3"),
    ("jdk8u412-b08.zip", "jdk", "8u412"),
]


@pytest.mark.parametrize(("name", "product", "version"), ASSETS, ids=[name for name, _, _ in ASSETS])
def test_names_of_real_files(name: str, product: str, version: str | None) -> None:
    found = assets.asset(name)
    assert (found.product, found.version) == (product, version)
    url = f"https://example.org/dl/{name}"
    assert assets.version(url) == version
    if version is not None and found.certain:
        assert assets.whole(url, version)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://example.org/app-3.13.1-amd64.exe", "3.13.1-a"),
        ("https://example.org/app-3.13.10.exe", "3.13.1"),
        ("https://example.org/app-13.1.0.exe", "3.1.0"),
        ("https://example.org/app-1.2.3.4.exe", "1.2.3"),
        ("https://example.org/tool-1.2.3foo.zip", "1.2.3"),
        ("https://example.org/boost_1_85_0.zip", "1.85.0"),
    ],
)
def test_a_part_of_a_token_is_not_a_version(url: str, text: str) -> None:
    assert not assets.whole(url, text)


@pytest.mark.parametrize(
    "url",
    [
        "https://aka.ms/vs/17/release/vc_redist.x64.exe",
        "https://aka.ms/vs/17/release/vs_buildtools.exe",
        "https://example.org/dl/app-windows-amd64.zip",
        "https://example.org/win64/app.zip",
        "https://example.org/x86_64/app.zip",
        "https://example.org/vs/16/app-win32-vc15.zip",
        "https://example.org/vs2022/app-x64.exe",
        "https://go.microsoft.com/fwlink/?LinkId=691980",
        "https://bit.ly/3xyzabc",
        "https://example.org/latest/app-1.2.3.zip",
        "https://example.org/app-latest.zip",
        "https://github.com/o/r/releases/latest/download/app.zip",
        "https://github.com/o/r/archive/main.zip",
        "https://github.com/o/r/archive/refs/heads/release-1.2.3.zip",
        "https://raw.githubusercontent.com/o/r/master/install.ps1",
        "https://gitlab.example.org/o/r/-/archive/main/r-main.zip",
        "https://community.chocolatey.org/install.ps1",
        "https://get.scoop.sh",
    ],
)
def test_addresses_that_move(url: str) -> None:
    assert assets.moving(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/org/app/main/remoting/3355.10/remoting-3355.10.jar",
        "https://download.docker.com/win/static/stable/x86_64/docker-28.5.1.zip",
        "https://example.org/a/7z2407-x64.exe",
        "https://example.org/OpenJDK8U-jdk_x64_windows_hotspot_8u412b08.zip",
        "https://example.org/boost_1_85_0.zip",
        "https://raw.githubusercontent.com/o/r/0123456789abcdef0123456789abcdef01234567/install.ps1",
        "https://raw.githubusercontent.com/o/r/v1.2.3/install.ps1",
        "https://github.com/o/r/archive/refs/tags/1.2.3.zip",
        "https://example.org/download?version=1.2.3",
        "https://example.org/download/pr/9565895b-35a6-434b-a881-11a6f4beec76/x/vc_redist.x64.exe",
        "https://example.org/app-$env:VERSION.zip",
        "https://example.org/releases/r1234/app.zip",
        "https://example.org/app-20240630.zip",
    ],
)
def test_addresses_that_do_not(url: str) -> None:
    assert assets.moving(url) is None


@given(st.text(max_size=60))
def test_any_text_is_an_address(text: str) -> None:
    assets.product(text)
    assets.moving(text)
    found = assets.version(text)
    assert found is None or found[0].isdigit()


NUMBERS = st.lists(st.integers(0, 99), min_size=2, max_size=4).map(lambda parts: ".".join(map(str, parts)))
TAILS = st.lists(
    st.sampled_from(
        ["windows", "amd64", "x86_64", "64-bit", "bin", "any", "VC14", "msvc", "arm64", "busybox"]
    ),
    max_size=3,
)


@given(NUMBERS, st.sampled_from(["-", "_"]), TAILS, st.sampled_from(["", "v"]))
def test_platform_words_never_change_the_version(number: str, sep: str, tail: list[str], v: str) -> None:
    name = sep.join(["tool", v + number, *tail]) + ".zip"
    assert assets.asset(name) == assets.Asset("tool", number, True)


@pytest.mark.parametrize(
    ("url", "product", "version"),
    [
        ("https://dl.k8s.io/release/v1.30.2/bin/windows/amd64/kubectl.exe", "kubectl", "1.30.2"),
        ("https://github.com/jqlang/jq/releases/download/jq-1.7.1/jq-windows-amd64.exe", "jq", "1.7.1"),
        ("https://github.com/stedolan/jq/releases/download/jq-1.6/jq-win64.exe", "jq", "1.6"),
        ("https://github.com/mikefarah/yq/releases/download/v4.44.2/yq_windows_amd64.exe", "yq", "4.44.2"),
        ("https://github.com/ninja-build/ninja/releases/download/v1.12.1/ninja-win.zip", "ninja", "1.12.1"),
        (
            "https://static.rust-lang.org/rustup/archive/1.27.1/x86_64-pc-windows-msvc/rustup-init.exe",
            "rustup-init",
            "1.27.1",
        ),
        (
            "https://github.com/denoland/deno/releases/download/v1.44.4/deno-x86_64-pc-windows-msvc.zip",
            "deno",
            "1.44.4",
        ),
        ("https://github.com/oven-sh/bun/releases/download/bun-v1.1.17/bun-windows-x64.zip", "bun", "1.1.17"),
        ("https://github.com/pnpm/pnpm/releases/download/v9.4.0/pnpm-win-x64.exe", "pnpm", "9.4.0"),
        (
            "https://chromedriver.storage.googleapis.com/114.0.5735.90/chromedriver_win32.zip",
            "chromedriver",
            "114.0.5735.90",
        ),
        (
            "https://github.com/docker/compose/releases/download/v2.28.1/docker-compose-windows-x86_64.exe",
            "docker-compose",
            "2.28.1",
        ),
        ("https://dist.nuget.org/win-x86-commandline/v6.10.0/nuget.exe", "nuget", "6.10.0"),
        ("https://www.nuget.org/api/v2/package/python/3.12.4", "python", "3.12.4"),
        ("https://www.python.org/ftp/python/3.13.0/python-3.13.0rc3-amd64.exe", "python", "3.13.0rc3"),
        ("https://nodejs.org/dist/v20.15.0/node-v20.15.0-win-x64.zip", "node", "20.15.0"),
        ("https://nodejs.org/dist/v20.15.0/win-x64/node.exe", "node", "20.15.0"),
        (
            "https://archive.apache.org/dist/maven/maven-3/3.9.8/binaries/apache-maven-3.9.8-bin.zip",
            "apache-maven",
            "3.9.8",
        ),
        (
            "https://corretto.aws/downloads/resources/17.0.11.9.1/amazon-corretto-17.0.11.9.1-windows-x64-jdk.zip",
            "amazon-corretto",
            "17.0.11.9.1",
        ),
        (
            "https://github.com/adoptium/temurin17-binaries/releases/download/jdk-17.0.11%2B9/OpenJDK17U-jdk_x64_windows_hotspot_17.0.11_9.zip",
            "openjdk17u-jdk-hotspot",
            "17.0.11",
        ),
        (
            "https://github.com/winsw/winsw/releases/download/v3.0.0-alpha.11/WinSW-x64.exe",
            "winsw",
            "3.0.0-alpha.11",
        ),
        (
            "https://github.com/git-for-windows/git/releases/download/v2.45.2.windows.1/MinGit-2.45.2-64-bit.zip",
            "mingit",
            "2.45.2",
        ),
        (
            "https://github.com/PowerShell/PowerShell/releases/download/v7.5.0-preview.3/PowerShell-7.5.0-preview.3-win-x64.zip",
            "powershell",
            "7.5.0-preview.3",
        ),
        ("https://github.com/microsoft/vswhere/releases/download/3.1.7/vswhere.exe", "vswhere", "3.1.7"),
        ("https://get.jenkins.io/war-stable/2.452.2/jenkins.war", "jenkins", "2.452.2"),
        ("https://github.com/rancher/wins/releases/download/v0.4.17/wins.exe", "wins", "0.4.17"),
        ("https://github.com/coreos/etcd/archive/refs/tags/v3.5.14.tar.gz", "etcd", "3.5.14"),
        ("https://github.com/redis/redis/archive/7.2.5.tar.gz", "redis", "7.2.5"),
        ("https://codeload.github.com/redis/redis/tar.gz/refs/tags/7.2.5", "redis", "7.2.5"),
        ("https://registry.npmjs.org/yarn/-/yarn-1.22.22.tgz", "yarn", "1.22.22"),
        ("https://rubygems.org/downloads/bundler-2.5.14.gem", "bundler", "2.5.14"),
        ("https://files.pythonhosted.org/packages/py3/p/pip/pip-24.1.1-py3-none-any.whl", "pip", "24.1.1"),
        (
            "https://repo1.maven.org/maven2/org/jolokia/jolokia-jvm/1.7.2/jolokia-jvm-1.7.2-agent.jar",
            "jolokia-jvm",
            "1.7.2",
        ),
        ("https://dl.google.com/go/go1.22.5.windows-amd64.zip", "go", "1.22.5"),
        ("https://sourceforge.net/projects/nsis/files/NSIS%203/3.10/nsis-3.10.zip/download", "nsis", "3.10"),
        ("https://sourceforge.net/projects/sevenzip/files/7-Zip/24.07/7z2407-x64.exe", "7z2407", "24.07"),
        ("https://download.redis.io/releases/redis-8.0-rc1.tar.gz", "redis", "8.0-rc1"),
        (
            "https://dlcdn.apache.org/tomcat/tomcat-10/v10.1.25/bin/apache-tomcat-10.1.25-windows-x64.zip",
            "apache-tomcat",
            "10.1.25",
        ),
        (
            "https://github.com/tporadowski/redis/releases/download/v5.0.14.1/Redis-x64-5.0.14.1.zip",
            "redis",
            "5.0.14.1",
        ),
        ("https://windows.php.net/downloads/releases/php-8.3.8-Win32-vs16-x64.zip", "php", "8.3.8"),
        (
            "https://www.apachelounge.com/download/VS17/binaries/httpd-2.4.59-240605-win64-VS17.zip",
            "httpd",
            "2.4.59",
        ),
    ],
)
def test_addresses_whose_path_has_the_version_or_the_name(url: str, product: str, version: str) -> None:
    assert (assets.product(url), assets.version(url)) == (product, version)
    assert assets.whole(url, version)
