unit() { if command -v systemctl >/dev/null 2>&1; then systemctl is-active "$1"; else service "$1" status; fi; }
# Without systemd nothing of this name starts by itself that the check asks about.
enabled() { command -v systemctl >/dev/null 2>&1 || return 0; systemctl is-enabled "$1"; }
# Kept out of sight: only what the secret comes to leaves the host.
resources() {
  for c in $($L weka local ps --no-header -o name); do
    r=$($L $S weka local resources --stable --container "$c" --json) || { echo "$c failed"; continue; }
    r=$(printf %s "$r" | tr -d '\n\r\t ')
    ips=$(printf %s "$r" | sed -n 's/.*"ips":\[\([^]]*\)\].*/\1/p' | tr -d '"')
    s=$(printf %s "$r" | sed -n 's/.*"join_secret":\(\[[^]]*\]\).*/\1/p')
    [ -n "$s" ] || s=$(printf %s "$r" | sed -n 's/.*"join_secret":\("[^"]*"\).*/\1/p')
    case $s in
      '' | '[]' | '""') d=none ;;
      *) d=$(printf '%s%s' "$SALT" "$s" | sha256sum) && d=${d%% *} || d=unseen ;;
    esac
    echo "$c $d ${ips:--}"
  done
}
data() {
  for d in $($S ls /opt/weka/data); do
    case $d in *_* | envoy | smbw | ganesha | agent | dependencies | ofed | igb_uio | logs.loop | mpin_user | pkg_tools | uio_generic | weka_driver) continue ;; esac
    u=$($S du -sk --apparent-size "/opt/weka/data/$d" 2>/dev/null || $S du -sk "/opt/weka/data/$d") || continue
    f=$(df -Pk "/opt/weka/data/$d" | tail -n 1) || continue
    set -- $f
    echo "$d $4 ${u%%[!0-9]*}"
  done
}
folio() { cat "/usr/src/kernels/$(uname -r)/include/linux/fs.h" 2>/dev/null | grep -c launder_folio; }
ports() {
  for at in $PORTS; do
    curl -sk --max-time 5 -o /dev/null "https://$at"
    echo "${at##*:} $?"
  done
}
smb() { $L weka local exec -C smbw tsmb-server -v; }
sensor() { unit falcon-sensor; lsmod; }
p clock date -u +%s
p ps w local ps --json
p resources resources
p packages w version
p os cat /etc/os-release
p init ls /etc/init.d/weka-agent
p agent unit weka-agent
p data data
p opt df -Pk /opt/weka
p logs df -Pk /opt/weka/logs
p traces df -Pk /opt/weka/traces
p mounts cat /proc/mounts
p cpu cat /proc/cpuinfo
p memory cat /proc/meminfo
p arguments cat /proc/cmdline
p ipv6 ls /proc/net/if_inet6
p folio folio
p iommu ls /sys/class/iommu /sys/kernel/iommu_groups
p sensor sensor
p statd unit rpc-statd
p statd-notify unit rpc-statd-notify
p statd-enabled enabled rpc-statd
p statd-notify-enabled enabled rpc-statd-notify
[ -z "$PORTS" ] || p ports ports
[ -z "$NFS" ] || p nfs ss -H -t -n 'sport = :2049'
[ -z "$SMB" ] || p smb smb
[ -z "$RELEASE" ] || p release $S cat "/opt/weka/dist/release/$RELEASE.spec"
[ -z "$RELEASE" ] || p tls $S openssl x509 -in /opt/weka/data/drives0/tls/certificate.pem -noout -text
[ -z "$WEB" ] || p web curl -sL --max-time 5 -o /dev/null -w '%{http_code}' http://get.weka.io
p clock-after date -u +%s
