#!/bin/sh
set -e

# flags and configuration files alone are meant for the server
case "$1" in
	-* | *.conf) set -- redis-server "$@" ;;
esac

# as root: hand the data over and step down
if [ "$1" = 'redis-server' ] && [ "$(id -u)" = '0' ]; then
	chown -R redis .
	exec gosu redis "$0" "$@"
fi

exec "$@"
