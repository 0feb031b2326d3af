# Sourced by ./test and ./demo: says what is missing and how to get it, before anything is built.
# It installs nothing.

missing=0
need() { # need COMMAND HOW-TO-GET-IT
  command -v "$1" >/dev/null 2>&1 && return 0
  printf 'missing: %s\n  %s\n' "$1" "$2" >&2
  missing=1
}

need cargo 'install Rust 1.95 or newer (rustup)'
need cc 'a C compiler and linker, for SQLite (Debian: apt-get install build-essential)'
need python3 'Python 3.8 or newer (Debian: apt-get install python3 python3-pip)'
need bash 'the scripts of a Flink release are bash scripts'
if command -v python3 >/dev/null 2>&1 && ! python3 -c 'import pip' >/dev/null 2>&1; then
  printf 'missing: pip, which fetches Flink and, where there is none, Java\n  Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip\n' >&2
  missing=1
fi
if command -v cargo >/dev/null 2>&1; then
  have=$(cargo --version | awk '{print $2}')
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" != "$want" ]; then
    printf 'cargo is %s, upshift wants %s or newer\n  rustup update stable\n' "$have" "$want" >&2
    missing=1
  fi
fi
for component in fmt clippy; do
  if command -v cargo >/dev/null 2>&1 && ! cargo "$component" --version >/dev/null 2>&1; then
    printf 'missing: cargo %s\n  rustup component add rustfmt clippy\n' "$component" >&2
    missing=1
  fi
done
[ "$missing" = 0 ] || exit 2
