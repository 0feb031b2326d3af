#!/usr/bin/env bash
# Rows of changes tried on the published classes of Alluxio and Fluss: published.tsv says which option is
# asked of which two releases, and what they answer. Needs mvn and a JDK of 17 or later.
# usage: published.sh [WORK_DIR]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
wrong=0
javac -d "$work/classes" "$here/Published.java"
classpath() { # group:artifact version
    local dir="$work/$2"
    mkdir -p "$dir"
    if [ ! -s "$dir/cp.txt" ]; then
        cat > "$dir/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
<dependencies><dependency><groupId>${1%:*}</groupId><artifactId>${1#*:}</artifactId><version>$2</version></dependency></dependencies></project>
POM
        (cd "$dir" && mvn -q -B dependency:build-classpath -Dmdep.outputFile=cp.txt >mvn.log 2>&1) ||
            { echo "$1 $2 cannot be fetched: see $dir/mvn.log" >&2; exit 1; }
    fi
    cat "$dir/cp.txt"
}
ask() { # group:artifact version key
    java -cp "$work/classes:$(classpath "$1" "$2")" Published "$3" 2>/dev/null | tail -1
}
while IFS=$'\t' read -r row old_at old new_at new key old_says new_says; do
    case $row in '#'*) continue ;; esac
    was=$(ask "$old_at" "$old" "$key") is=$(ask "$new_at" "$new" "$key")
    echo "$row: $key: $old says \"$was\", $new says \"$is\""
    if [ "$was" != "$old_says" ] || [ "$is" != "$new_says" ]; then
        echo "  expected \"$old_says\" and \"$new_says\""
        wrong=$((wrong + 1))
    fi
done < "$here/published.tsv"
[ "$wrong" = 0 ] || { echo "$wrong rows were not seen so"; exit 1; }
