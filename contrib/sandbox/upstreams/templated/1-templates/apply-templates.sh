#!/usr/bin/env bash
# Renders Dockerfile.template for every series of versions.json (or those named) into its directories.
set -Eeuo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
[ -f versions.json ] || { echo >&2 'error: no versions.json; run versions.sh first'; exit 1; }

jqt="${BASHBREW_SCRIPTS:?names the folder with jq-template.awk of docker-library/bashbrew}/jq-template.awk"

if [ "$#" -eq 0 ]; then
	eval "set -- $(jq -r 'keys | map(@sh) | join(" ")' versions.json)"
fi

generated_warning() {
	cat <<-EOH
		#
		# NOTE: THIS DOCKERFILE IS GENERATED VIA "apply-templates.sh"
		#
		# PLEASE DO NOT EDIT IT DIRECTLY.
		#

	EOH
}

for version; do
	rm -rf "$version"

	for variant in debian alpine; do
		export version variant
		dir="$version/$variant"
		mkdir -p "$dir"
		{
			generated_warning
			gawk -f "$jqt" Dockerfile.template
		} > "$dir/Dockerfile"

		cp -a docker-entrypoint.sh "$dir/"
	done
done
