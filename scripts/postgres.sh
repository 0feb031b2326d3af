# Sourced by ./test: the tests of the shared store need the programs of a PostgreSQL server (initdb, postgres, psql);
# they start one of their own. Where they are missing, root on Debian gets them; everybody else is told how.

initdb=
for at in /usr/lib/postgresql/*/bin/initdb /usr/pgsql/bin/initdb /usr/local/pgsql/bin/initdb /usr/bin/initdb /usr/local/bin/initdb; do
  [ ! -x "$at" ] || initdb=$at
done
if [ -z "$initdb" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf 'installing postgresql, for the tests of the shared store\n' >&2
    apt-get update -qq >&2 && apt-get install -y -qq postgresql >&2
  else
    printf 'missing: PostgreSQL, for the tests of the shared store\n  Debian: apt-get install postgresql\n' >&2
    exit 2
  fi
fi
