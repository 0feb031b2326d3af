# Sourced by ./test: the tests of hosts need OpenSSH's client and server, of which they start their own on the loopback
# interface, and BusyBox, as the poorest host that there is. Where they are missing, root on Debian gets them; everybody
# else is told how.

lacking=
command -v ssh >/dev/null 2>&1 || lacking="$lacking openssh-client"
[ -x /usr/sbin/sshd ] || command -v sshd >/dev/null 2>&1 || lacking="$lacking openssh-server"
command -v busybox >/dev/null 2>&1 || lacking="$lacking busybox"
if [ -n "$lacking" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    printf 'installing%s, for the tests of hosts\n' "$lacking" >&2
    # Without a policy the system would start a server of its own at the usual port.
    # shellcheck disable=SC2086
    apt-get update -qq >&2 && RUNLEVEL=1 apt-get install -y -qq $lacking >&2
  else
    printf 'missing:%s, for the tests of hosts\n  Debian: apt-get install%s\n' "$lacking" "$lacking" >&2
    exit 2
  fi
fi
