//! The reference of the system file, written from the tables that read it.

use std::fmt::Write as _;

use super::alluxio;
use super::example::EXAMPLE;
use super::file::SECTIONS;
use super::fluss;
use super::realtime_compute;
use super::section::{KeyDoc, Need, SectionDoc};
use super::weka;

const INTRO: &str = "\
# The system file

One TOML file describes one system. Every key is below; an unknown one is an error. Relative paths
are relative to the file. Lengths of time are text with units: `\"90s\"`, `\"15m\"`, `\"1h30m\"`, `\"7d\"`.
A secret is never in the file: where one is needed, the file holds a reference to it, `\"env:NAME\"`
or `\"file:/path\"`. `upshift init flink --rest URL` writes a first file from a running cluster.

This page is written by a test from the same definitions that read the file.

## All keys in one example

";

/// The reference in Markdown.
pub fn reference() -> String {
    let mut page = format!("{INTRO}```toml\n{EXAMPLE}```\n");
    SECTIONS.iter().for_each(|section| table(&mut page, section));
    page
}

const FLUSS_INTRO: &str = "\
# The system file of a Fluss cluster

One TOML file describes one cluster; `kind = \"fluss\"` says that it is of Fluss. `upshift observe FILE` and
`upshift check FILE` read it. An unknown key is an error, relative paths are relative to the file.

This page is written by a test from the same definitions that read the file.

```toml
kind = \"fluss\"
name = \"orders\"
zookeeper = \"zk1:2181,zk2:2181,zk3:2181\"
current = \"0.7.0\"
target = \"0.9.1-incubating\"
target_home = \"/opt/fluss-0.9.1\"
```
";

/// The reference of the file of a Fluss cluster in Markdown.
pub fn fluss_reference() -> String {
    let mut page = FLUSS_INTRO.to_owned();
    fluss::SECTIONS
        .iter()
        .for_each(|section| table(&mut page, section));
    page
}

const WEKA_INTRO: &str = "\
# The system file of a WEKA cluster

One TOML file describes one cluster; `kind = \"weka\"` says that it is of WEKA. `upshift observe FILE` and
`upshift check FILE` read it. An unknown key is an error, relative paths are relative to the file.

This page is written by a test from the same definitions that read the file.

```toml
kind = \"weka\"
name = \"scratch\"
entry = [\"be1.example.com\", \"be2.example.com\"]
current = \"4.4.26\"
target = \"5.1.25\"
clients = true
```
";

/// The reference of the file of a WEKA cluster in Markdown.
pub fn weka_reference() -> String {
    let mut page = WEKA_INTRO.to_owned();
    weka::SECTIONS
        .iter()
        .for_each(|section| table(&mut page, section));
    page
}

const REALTIME_COMPUTE_INTRO: &str = "\
# The system file of Realtime Compute

One TOML file describes deployments of one namespace; `kind = \"realtime-compute\"` says so. `upshift observe FILE` and
`upshift check FILE` read it. An unknown key is an error, relative paths are relative to the file.

This page is written by a test from the same definitions that read the file.

```toml
kind = \"realtime-compute\"
name = \"orders\"
endpoint = \"https://ververica.cn-hangzhou.aliyuncs.com\"
workspace = \"ws0123456789abc\"
namespace = \"production\"
target = \"vvr-8.0.11-flink-1.17\"

[select]
names = [\"orders\"]
```
";

/// The reference of the file of Realtime Compute in Markdown.
pub fn realtime_compute_reference() -> String {
    let mut page = REALTIME_COMPUTE_INTRO.to_owned();
    realtime_compute::SECTIONS
        .iter()
        .for_each(|section| table(&mut page, section));
    page
}

const ALLUXIO_INTRO: &str = "\
# The system file of an Alluxio cluster

One TOML file describes one cluster; `kind = \"alluxio\"` says that it is of Alluxio. An unknown key is an error, relative
paths are relative to the file.

This page is written by a test from the same definitions that read the file.

```toml
kind = \"alluxio\"
name = \"lake\"
masters = [\"http://127.0.0.1:19999\"]
current = \"1.8.1\"
target = \"2.9.6\"
home = \"/opt/alluxio-1.8.1\"
target_home = \"/opt/alluxio-2.9.6\"
backups = \"/var/lib/upshift/lake\"

[writers]
stop = [\"/opt/etl/stop\"]
start = [\"/opt/etl/start\"]

[[client]]
name = \"spark\"
version = \"2.9.6\"
```
";

/// The reference of the file of an Alluxio cluster in Markdown.
pub fn alluxio_reference() -> String {
    let mut page = ALLUXIO_INTRO.to_owned();
    alluxio::SECTIONS
        .iter()
        .for_each(|section| table(&mut page, section));
    page
}

fn table(page: &mut String, section: &SectionDoc) {
    put(
        page,
        &format!("\n## {}\n\n{}\n", code(section.at), joined(section.doc)),
    );
    put(
        page,
        "\n| key | value | when left out | what it means |\n|---|---|---|---|\n",
    );
    section.keys.iter().for_each(|key| row(page, key));
}

fn row(page: &mut String, key: &KeyDoc) {
    let absent = match key.need {
        Need::Required => "must be there".to_owned(),
        Need::Optional => "–".to_owned(),
        Need::Fallback(text) => code(text),
    };
    let value = (key.expected)().replace('|', "\\|");
    put(
        page,
        &format!("| `{}` | {value} | {absent} | {} |\n", key.name, joined(key.doc)),
    );
}

fn code(text: &str) -> String {
    match text.starts_with(['[', '"', '{']) || text.contains('=') {
        true => format!("`{text}`"),
        false => text.to_owned(),
    }
}

/// Documentation comments as one paragraph.
fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn put(page: &mut String, text: &str) {
    page.write_str(text).expect("writing to a string cannot fail");
}
