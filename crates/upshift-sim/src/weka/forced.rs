//! A command that arrives at a server whose tree lies elsewhere: paths of the tree are put in place of those of
//! this machine. What starts a shell of its own reads through the played programs instead.

/// Paths that a server has of its own.
pub(super) const OWN: [&str; 12] = [
    "/opt/weka",
    "/proc/cpuinfo",
    "/proc/cmdline",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/net/if_inet6",
    "/etc/os-release",
    "/etc/centos-release",
    "/etc/init.d/weka-agent",
    "/usr/src/kernels",
    "/sys/class/iommu",
    "/sys/kernel/iommu_groups",
];

/// The command as the server with its tree at `root` runs it.
pub fn rewritten(command: &str, root: &str) -> String {
    if command.starts_with("exec /bin/sh -c ") {
        return command.to_owned();
    }
    OWN.iter().fold(command.to_owned(), |text, path| {
        text.replace(path, &format!("{root}{path}"))
    })
}

/// An argument as the server with its tree at `root` takes it.
pub(super) fn placed(arg: &str, root: &str) -> String {
    match OWN.iter().any(|path| arg.starts_with(path)) {
        true => format!("{root}{arg}"),
        false => arg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{placed, rewritten};

    #[test]
    fn only_a_servers_own_paths_are_put_elsewhere() {
        assert_eq!(
            rewritten("df -m /opt/weka/logs/ | cat - /etc/hosts", "/r"),
            "df -m /r/opt/weka/logs/ | cat - /etc/hosts"
        );
        let own = "exec /bin/sh -c 'cat /proc/cpuinfo'";
        assert_eq!(rewritten(own, "/r"), own);
        assert_eq!(placed("/proc/cpuinfo", "/r"), "/r/proc/cpuinfo");
        assert_eq!(placed("-n", "/r"), "-n");
    }
}
