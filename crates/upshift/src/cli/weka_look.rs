//! A look at a WEKA cluster as a person reads it, and the vendor's own checker beside a judgement.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;
use upshift_model::span::Millis;
use upshift_model::weka::{Facts, Server};

use super::render::Paint;
use crate::app::weka::{self, Vendor, VendorWish};
use crate::codes;
use crate::config::Declared;
use crate::trouble::{Stop, Trouble};

/// Options of `check` for the vendor's own checker.
#[derive(Debug, ClapArgs)]
pub struct VendorArgs {
    /// WEKA: run the vendor's checker, too, from this folder, and keep its log without secrets.
    #[arg(long, value_name = "PATH")]
    pub vendor_checker: Option<PathBuf>,
    /// End the vendor's checker after this time.
    #[arg(
        long,
        value_name = "LENGTH",
        default_value = "10m",
        value_parser = super::common::length,
        requires = "vendor_checker"
    )]
    pub vendor_deadline: Millis,
    /// Where its log is kept; a file that is there is not overwritten.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "weka-checker.log",
        requires = "vendor_checker"
    )]
    pub vendor_log: PathBuf,
}

/// Runs the vendor's checker, where it is asked for.
///
/// # Errors
/// When the system is none of WEKA, or the checker cannot be run.
pub(super) async fn vendor(args: &VendorArgs, declared: &Declared) -> Result<Option<Vendor>, Stop> {
    let Some(checker) = &args.vendor_checker else {
        return Ok(None);
    };
    let Declared::Weka(declared) = declared else {
        let what = format!("--vendor-checker means nothing to {}", declared.kind());
        return Err(Trouble::usage(codes::USAGE, what)
            .expected("a system file with kind = \"weka\"")
            .into());
    };
    super::tell("running the vendor's checker beside")?;
    let wish = VendorWish {
        checker: checker.clone(),
        deadline: args.vendor_deadline.as_duration(),
        log: args.vendor_log.clone(),
        clients: declared.clients,
    };
    Ok(Some(weka::ask_vendor(&wish, &declared.target).await?))
}

/// What the vendor's checker came to, in a line.
pub(super) fn beside(vendor: &Vendor) -> String {
    let count = |count: Option<u32>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
    let ended = match vendor.exit {
        Some(code) => format!("ended with code {code}"),
        None => "was ended at its deadline".to_owned(),
    };
    format!(
        "The vendor's checker {ended} after {}: {} passed, {} warnings, {} failures. Its log, without secrets: {}",
        vendor.took,
        count(vendor.passed),
        count(vendor.warned),
        count(vendor.failed),
        vendor.log.display()
    )
}

fn servers(facts: &Facts) -> impl Iterator<Item = (&String, &Observed<Server>)> {
    facts.backends.iter().chain(facts.clients.iter().flatten())
}

/// The tree of a look.
pub(super) fn tree(look: &Inventory, facts: &Facts, paint: Paint) -> String {
    let cluster = &facts.cluster;
    let mut lines = vec![format!(
        "{}   seen {}, asked {}",
        paint.bold(look.system.as_str()),
        look.taken_at,
        facts.entry
    )];
    if !facts.by_rest.is_empty() {
        lines.push(format!("over REST  {}", facts.by_rest.join(", ")));
    }
    lines.extend(
        look.gaps
            .iter()
            .map(|gap| format!("           {} {gap}", paint.blue("unknown"))),
    );
    let text = |field: Option<&String>| field.cloned().unwrap_or_else(|| "unknown".to_owned());
    lines.push(match &cluster.status {
        Observed::Unknown(gap) => format!("state      {} {gap}", paint.blue("unknown")),
        Observed::Known(status) => format!(
            "state      {}, release {}, {}",
            text(status.status.as_ref()),
            text(status.release.as_ref()),
            status
                .active
                .iter()
                .map(|(part, (active, total))| format!("{active} of {total} {part}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    });
    let of = |count: Option<usize>| count.map_or_else(|| paint.blue("unknown"), |count| count.to_string());
    lines.push(format!(
        "parts      {} containers, {} processes, {} drives, {} filesystems, {} snapshots",
        of(cluster.containers.known().map(Vec::len)),
        of(cluster.processes.known().map(Vec::len)),
        of(cluster.drives.known().map(Vec::len)),
        of(cluster.filesystems.known().map(Vec::len)),
        of(cluster.snapshots.known().map(Vec::len)),
    ));
    lines.push(format!(
        "going on   {} tasks, {} alerts",
        of(cluster.tasks.known().map(Vec::len)),
        of(cluster.alerts.known().map(Vec::len)),
    ));
    lines.push(paint.bold("servers"));
    lines.extend(servers(facts).map(|(name, server)| match server {
        Observed::Unknown(gap) => format!("  {name}  {} {}", paint.blue("unknown"), gap.reason),
        Observed::Known(server) => format!(
            "  {name}  {}, {}, packages {}",
            server.address,
            server.os.known().map_or_else(
                || "unknown system".to_owned(),
                |os| format!("{} {}", os.id, os.version)
            ),
            server
                .packages
                .known()
                .map_or_else(|| "unknown".to_owned(), |packages| packages.join(", "))
        ),
    }));
    lines.join("\n")
}
