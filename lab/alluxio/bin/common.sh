# What the stand-in scripts of an installation share: where it is, how a class is run, which process is whose.
#
# An installation looks like a release's: bin, conf, logs, and conf/alluxio-env.sh with JAVA_HOME and ALLUXIO_JARS. What is
# not here is upstream's own text: no release with its scripts is published, only the classes are.
set -u
ALLUXIO_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ALLUXIO_HOME/conf/alluxio-env.sh"
VERSION=$(cat "$ALLUXIO_HOME/VERSION")
LOGS=$ALLUXIO_HOME/logs

# run_class HEAP [-Dx=y…] CLASS ARGS…
java_words() {
  local heap=$1 p
  shift
  WORDS=("$JAVA_HOME/bin/java" "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
  for p in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent \
    java.util.concurrent.atomic sun.nio.ch sun.nio.cs sun.security.action jdk.internal.loader jdk.internal.ref; do
    WORDS+=(--add-opens "java.base/$p=ALL-UNNAMED")
  done
  WORDS+=(--add-exports java.base/jdk.internal.ref=ALL-UNNAMED -Dio.netty.tryReflectionSetAccessible=true
    -cp "$ALLUXIO_HOME/conf:$ALLUXIO_JARS/*:${ALLUXIO_CLASSES:-}"
    "-Dalluxio.home=$ALLUXIO_HOME" "-Dalluxio.conf.dir=$ALLUXIO_HOME/conf" "-Dalluxio.logs.dir=$LOGS"
    "-Dalluxio.user.logs.dir=$LOGS" "-Dlog4j.configuration=file:$ALLUXIO_HOME/conf/log4j.properties"
    -Djava.net.preferIPv4Stack=true
    -Dorg.apache.ratis.thirdparty.io.netty.allocator.useCacheForAllThreads=false "$@")
}

property() { sed -n "s/^$1=//p" "$ALLUXIO_HOME/conf/alluxio-site.properties" | tail -1; }

pid_of() { cat "$LOGS/$1.pid" 2>/dev/null; }
# A zombie waits only for somebody to look: it is gone.
alive() { [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat" 2>/dev/null; }
runs() { local p; p=$(pid_of "$1") && alive "$p"; }

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# start_process NAME PORT [-Dx=y…] CLASS: 0 whatever comes of it, as upstream's scripts do
start_process() {
  local name=$1 port=$2
  shift 2
  java_words "${ALLUXIO_HEAP:-768m}" "$@"
  setsid "${WORDS[@]}" >>"$LOGS/$name.out" 2>&1 </dev/null &
  echo $! >"$LOGS/$name.pid"
  for _ in $(seq 1 240); do
    runs "$name" || break
    if listens "$port"; then
      echo "[ OK ] The $name is healthy."
      return 0
    fi
    sleep 0.5
  done
  echo "[ FAILED ] The $name is not serving; see $LOGS/$name.out"
}

stop_process() {
  local p
  p=$(pid_of "$1") || { echo "No $1 to stop"; return 0; }
  kill -TERM "$p" 2>/dev/null
  for _ in $(seq 1 240); do
    alive "$p" || break
    sleep 0.5
  done
  alive "$p" && kill -KILL "$p" 2>/dev/null
  rm -f "$LOGS/$1.pid"
  echo "Successfully Killed 1 process(es) successfully on $(hostname)"
}
