#!/usr/bin/env bash
# Prints the library file of official-images for what is committed here.
set -Eeuo pipefail

declare -A aliases=(
	[7.0]='7 latest'
)

self="$(basename "${BASH_SOURCE[0]}")"
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ "$#" -eq 0 ]; then
	eval "set -- $(jq -r 'keys | map(@sh) | join(" ")' versions.json)"
fi
mapfile -t versions < <(printf '%s\n' "$@" | sort -rV)
set -- "${versions[@]}"

# the last commit that touched one of the files
fileCommit() {
	git log -1 --format='format:%H' HEAD -- "$@"
}

# the last commit that touched a directory's Dockerfile or what it copies
dirCommit() {
	local dir="$1"; shift
	local copied
	mapfile -t copied < <(git show "HEAD:$dir/Dockerfile" | awk 'toupper($1) == "COPY" { for (i = 2; i < NF; i++) print $i }')
	( cd "$dir" && fileCommit Dockerfile "${copied[@]}" )
}

# architectures of the images that ours are built on
getArches() {
	local official='https://github.com/docker-library/official-images/raw/HEAD/library'
	local froms
	froms="$(find . -name Dockerfile -exec awk -v official="$official" '
		toupper($1) == "FROM" && $2 !~ "/" && $2 !~ /^('"$1"'|scratch)(:|$)/ { print official "/" $2 }
	' '{}' + | sort -u)"
	eval "declare -g -A parentRepoToArches=( $(
		xargs <<<"$froms" bashbrew cat --format '[{{ .RepoName }}:{{ .TagName }}]="{{ join " " .TagEntry.Architectures }}"'
	) )"
}
getArches 'redis'

cat <<-EOH
# this file is generated via https://github.com/docker-library/redis/blob/$(fileCommit "$self")/$self

Maintainers: A Maintainer of the Demo <maintainer@example.org> (@demo-maintainer)
GitRepo: https://github.com/docker-library/redis.git
EOH

# the words after the first, with the first between them
join() {
	local sep="$1"; shift
	local out; printf -v out "${sep//%/%%}%s" "$@"
	echo "${out#"$sep"}"
}

for version; do
	export version

	fullVersion="$(jq -r '.[env.version].version' versions.json)"
	versionAliases=()
	while [ "$fullVersion" != "$version" ] && [ "${fullVersion%.*}" != "$fullVersion" ]; do
		versionAliases+=( "$fullVersion" )
		fullVersion="${fullVersion%.*}"
	done
	# shellcheck disable=SC2206 # an alias is one word
	versionAliases+=( "$version" ${aliases[$version]:-} )

	for variant in debian alpine; do
		dir="$version/$variant"
		commit="$(dirCommit "$dir")"
		parent="$(awk 'toupper($1) == "FROM" { print $2 }' "$dir/Dockerfile")"
		suite="${parent#*:}"

		if [ "$variant" = 'debian' ]; then
			suite="${suite%-slim}"
			variantAliases=( "${versionAliases[@]}" )
		else
			suite="$variant$suite"
			variantAliases=( "${versionAliases[@]/%/-$variant}" )
		fi
		variantAliases+=( "${versionAliases[@]/%/-$suite}" )
		variantAliases=( "${variantAliases[@]//latest-/}" )

		arches="$(jq -r --arg parent "${parentRepoToArches[$parent]}" '
			(.[env.version].gosu.arches | keys) as $gosu
			| $parent | split(" ") | map(select(IN($gosu[]))) | join(", ")
		' versions.json)"

		echo
		cat <<-EOE
			Tags: $(join ', ' "${variantAliases[@]}")
			Architectures: $arches
			GitCommit: $commit
			Directory: $dir
		EOE
	done
done
