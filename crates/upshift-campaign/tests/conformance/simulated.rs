//! The direct faces of the world models.

use expect_test::{Expect, expect};
use upshift_campaign::conformance::{Disturbance, refuses, simulated};
use upshift_campaign::{Setting, Wish, in_virtual_time};
use upshift_sim::direct::flink::{Scene, Way};
use upshift_sim::rolling::Shape;

use crate::support::{all, broken, table};

fn keeps_the_laws(setting: &Setting, known: &[&str], wished: &[(Wish, &Expect)]) {
    for (wish, wanted) in wished {
        let make = simulated(setting.clone());
        let all = in_virtual_time(all(&*make, *wish, &Disturbance::ALL));
        let broken = broken(&all);
        assert!(broken.is_empty(), "{wish}\n{}", broken.join("\n"));
        wanted.assert_eq(&table(&all));
    }
    let make = simulated(setting.clone());
    let refused = in_virtual_time(async { refuses(&*make().await, known).await });
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn a_rolling_system() {
    let setting = Setting::Rolling(Shape::default());
    let (there, back) = (
        expect![[r#"
        nothing goes wrong: 0 of 12
        each try twice: 12 of 12
        each try once more when it is done: 12 of 12
        request 1 of each try cut before it happened: 12 of 12
        request 1 of each try cut before the answer: 12 of 12
        request 1 of each try hung: 12 of 12
        request 1 of each try died before it happened: 12 of 12
        request 1 of each try died before the answer: 12 of 12
    "#]],
        expect![[r#"
        nothing goes wrong: 0 of 24
        each try twice: 24 of 24
        each try once more when it is done: 24 of 24
        request 1 of each try cut before it happened: 24 of 24
        request 1 of each try cut before the answer: 24 of 24
        request 1 of each try hung: 24 of 24
        request 1 of each try died before it happened: 24 of 24
        request 1 of each try died before the answer: 24 of 24
    "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &["start a cluster"], &wished);
}

const OF_FLINK: [&str; 5] = [
    "take a restore point",
    "stop a job",
    "start a job",
    "upload a jar",
    "start a cluster",
];

#[test]
fn flink_in_place() {
    let setting = Setting::Flink(Scene::new(Way::InPlace));
    let (there, back) = (
        expect![[r#"
        nothing goes wrong: 0 of 18
        each try twice: 18 of 18
        each try once more when it is done: 18 of 18
        request 1 of each try cut before it happened: 18 of 18
        request 1 of each try cut before the answer: 18 of 18
        request 1 of each try hung: 18 of 18
        request 1 of each try died before it happened: 18 of 18
        request 1 of each try died before the answer: 18 of 18
    "#]],
        expect![[r#"
        nothing goes wrong: 0 of 26
        each try twice: 26 of 26
        each try once more when it is done: 26 of 26
        request 1 of each try cut before it happened: 26 of 26
        request 1 of each try cut before the answer: 26 of 26
        request 1 of each try hung: 26 of 26
        request 1 of each try died before it happened: 26 of 26
        request 1 of each try died before the answer: 26 of 26
    "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &OF_FLINK, &wished);
}

#[test]
fn flink_beside() {
    let setting = Setting::Flink(Scene::new(Way::Shadow));
    let (there, back) = (
        expect![[r#"
        nothing goes wrong: 0 of 18
        each try twice: 18 of 18
        each try once more when it is done: 18 of 18
        request 1 of each try cut before it happened: 18 of 18
        request 1 of each try cut before the answer: 18 of 18
        request 1 of each try hung: 18 of 18
        request 1 of each try died before it happened: 18 of 18
        request 1 of each try died before the answer: 18 of 18
    "#]],
        expect![[r#"
        nothing goes wrong: 0 of 24
        each try twice: 24 of 24
        each try once more when it is done: 24 of 24
        request 1 of each try cut before it happened: 24 of 24
        request 1 of each try cut before the answer: 24 of 24
        request 1 of each try hung: 24 of 24
        request 1 of each try died before it happened: 24 of 24
        request 1 of each try died before the answer: 24 of 24
    "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &OF_FLINK, &wished);
}

/// Past the coordinator this hop has no way back.
#[test]
fn fluss() {
    let setting = Setting::Fluss(upshift_sim::fluss::Shape::default());
    let known = [
        "stop a server",
        "start a server",
        "make a canary",
        "prove",
        "drop a canary",
        "dump metadata",
    ];
    let there = expect![[r#"
        nothing goes wrong: 0 of 25
        each try twice: 25 of 25
        each try once more when it is done: 25 of 25
        request 1 of each try cut before it happened: 25 of 25
        request 1 of each try cut before the answer: 25 of 25
        request 1 of each try hung: 25 of 25
        request 1 of each try died before it happened: 25 of 25
        request 1 of each try died before the answer: 25 of 25
    "#]];
    keeps_the_laws(&setting, &known, &[(Wish::Upgrade, &there)]);
}

/// All servers stop, and all start.
#[test]
fn fluss_as_a_full_stop() {
    let setting = Setting::Fluss(upshift_sim::fluss::Shape {
        hop: upshift_sim::fluss::Hop::ZeroSixToZeroSeven,
        ..upshift_sim::fluss::Shape::default()
    });
    let known = [
        "stop a server",
        "start a server",
        "make a canary",
        "prove",
        "drop a canary",
        "dump metadata",
    ];
    let there = expect![[r#"
        nothing goes wrong: 0 of 17
        each try twice: 17 of 17
        each try once more when it is done: 17 of 17
        request 1 of each try cut before it happened: 17 of 17
        request 1 of each try cut before the answer: 17 of 17
        request 1 of each try hung: 17 of 17
        request 1 of each try died before it happened: 17 of 17
        request 1 of each try died before the answer: 17 of 17
    "#]];
    keeps_the_laws(&setting, &known, &[(Wish::Upgrade, &there)]);
}

const OF_ALLUXIO: [&str; 5] = [
    "stop a server",
    "start a server",
    "watch a tree",
    "format a journal",
    "restore a backup",
];

#[test]
fn alluxio() {
    let setting = Setting::Alluxio(upshift_sim::alluxio::Shape::default());
    let (there, back) = (
        expect![[r#"
        nothing goes wrong: 0 of 13
        each try twice: 13 of 13
        each try once more when it is done: 13 of 13
        request 1 of each try cut before it happened: 13 of 13
        request 1 of each try cut before the answer: 13 of 13
        request 1 of each try hung: 13 of 13
        request 1 of each try died before it happened: 13 of 13
        request 1 of each try died before the answer: 13 of 13
    "#]],
        expect![[r#"
        nothing goes wrong: 0 of 21
        each try twice: 21 of 21
        each try once more when it is done: 21 of 21
        request 1 of each try cut before it happened: 21 of 21
        request 1 of each try cut before the answer: 21 of 21
        request 1 of each try hung: 21 of 21
        request 1 of each try died before it happened: 21 of 21
        request 1 of each try died before the answer: 21 of 21
    "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &OF_ALLUXIO, &wished);
}

/// Past the coordinator, too, there is a way back, as long as the new one was started once.
#[test]
fn fluss_whose_coordinator_counts_its_starts() {
    let setting = Setting::Fluss(upshift_sim::fluss::Shape {
        hop: upshift_sim::fluss::Hop::ZeroNineToOneZero,
        ..upshift_sim::fluss::Shape::default()
    });
    let known = [
        "stop a server",
        "start a server",
        "make a canary",
        "prove",
        "drop a canary",
        "dump metadata",
    ];
    let (there, back) = (
        expect![[r#"
            nothing goes wrong: 0 of 25
            each try twice: 25 of 25
            each try once more when it is done: 25 of 25
            request 1 of each try cut before it happened: 25 of 25
            request 1 of each try cut before the answer: 25 of 25
            request 1 of each try hung: 25 of 25
            request 1 of each try died before it happened: 25 of 25
            request 1 of each try died before the answer: 25 of 25
        "#]],
        expect![[r#"
            nothing goes wrong: 0 of 41
            each try twice: 41 of 41
            each try once more when it is done: 41 of 41
            request 1 of each try cut before it happened: 41 of 41
            request 1 of each try cut before the answer: 41 of 41
            request 1 of each try hung: 41 of 41
            request 1 of each try died before it happened: 41 of 41
            request 1 of each try died before the answer: 41 of 41
        "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &known, &wished);
}

#[test]
fn alluxio_with_three_masters() {
    let setting = Setting::Alluxio(upshift_sim::alluxio::Shape::several(
        upshift_sim::alluxio::Keeping::Embedded,
    ));
    let (there, back) = (
        expect![[r#"
        nothing goes wrong: 0 of 28
        each try twice: 28 of 28
        each try once more when it is done: 28 of 28
        request 1 of each try cut before it happened: 28 of 28
        request 1 of each try cut before the answer: 28 of 28
        request 1 of each try hung: 28 of 28
        request 1 of each try died before it happened: 28 of 28
        request 1 of each try died before the answer: 28 of 28
    "#]],
        expect![[r#"
            nothing goes wrong: 0 of 44
            each try twice: 44 of 44
            each try once more when it is done: 44 of 44
            request 1 of each try cut before it happened: 44 of 44
            request 1 of each try cut before the answer: 44 of 44
            request 1 of each try hung: 44 of 44
            request 1 of each try died before it happened: 44 of 44
            request 1 of each try died before the answer: 44 of 44
        "#]],
    );
    let wished = [(Wish::Upgrade, &there), (Wish::BackAtTheEnd, &back)];
    keeps_the_laws(&setting, &OF_ALLUXIO, &wished);
}
