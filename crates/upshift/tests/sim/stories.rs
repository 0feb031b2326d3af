//! The stories.

use upshift_sim::wire::Scene;

use crate::support::Story;

#[test]
fn an_upgrade_in_place_by_the_policys_timer() {
    let story = Story::set(&Scene::new().policy("finalize_after", "\"200ms\""));
    println!("{}", story.upshift(&["check", "system.toml"]).out);
    println!("{}", story.upshift(&["plan", "system.toml", "-o", "up.plan"]).out);
    let t = std::time::Instant::now();
    let ran = story.apply();
    println!("{} {} {} {:?}", ran.code, ran.out, ran.err, t.elapsed());
    story.closed();
    println!("{} {:#?}", story.words(), story.effects());
    assert_eq!(story.alive("orders"), ["1.20.5"]);
}
