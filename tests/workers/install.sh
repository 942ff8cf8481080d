#!/bin/sh
# Make sure that the tests of the workers have a Redis: one that is there, or the system's package.
set -u
if command -v redis-server >/dev/null; then exit 0; fi
echo "Installing Redis for the tests"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server && exit 0
fi
echo "No Redis could be installed. Install redis-server." >&2
# the tests say so again: they fail where CI=true and are skipped elsewhere
exit 0
