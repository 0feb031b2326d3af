//! What is said of files with mistakes, word for word.

use expect_test::{Expect, expect};

use crate::support::{SMALLEST, TOP, bad, told};

fn check(text: &str, wanted: &Expect) {
    wanted.assert_eq(&told(bad(text)));
}

#[test]
fn a_misspelt_key() {
    check(
        &format!("{SMALLEST}save_points = \"/srv/sp\"\n"),
        &expect![[r#"
        UP-CONF-0003  orders.toml:6:1 unknown key "save_points" in [state]; did you mean "savepoints"?
            expected  one of: savepoints, format, trial_savepoint, recent
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0003
    "#]],
    );
}

#[test]
fn a_key_in_the_wrong_table() {
    check(
        &format!("{SMALLEST}soak = \"15m\"\nstrategy = \"shadow\"\n"),
        &expect![[r#"
        UP-CONF-0003  orders.toml:6:1 unknown key "soak" in [state]; it belongs to [policy]
            expected  one of: savepoints, format, trial_savepoint, recent
        UP-CONF-0003  orders.toml:7:1 unknown key "strategy" in [state]; it belongs to [policy]
            expected  one of: savepoints, format, trial_savepoint, recent
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0003
    "#]],
    );
}

#[test]
fn a_key_that_is_like_nothing() {
    check(
        &format!("frobnicate = 1\n{SMALLEST}"),
        &expect![[r#"
            UP-CONF-0003  orders.toml:1:1 unknown key "frobnicate" at the top level
                expected  one of: kind, name, rest, installation, shadow, target, state, objects, job, probe, policy, waive, notify
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0003
        "#]],
    );
}

#[test]
fn everything_is_reported_at_once_in_the_order_of_the_file() {
    check(
        "kind = \"flnk\"\nnaem = \"orders\"\n[state]\nsavepoints = 5\nrecent = \"15 minutes\"\n[[job]]\njar = \"a.jar\"\nparallelism = \"4\"\n",
        &expect![[r#"
            UP-CONF-0004  orders.toml:1:1 "name" is missing
                expected  a name of letters, digits, `-`, `_` and `.`, at most 64 of them, beginning with a letter or digit
            UP-CONF-0004  orders.toml:1:1 "rest" is missing
                expected  an address such as "http://127.0.0.1:8081", or { url, ca, auth }
            UP-CONF-0006  orders.toml:1:8 kind cannot be "flnk"
                expected  "flink" or "fluss" or "weka" or "realtime-compute" or "alluxio"
            UP-CONF-0003  orders.toml:2:1 unknown key "naem" at the top level; did you mean "name"?
                expected  one of: kind, name, rest, installation, shadow, target, state, objects, job, probe, policy, waive, notify
            UP-CONF-0005  orders.toml:4:14 [state] savepoints is an integer
                expected  a URI such as "file:///srv/savepoints" or "s3://bucket/savepoints", or a path
            UP-CONF-0006  orders.toml:5:10 [state] recent cannot be "15 minutes"
                expected  a length of time such as "90s", "15m", "1h30m" or "7d" (units ms, s, m, h, d, w)
            UP-CONF-0004  orders.toml:6:1 "name" is missing in [[job]]
                expected  text in quotes
            UP-CONF-0005  orders.toml:8:15 [[job]] parallelism is a string
                expected  a whole number from 1 to 4294967295
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0003 UP-CONF-0004 UP-CONF-0005 UP-CONF-0006
        "#]],
    );
}

#[test]
fn of_a_kind_that_is_none_no_keys_are_asked_for() {
    check(
        "kind = \"flus\"\nname = \"orders\"\nzookeeper = \"zk1:2181\"\n",
        &expect![[r#"
            UP-CONF-0006  orders.toml:1:8 kind cannot be "flus"
                expected  "flink" or "fluss" or "weka" or "realtime-compute" or "alluxio"
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
    check(
        "name = \"orders\"\nzookeeper = \"zk1:2181\"\n",
        &expect![[r#"
            UP-CONF-0004  orders.toml:1:1 "kind" is missing
                expected  "flink" or "fluss" or "weka" or "realtime-compute" or "alluxio"
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0004
        "#]],
    );
}

#[test]
fn text_that_is_not_toml() {
    check(
        "kind = flink\nname = \"orders\nrest = \"x\"\n",
        &expect![[r#"
        UP-CONF-0002  orders.toml:1:8 not TOML: invalid boolean, expected `false`
            expected  lines of key = value, text in quotes, tables under [headers]
        UP-CONF-0002  orders.toml:2:15 not TOML: invalid basic string, expected `"`
            expected  lines of key = value, text in quotes, tables under [headers]
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0002
    "#]],
    );
}

#[test]
fn a_key_twice() {
    check(
        &format!("{SMALLEST}savepoints = \"/srv/other\"\n"),
        &expect![[r#"
        UP-CONF-0002  orders.toml:6:1 not TOML: duplicate key
            expected  lines of key = value, text in quotes, tables under [headers]
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0002
    "#]],
    );
}

#[test]
fn a_job_that_is_no_list() {
    check(
        &format!("{SMALLEST}[job]\nname = \"orders\"\njar = \"a.jar\"\n"),
        &expect![[r#"
        UP-CONF-0005  orders.toml:6:1 job is one table and no list
            expected  a list: [[job]] before each entry
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0005
    "#]],
    );
}

#[test]
fn values_of_another_type() {
    check(
        &format!(
            "{TOP}[state]\nsavepoints = [\"/srv/sp\"]\ntrial_savepoint = \"yes\"\nrecent = 15\nformat = 1\n"
        ),
        &expect![[r#"
            UP-CONF-0005  orders.toml:5:14 [state] savepoints is an array
                expected  a URI such as "file:///srv/savepoints" or "s3://bucket/savepoints", or a path
            UP-CONF-0005  orders.toml:6:19 [state] trial_savepoint is a string
                expected  true or false
            UP-CONF-0005  orders.toml:7:10 [state] recent is an integer
                expected  a length of time such as "90s", "15m", "1h30m" or "7d" (units ms, s, m, h, d, w)
            UP-CONF-0005  orders.toml:8:10 [state] format is an integer
                expected  "auto" or "canonical" or "native"
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0005
        "#]],
    );
}

#[test]
fn values_that_cannot_be_used() {
    check(
        "kind = \"flink\"\nname = \"or ders\"\nrest = \"127.0.0.1:8081\"\n[state]\nsavepoints = \"~/sp\"\nformat = \"Native\"\n\
         [shadow]\nrest = \"http://127.0.0.1:0\"\nrpc_port = 70000\nblob_port = 0\n",
        &expect![[r#"
            UP-CONF-0006  orders.toml:2:8 name cannot be "or ders"
                expected  a name of letters, digits, `-`, `_` and `.`, at most 64 of them, beginning with a letter or digit
            UP-CONF-0006  orders.toml:3:8 rest cannot be "127.0.0.1:8081"
                expected  an address such as "http://127.0.0.1:8081" or "https://flink.example:8081/base"
            UP-CONF-0006  orders.toml:5:14 [state] savepoints cannot be "~/sp"
                expected  a URI such as "file:///srv/savepoints" or "s3://bucket/savepoints", or a path
            UP-CONF-0006  orders.toml:6:10 [state] format cannot be "Native"
                expected  "auto" or "canonical" or "native"
            UP-CONF-0006  orders.toml:8:8 [shadow] rest cannot be "http://127.0.0.1:0"
                expected  an address such as "http://127.0.0.1:8081" or "https://flink.example:8081/base"
            UP-CONF-0006  orders.toml:9:12 [shadow] rpc_port cannot be 70000
                expected  a whole number from 1 to 65535
            UP-CONF-0006  orders.toml:10:13 [shadow] blob_port cannot be 0
                expected  a whole number from 1 to 65535
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
}

#[test]
fn secrets_are_references_and_literals_are_never_shown() {
    let text = "kind = \"flink\"\nname = \"orders\"\n\
        rest = { url = \"https://f:8081\", auth = { bearer = \"hunter2\" } }\n\
        target = { rest = { url = \"https://ann:hunter2@f:8181\", auth = { basic = { user = \"ann\", password = \"hunter2\" } } } }\n\
        state = { savepoints = \"s3://key:hunter2@bucket/sp\" }\n\
        [[probe]]\nname = \"a\"\nhttp = { url = \"http://f/health\", auth = \"hunter2\" }\n\
        [[probe]]\nname = \"b\"\nhttp = \"ann:hunter2@f\"\n\
        [[probe]]\nname = \"c\"\nhttp = { url = \"http://f\", auth = { token = \"hunter2\" } }\n\
        [[probe]]\nname = \"d\"\nhttp = { url = \"http://f\", auth = { bearer = \"env:hunter 2\" } }\n";
    let said = told(bad(text));
    assert!(!said.contains("hunter2") && !said.contains("hunter 2"), "{said}");
    check(
        text,
        &expect![[r#"
        UP-CONF-0007  orders.toml:3:52 [rest] auth.bearer is not a reference to a secret (its value is not shown)
            expected  a reference to a secret, "env:NAME" or "file:/path", never the secret itself
            next      put the secret into a file that only you can read, and write "file:/path"
        UP-CONF-0007  orders.toml:4:27 [target] rest.url holds a user or a password in its address (not shown)
            expected  an address without them; where it is one over HTTP, `auth` takes a reference
            next      { url = "…", auth = { basic = { user = "…", password = "env:NAME" } } }
        UP-CONF-0007  orders.toml:4:101 [target] rest.auth.basic.password is not a reference to a secret (its value is not shown)
            expected  a reference to a secret, "env:NAME" or "file:/path", never the secret itself
            next      put the secret into a file that only you can read, and write "file:/path"
        UP-CONF-0007  orders.toml:5:24 [state] savepoints holds a user or a password in its address (not shown)
            expected  an address without them; where it is one over HTTP, `auth` takes a reference
            next      { url = "…", auth = { basic = { user = "…", password = "env:NAME" } } }
        UP-CONF-0007  orders.toml:8:42 [[probe]] http.auth is not a reference to a secret (its value is not shown)
            expected  a reference to a secret, "env:NAME" or "file:/path", never the secret itself
            next      put the secret into a file that only you can read, and write "file:/path"
        UP-CONF-0007  orders.toml:11:8 [[probe]] http holds a user or a password in its address (not shown)
            expected  an address without them; where it is one over HTTP, `auth` takes a reference
            next      { url = "…", auth = { basic = { user = "…", password = "env:NAME" } } }
        UP-CONF-0004  orders.toml:14:35 [[probe]] http.auth has neither "bearer" nor "basic"
            expected  one of: bearer, basic
        UP-CONF-0003  orders.toml:14:37 unknown key "token" in [[probe]] http.auth
            expected  one of: bearer, basic
        UP-CONF-0007  orders.toml:17:46 [[probe]] http.auth.bearer is not a reference to a secret (its value is not shown)
            expected  a reference to a secret, "env:NAME" or "file:/path", never the secret itself
            next      put the secret into a file that only you can read, and write "file:/path"
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0003 UP-CONF-0004 UP-CONF-0007
    "#]],
    );
}

#[test]
fn a_literal_secret_on_a_line_that_is_not_toml_is_not_shown() {
    let said = told(bad("rest = { auth = { bearer = \"hunter2 } }\n"));
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn lengths_of_time_have_units() {
    check(
        &format!("{SMALLEST}[policy]\nsoak = \"15\"\nmax_downtime = 30\nreplay_limit = \"\"\n"),
        &expect![[r#"
        UP-CONF-0006  orders.toml:7:8 [policy] soak cannot be "15"
            expected  a length of time such as "90s", "15m", "1h30m" or "7d" (units ms, s, m, h, d, w)
        UP-CONF-0005  orders.toml:8:16 [policy] max_downtime is an integer
            expected  a length of time such as "90s", "15m", "1h30m" or "7d" (units ms, s, m, h, d, w)
        UP-CONF-0006  orders.toml:9:16 [policy] replay_limit cannot be ""
            expected  a length of time such as "90s", "15m", "1h30m" or "7d" (units ms, s, m, h, d, w)
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0005 UP-CONF-0006
    "#]],
    );
}

#[test]
fn archives_have_digests() {
    check(
        &format!(
            "{SMALLEST}[installation]\ncurrent = {{ version = \"1.18.1\", home = \"/srv/f\", sha512 = \"{}\" }}\n\
             target = {{ version = \"latest\", archive = \"flink.tgz\" }}\n",
            "a".repeat(128)
        ),
        &expect![[r#"
            UP-CONF-0009  orders.toml:7:59 "sha512" without an "archive" that it is of
            UP-CONF-0006  orders.toml:8:22 [installation] target.version cannot be "latest"
                expected  a version in quotes such as "1.20.5"
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006 UP-CONF-0009
        "#]],
    );
    check(
        &format!(
            "{SMALLEST}[installation]\ncurrent = {{ version = \"1.18.1\" }}\n\
             target = {{ version = \"1.20.5\", home = \"n\", archive = \"s3://b/flink.tgz\", sha512 = \"abc\" }}\n"
        ),
        &expect![[r#"
            UP-CONF-0004  orders.toml:7:11 "home" is missing in [installation] current
                expected  the directory of the release that runs
            UP-CONF-0004  orders.toml:8:54 "archive" without its "sha512"
                expected  sha512 = "…", so that nothing else is ever unpacked
                next      take it from the release page or compute it: sha512sum flink.tgz
            UP-CONF-0006  orders.toml:8:83 [installation] target.sha512 cannot be a text of 3 characters
                expected  a SHA-512 of 128 hex digits, as `sha512sum FILE` prints it
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0004 UP-CONF-0006
        "#]],
    );
    check(
        &format!(
            "{SMALLEST}[installation]\ntarget = {{ version = \"1.20.5\", home = \"n\", archive = \"flink.tgz\" }}\n"
        ),
        &expect![[r#"
            UP-CONF-0004  orders.toml:7:54 "archive" without its "sha512"
                expected  sha512 = "…", so that nothing else is ever unpacked
                next      take it from the release page or compute it: sha512sum flink.tgz
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0004
        "#]],
    );
}

#[test]
fn places_that_contradict_each_other() {
    check(
        &format!(
            "{SMALLEST}[installation]\ncurrent = {{ version = \"1.18.1\", home = \"/srv/f\" }}\n\
             target = {{ version = \"1.20.5\", home = \"/srv/f\" }}\nconfig = {{ current = \"/c\", target = \"/c\" }}\n\
             [target]\nrest = \"http://127.0.0.1:8181\"\n"
        ),
        &expect![[r#"
            UP-CONF-0009  orders.toml:8:10 both clusters have the same "home": /srv/f
                expected  a folder of its own for each: { current, target }
            UP-CONF-0009  orders.toml:8:10 both clusters have the same "config": /c
                expected  a folder of its own for each: { current, target }
            UP-CONF-0009  orders.toml:10:1 both [target] and `target` in [installation] are given
                expected  [target] for a cluster that already runs, or `target` in [installation] for a release
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0009
        "#]],
    );
    check(
        &format!("{SMALLEST}[shadow]\nrest = \"http://127.0.0.1:8181\"\nrpc_port = 1\nblob_port = 2\n"),
        &expect![[r#"
            UP-CONF-0009  orders.toml:6:1 [shadow] without a release to start there
                expected  target = { version, … } in [installation]; or [target] rest instead of [shadow]
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0009
        "#]],
    );
    check(
        &format!(
            "{SMALLEST}[installation]\ntarget = {{ version = \"1.20.5\", home = \"/srv/f\" }}\n[policy]\nstrategy = \"shadow\"\n"
        ),
        &expect![[r#"
            UP-CONF-0009  orders.toml:7:10 [policy] strategy = "shadow" without a place for the new cluster
                expected  [shadow] with rest, rpc_port and blob_port; or [target] with rest of a running cluster
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0009
        "#]],
    );
    check(
        &format!("{SMALLEST}[installation]\nlogs = \"/l\"\n"),
        &expect![[r#"
        UP-CONF-0004  orders.toml:6:1 [installation] has neither "current" nor "target"
            expected  current = { version, home }, or target = { version, … }, or both
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0004
    "#]],
    );
}

#[test]
fn ssh_is_known_and_refused() {
    check(
        &format!(
            "{SMALLEST}[installation]\ncurrent = {{ version = \"1.18.1\", home = \"/srv/f\" }}\n\
             run_as = {{ ssh = {{ hosts = [\"jm1\"] }} }}\n"
        ),
        &expect![[r#"
            UP-CONF-0011  orders.toml:8:18 run_as = { ssh = … } is not carried out yet
                expected  { local = {} }: the release's own scripts, on this machine, as the user who runs upshift
                next      run upshift on the machine where the cluster's processes run
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0011
        "#]],
    );
}

#[test]
fn names_that_are_used_twice() {
    check(
        &format!(
            "{SMALLEST}[[job]]\nname = \"a\"\njar = \"a.jar\"\nuids = [\"s\", \"t\", \"s\"]\n\
             [[job]]\nname = \"a\"\njar = \"b.jar\"\n\
             [[probe]]\nname = \"p\"\nhttp = \"http://f\"\n[[probe]]\nname = \"p\"\nhttp = \"http://f\"\n"
        ),
        &expect![[r#"
            UP-CONF-0010  orders.toml:9:19 job "a" has the uid "s" twice
                expected  each uid once, as in the job
            UP-CONF-0010  orders.toml:11:8 two [[job]] entries have the name "a"
                expected  a name of its own for each
            UP-CONF-0010  orders.toml:17:8 two [[probe]] entries have the name "p"
                expected  a name of its own for each
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0010
        "#]],
    );
}

#[test]
fn a_pair_needs_both() {
    check(
        &format!("{SMALLEST}[[job]]\nname = \"a\"\njar = {{ target = \"b.jar\", currant = \"a.jar\" }}\n"),
        &expect![[r#"
            UP-CONF-0004  orders.toml:8:7 "current" is missing in [[job]] jar
                expected  a path; a relative one is relative to this file
            UP-CONF-0003  orders.toml:8:27 unknown key "currant" in [[job]] jar; did you mean "current"?
                expected  one of: current, target
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0003 UP-CONF-0004
        "#]],
    );
}

#[test]
fn probes_ask_one_thing() {
    check(
        &format!(
            "{SMALLEST}[[probe]]\nname = \"none\"\n\
             [[probe]]\nname = \"both\"\nhttp = \"http://f\"\ncommand = [\"x\"]\n\
             [[probe]]\nname = \"empty\"\ncommand = []\n"
        ),
        &expect![[r#"
            UP-CONF-0004  orders.toml:7:8 probe "none" has nothing to ask
                expected  exactly one of: http = "http://…", command = ["program", "argument"]
            UP-CONF-0009  orders.toml:9:8 probe "both" has both "http" and "command"
                expected  exactly one of: http = "http://…", command = ["program", "argument"]
            UP-CONF-0004  orders.toml:13:8 probe "empty" has nothing to ask
                expected  exactly one of: http = "http://…", command = ["program", "argument"]
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0004 UP-CONF-0009
        "#]],
    );
}

#[test]
fn probes_expect_one_thing() {
    check(
        &format!(
            "{SMALLEST}[[probe]]\nname = \"two\"\nhttp = \"http://f\"\nexpect = {{ at_least = 1, at_most = 2 }}\n\
             [[probe]]\nname = \"odd\"\ncommand = [\"x\"]\nexpect = \"succes\"\n\
             [[probe]]\nname = \"none\"\ncommand = [\"x\"]\nexpect = {{}}\n\
             [[probe]]\nname = \"numbers\"\ncommand = [\"x\"]\nexpect = {{ at_least_ratio_of_baseline = 0.0001 }}\n\
             [[probe]]\nname = \"zero\"\ncommand = [\"x\"]\nexpect = {{ at_least_ratio_of_baseline = 0 }}\n"
        ),
        &expect![[r#"
            UP-CONF-0009  orders.toml:9:10 [[probe]] expect has 2 expectations
                expected  exactly one; another one belongs to a [[probe]] of its own
            UP-CONF-0006  orders.toml:13:10 [[probe]] expect cannot be "succes"
                expected  "success", or one of { text }, { at_least }, { at_most }, { at_least_ratio_of_baseline }
            UP-CONF-0009  orders.toml:17:10 [[probe]] expect has 0 expectations
                expected  exactly one; another one belongs to a [[probe]] of its own
            UP-CONF-0006  orders.toml:21:41 [[probe]] expect.at_least_ratio_of_baseline cannot be 0.0001
                expected  a number with at most three decimal places
            UP-CONF-0006  orders.toml:25:41 [[probe]] expect.at_least_ratio_of_baseline cannot be 0 thousandths
                expected  a ratio from 0.001 to 1000, such as 0.9
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006 UP-CONF-0009
        "#]],
    );
}

#[test]
fn waivers_name_a_code_that_exists() {
    check(
        &format!(
            "{SMALLEST}[[waive]]\ncode = \"UP-CONF-003\"\nsubject = \"x\"\nreason = \"r\"\n\
             [[waive]]\ncode = \"red\"\nsubject = \"x\"\nreason = \"r\"\n"
        ),
        &expect![[r#"
            UP-CONF-0006  orders.toml:7:8 no finding has the code "UP-CONF-003"; did you mean "UP-CONF-0003"?
                expected  a code that `upshift check` printed
                next      upshift explain
            UP-CONF-0006  orders.toml:11:8 no finding has the code "red"
                expected  a code that `upshift check` printed
                next      upshift explain
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
}

#[test]
fn waivers_have_a_subject_a_reason_and_a_day() {
    check(
        &format!(
            "{SMALLEST}[[waive]]\ncode = \"UP-CONF-0003\"\nsubject = \"x\"\nuntil = 2026-12-31T10:00:00Z\n\
             [[waive]]\ncode = \"UP-CONF-0003\"\nsubject = \"\"\nreason = \"r\"\nuntil = \"soon\"\n"
        ),
        &expect![[r#"
            UP-CONF-0004  orders.toml:6:1 "reason" is missing in [[waive]]
                expected  text in quotes
            UP-CONF-0006  orders.toml:9:9 [[waive]] until cannot be 2026-12-31T10:00:00Z
                expected  a day such as 2026-12-31
            UP-CONF-0006  orders.toml:12:11 [[waive]] subject cannot be empty
                expected  text in quotes
            UP-CONF-0006  orders.toml:14:9 [[waive]] until cannot be "soon"
                expected  a day such as 2026-12-31
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0004 UP-CONF-0006
        "#]],
    );
}

#[test]
fn a_notification_names_a_program() {
    check(
        &format!("{SMALLEST}[notify]\ncommand = []\n"),
        &expect![[r#"
        UP-CONF-0006  orders.toml:7:11 [notify] command names no program
            expected  ["program", "argument", …]
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0006
    "#]],
    );
    check(
        &format!("{SMALLEST}[notify]\ncommand = \"page\"\non = \"halt\"\n"),
        &expect![[r#"
        UP-CONF-0005  orders.toml:7:11 [notify] command is a string
            expected  a list, each entry text in quotes
        UP-CONF-0003  orders.toml:8:1 unknown key "on" in [notify]
            expected  one of: command
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0003 UP-CONF-0005
    "#]],
    );
}

#[test]
fn a_query_behind_an_address_that_paths_are_put_behind() {
    let text = SMALLEST.replace("http://127.0.0.1:8081", "http://127.0.0.1:8081/?token=hunter2");
    assert_ne!(text, SMALLEST);
    check(
        &text,
        &expect![[r#"
        UP-CONF-0006  orders.toml:3:8 rest has a query behind its address (not shown)
            expected  an address that paths can be put behind; a token goes into `auth`, as a reference
        exit 2: the command line, the system file or a plan file cannot be used as it is
        explained by: upshift explain UP-CONF-0006
    "#]],
    );
    check(
        &format!(
            "{SMALLEST}[[probe]]\nname = \"rate\"\nhttp = \"http://127.0.0.1:9090/api/v1/query?query=rate\"\nsoak = 1\n"
        ),
        &expect![[r#"
            UP-CONF-0003  orders.toml:9:1 unknown key "soak" in [[probe]]; it belongs to [policy]
                expected  one of: name, http, command, expect, timeout
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0003
        "#]],
    );
}

#[test]
fn a_way_to_the_graph_that_does_not_exist() {
    check(
        &format!("{SMALLEST}[[job]]\nname = \"a\"\njar = \"a.jar\"\ngraph = \"guess\"\n"),
        &expect![[r#"
            UP-CONF-0006  orders.toml:9:9 [[job]] graph cannot be "guess"
                expected  "declared", "probe", "probe-online", "target", "production", or { scratch = address of a cluster }
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
}

const FLUSS: &str = "kind = \"fluss\"\nname = \"orders\"\nzookeeper = \"zk:2181\"\ncurrent = \"0.7.0\"\ntarget = \"0.9.1-incubating\"\n";

#[test]
fn programs_of_fluss_that_name_nothing() {
    check(
        &format!(
            "{FLUSS}\n[tiering]\nstop = []\nstart = [\"s\"]\ntarget_start = [\"t\"]\n\n[[client]]\nname = \"billing\"\nversion = \"0.8.0\"\n\n[client.switch]\nversion = \"1.0.0\"\nprogram = [\"p\"]\nprogram_back = []\n"
        ),
        &expect![[r#"
            UP-CONF-0006  orders.toml:7:1 tiering names no program
                expected  a program and its arguments under each key
            UP-CONF-0006  orders.toml:16:1 switch names no program
                expected  a program and its arguments under each key
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
}

#[test]
fn something_staged_that_could_lie_anywhere() {
    let digest = "ab".repeat(32);
    check(
        &format!("{FLUSS}\n[[stage]]\nfrom = \"/srv/fluss.tgz\"\nsha256 = {digest:?}\n"),
        &expect![[r#"
            UP-CONF-0009  orders.toml:7:1 something is staged, and no target_home is named
                expected  target_home = "…", where the wanted release lies or is to lie on every host
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0009
        "#]],
    );
    check(
        &format!(
            "{FLUSS}target_home = \"/opt/new\"\n\n[[stage]]\nfrom = \"/srv/a.jar\"\nto = \"../a.jar\"\nsha256 = {digest:?}\n"
        ),
        &expect![[r#"
            UP-CONF-0006  orders.toml:8:1 to is no path below target_home
                expected  such as plugins/paimon/paimon-bundle.jar
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
    check(
        &format!(
            "{FLUSS}target_home = \"/opt/new\"\n\n[[stage]]\nfrom = \"/srv/b.jar\"\nto = \"plugins/b/b.jar\"\nsha256 = \"abc\"\n"
        ),
        &expect![[r#"
            UP-CONF-0006  orders.toml:11:10 [[stage]] sha256 cannot be a text of 3 characters
                expected  a SHA-256 of 64 hex digits, as `sha256sum FILE` prints it
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0006
        "#]],
    );
    check(
        &format!(
            "{FLUSS}target_home = \"/opt/new\"\n\n[[stage]]\nfrom = \"/srv/a.jar\"\nto = \"lib/a.jar\"\nsha256 = {digest:?}\n\n[[stage]]\nfrom = \"/srv/b.jar\"\nto = \"lib/a.jar\"\nsha256 = {digest:?}\n"
        ),
        &expect![[r#"
            UP-CONF-0009  orders.toml:13:1 /opt/new/lib/a.jar is staged twice
                expected  one [[stage]] for each place
            exit 2: the command line, the system file or a plan file cannot be used as it is
            explained by: upshift explain UP-CONF-0009
        "#]],
    );
}
