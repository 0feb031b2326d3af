# Sourced by ./test: Maven fetches the servers of Fluss into the cache. Where it is missing,
# root on Debian gets it; everybody else is told how.

if ! command -v mvn >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf 'installing maven, which fetches the servers of Fluss\n' >&2
    apt-get update -qq >&2 && apt-get install -y -qq maven >&2
  else
    printf 'missing: mvn, which fetches the servers of Fluss\n  Debian: apt-get install maven\n' >&2
    exit 2
  fi
fi
