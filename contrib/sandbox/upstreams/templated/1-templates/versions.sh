#!/usr/bin/env bash
# Writes versions.json: for each series (a directory) the newest release and what it is built on.
set -Eeuo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

library='https://github.com/docker-library/official-images/raw/HEAD/library'
format='{{ .TagEntry.Tags | join "\n" }}'
alpine="$(bashbrew cat --format "$format" "$library/alpine:latest" | grep -xE '[0-9]+[.][0-9]+')"
debian="$(bashbrew cat --format "$format" "$library/debian:latest" | grep -xE '[a-z]+' | grep -vxm1 'latest')"

gosuVersion='1.17'
gosuUrl="https://github.com/tianon/gosu/releases/download/$gosuVersion"
gosu="$(
	wget -qO- "$gosuUrl/SHA256SUMS" | jq -csR --arg version "$gosuVersion" --arg url "$gosuUrl" '
		# names of Debian architectures, and what the library file calls them
		{ amd64: "amd64", arm64: "arm64v8", armhf: "arm32v7", i386: "i386" } as $names
		| [ capture("(?<sha256>[0-9a-f]{64})\\s+[*]?gosu-(?<arch>[a-z0-9]+)\n"; "g") | select($names[.arch]) ]
		| { version: $version, arches: (map({ ($names[.arch]): { url: "\($url)/gosu-\(.arch)", sha256 } }) | add) }
	'
)"
export alpine debian gosu

versions=( "$@" )
json='{}'
if [ "${#versions[@]}" -eq 0 ]; then
	versions=( */ )
else
	json="$(cat versions.json)"
fi
versions=( "${versions[@]%/}" )

hashes="$(wget -qO- 'https://github.com/redis/redis-hashes/raw/master/README')"

for version in "${versions[@]}"; do
	export version

	doc="$(
		jq <<<"$hashes" -csR '
			(env.version | rtrimstr("-rc")) as $series
			| [
				capture("hash redis-(?<version>[0-9a-z.-]+)[.]tar[.]gz sha256 (?<sha256>[0-9a-f]{64}) (?<url>\\S+)\n"; "g")
				| select(.version | startswith($series + ".") or startswith($series + "-"))
				| select((.version | contains("-")) == (env.version != $series))
				| { version, url, sha256 }
			]
			| last
		'
	)"
	echo >&2 "$version: $(jq <<<"$doc" -r '.version')"

	json="$(jq <<<"$json" -c --argjson doc "$doc" '
		.[env.version] = ($doc + {
			debian: { version: env.debian },
			alpine: { version: env.alpine },
			gosu: (env.gosu | fromjson),
		})
	')"
done

jq <<<"$json" . > versions.json
