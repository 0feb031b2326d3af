//! What copies run: a jar of their own in place of the original's.

use expect_test::expect;

use crate::stage::Person;
use crate::telling::goes;

/// A jar that was built for the wanted engine: the copy runs it, and the original keeps its own.
#[tokio::test]
async fn the_copy_runs_a_jar_of_its_own() {
    let (stage, run) = goes(&["lost-answer@CreateDeployment*1"], Person::Accepts, |stage| {
        stage.declaration.delete_originals = false;
        let program = upshift_model::realtime_compute::Program {
            jar: "built-anew.jar".to_owned(),
            entry_class: Some("org.example.Orders".to_owned()),
            args: None,
            dependencies: Some(vec!["connector.jar".to_owned()]),
        };
        stage.declaration.programs.insert("orders".to_owned(), program);
    })
    .await;
    assert!(run.story().await.contains("Finalized"), "{}", run.story().await);
    let all = stage
        .client
        .deployments(&Default::default())
        .await
        .expect("a list");
    let mut artifacts: Vec<String> = all
        .iter()
        .map(|one| format!("{} {}\n", one.name(), one.get("artifact").expect("an artifact")))
        .collect();
    artifacts.sort();
    expect![[r#"
        orders {"jarArtifact":{"entryClass":"","jarUri":"paper.jar","mainArgs":""},"kind":"JAR"}
        orders-upg {"jarArtifact":{"additionalDependencies":["connector.jar"],"entryClass":"org.example.Orders","jarUri":"built-anew.jar","mainArgs":""},"kind":"JAR"}
    "#]].assert_eq(&artifacts.concat());
}
