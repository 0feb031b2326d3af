#!/bin/sh
# Writes knowledge/flink/options.tsv from installed Flink releases, one for each line, oldest first.
# usage: dump.sh FLINK_HOME...      (homes are named after their version: .../flink-1.20.5)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
args=
for home in "$@"; do
    version=$(basename "$(ls "$home"/lib/flink-dist-*.jar)" .jar)
    version=${version#flink-dist-}
    args="$args ${version%.*}=$home"
done
# The default of some options is the JVM's temporary directory: the same on every machine here.
# shellcheck disable=SC2086
java -Djava.io.tmpdir=/tmp -Dfile.encoding=UTF-8 "$here/DumpOptions.java" $args > "$here/../../knowledge/flink/options.tsv"
