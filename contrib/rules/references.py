"""Which Windows releases official images build on, and which images they may start from.

The external pins are those that official-images allows (its ``.external-pins``); a test holds the
data here to that list.
"""

from __future__ import annotations

import re

from contrib.dockerfile.platform import BUILDS, SUCCESSORS, Reference, build_of, release_in

#: Repositories of Microsoft's that official images may start from, and the tags that are pinned.
PINS: dict[str, tuple[str, ...]] = {
    "mcr.microsoft.com/windows/servercore": ("ltsc2022", "ltsc2025"),
    "mcr.microsoft.com/windows/nanoserver": ("ltsc2022", "ltsc2025"),
}

#: Releases that are built today, oldest first.
CURRENT_RELEASES: tuple[str, ...] = ("ltsc2022", "ltsc2025")

#: Releases that official images no longer build.
RETIRED_RELEASES: frozenset[str] = frozenset(BUILDS) - frozenset(CURRENT_RELEASES)

#: Names of official images, current and past (the files in official-images' ``library``).
OFFICIAL: frozenset[str] = frozenset(
    [
        "adminer",
        "adoptopenjdk",
        "aerospike",
        "almalinux",
        "alpine",
        "alt",
        "amazoncorretto",
        "amazonlinux",
        "api-firewall",
        "arangodb",
        "archlinux",
        "azul-zulu",
        "backdrop",
        "bash",
        "bonita",
        "buildpack-deps",
        "busybox",
        "caddy",
        "cassandra",
        "celery",
        "centos",
        "chronograf",
        "cirros",
        "clearlinux",
        "clefos",
        "clickhouse",
        "clojure",
        "composer",
        "consul",
        "convertigo",
        "couchbase",
        "couchdb",
        "crate",
        "dart",
        "debian",
        "django",
        "docker",
        "docker-dev",
        "drupal",
        "eclipse-mosquitto",
        "eclipse-temurin",
        "eggdrop",
        "elasticsearch",
        "elixir",
        "emqx",
        "erlang",
        "espocrm",
        "fedora",
        "flink",
        "fluentd",
        "friendica",
        "gazebo",
        "gcc",
        "geonetwork",
        "ghost",
        "golang",
        "gradle",
        "groovy",
        "haproxy",
        "haskell",
        "haxe",
        "hello-world",
        "hipache",
        "hitch",
        "httpd",
        "hylang",
        "ibm-semeru-runtimes",
        "ibmjava",
        "influxdb",
        "iojs",
        "irssi",
        "java",
        "jenkins",
        "jetty",
        "joomla",
        "jruby",
        "julia",
        "kapacitor",
        "kibana",
        "known",
        "kong",
        "krakend",
        "lightstreamer",
        "liquibase",
        "logstash",
        "mageia",
        "mariadb",
        "matomo",
        "maven",
        "mediawiki",
        "memcached",
        "mongo",
        "mongo-express",
        "monica",
        "mono",
        "mysql",
        "nats",
        "nats-streaming",
        "neo4j",
        "neurodebian",
        "nextcloud",
        "nginx",
        "nim",
        "node",
        "notary",
        "nuxeo",
        "odoo",
        "open-liberty",
        "openjdk",
        "opensuse",
        "oraclelinux",
        "orientdb",
        "owncloud",
        "percona",
        "perl",
        "photon",
        "php",
        "php-zendserver",
        "phpmyadmin",
        "piwik",
        "plone",
        "postfixadmin",
        "postgres",
        "pypy",
        "python",
        "r-base",
        "rabbitmq",
        "rails",
        "rakudo-star",
        "rapidoid",
        "redis",
        "redmine",
        "registry",
        "rethinkdb",
        "rocket.chat",
        "rockylinux",
        "ros",
        "ruby",
        "rust",
        "sapmachine",
        "satosa",
        "scratch",
        "sentry",
        "silverpeas",
        "solr",
        "sonarqube",
        "sourcemage",
        "spark",
        "spiped",
        "storm",
        "swift",
        "swipl",
        "teamspeak",
        "telegraf",
        "tomcat",
        "tomee",
        "traefik",
        "ubuntu",
        "unit",
        "varnish",
        "vault",
        "vertx",
        "websphere-liberty",
        "wordpress",
        "xwiki",
        "yourls",
        "znc",
        "zookeeper",
    ]
)


def official(reference: Reference) -> bool:
    """An official image: a name without a slash (the bare names of Microsoft's are none)."""
    name = reference.repository
    return bool(name) and "/" not in name and name.lower() not in SUCCESSORS


def retired(reference: Reference) -> bool:
    """A name on Docker Hub (or on a build host) that Microsoft has given up."""
    name = reference.repository.lower()
    return name in SUCCESSORS or name.startswith("microsoft/")


def moving(reference: Reference) -> bool:
    """No tag, or ``latest``, and no digest."""
    return reference.digest is None and reference.tag in (None, "latest")


def same_release(one: str, other: str) -> bool:
    """Two names of one release (``1809`` and ``ltsc2019``) are the same kernel."""
    return one == other or build_of(one) == build_of(other)


def with_release(text: str, release: str) -> str | None:
    """The image reference on another Windows release, where such a tag is known to be there; None elsewhere.

    Only the two bases of Microsoft have the bare release as their tag; in another repository the release is replaced
    in the tag that is written. What Docker Hub has lost has no new tags.

    >>> with_release("mcr.microsoft.com/windows/servercore:1809", "ltsc2022")
    'mcr.microsoft.com/windows/servercore:ltsc2022'
    >>> with_release("mcr.microsoft.com/dotnet/framework/runtime:4.8-windowsservercore-ltsc2019", "ltsc2022")
    'mcr.microsoft.com/dotnet/framework/runtime:4.8-windowsservercore-ltsc2022'
    >>> with_release("mcr.microsoft.com/dotnet/framework/runtime", "ltsc2022") is None
    True
    """
    name, colon, tag = text.rpartition(":") if "/" not in text.rpartition(":")[2] else (text, "", "")
    if not colon:
        name, tag = text, ""
    if name.lower() in _BARE:
        return f"{name}:{release}"
    if not name.lower().startswith("mcr.microsoft.com/"):
        return None
    found = release_in(tag)
    written = next((word for word in re.split(r"[-_]", tag) if word and release_in(word) == found), None)
    return f"{name}:{tag.replace(written, release)}" if found is not None and written is not None else None


_BARE = frozenset(("mcr.microsoft.com/windows/servercore", "mcr.microsoft.com/windows/nanoserver"))
