#!/bin/bash
# Writes down a release of Redis ($1, REDIS_ARCHIVE_URL, REDIS_ARCHIVE_SHA) and renders the Dockerfiles.
set -e

TAG="$1"
: "${TAG:?the release} ${REDIS_ARCHIVE_URL:?its archive} ${REDIS_ARCHIVE_SHA:?its digest}"

cat > .redis.version.json <<EOF
{
	"release_tag": "$TAG",
	"redis_download_url": "$REDIS_ARCHIVE_URL",
	"redis_download_sha": "$REDIS_ARCHIVE_SHA"
}
EOF

./bin/render-all-dockerfiles.sh
