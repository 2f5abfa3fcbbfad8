#!/bin/sh
set -e

# what the server writes is nobody else's to read
umask 0077

# flags and configuration files alone are meant for the server
case "$1" in
	-* | *.conf) set -- redis-server "$@" ;;
esac

# as root: hand the data over and step down
if [ "$1" = 'redis-server' ] && [ "$(id -u)" = '0' ]; then
	chown -R redis .
	exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
fi

exec "$@"
