# $1: a folder; $2: how many files and links it should hold. Their digests come on standard input.
[ -d "$1" ] || { if [ -e "$1" ]; then echo 'is there and is no folder' >&2; exit 72; fi; echo absent; exit 0; }
cd "$1" || exit 72
if sha256sum -c - >/dev/null 2>&1 && [ "$(find . ! -type d | wc -l)" -eq "$2" ]; then echo same; else echo different; fi
