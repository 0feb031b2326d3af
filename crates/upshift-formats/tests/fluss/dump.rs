//! The dump file: what is read is written again, whatever the bytes are.

use proptest::prelude::*;
use upshift_formats::fluss::{Data, DumpError, Tree, read_dump, write_dump};

use super::fixtures;

#[test]
fn recorded_trees_are_written_as_they_were_read() {
    for (name, bytes) in fixtures::all() {
        let tree = read_dump(&bytes).expect("a dump");
        assert_eq!(read_dump(write_dump(&tree).as_bytes()), Ok(tree), "{name}");
    }
}

#[test]
fn a_node_that_looks_like_a_mark_keeps_its_bytes() {
    for text in [
        r#"{"text":"x"}"#,
        r#"{"hex":"00"}"#,
        r#"{"ephemeral":true,"value":null}"#,
        r#"{"unread":"x"}"#,
        "7",
        "[]",
    ] {
        let mut tree = Tree::default();
        let bytes = text.as_bytes().to_vec();
        tree.put(
            "/a",
            Data {
                bytes,
                ephemeral: true,
                written_ms: None,
            },
        );
        assert_eq!(read_dump(write_dump(&tree).as_bytes()), Ok(tree), "{text}");
    }
}

#[test]
fn what_could_not_be_read_stays_unread_with_all_below() {
    let mut tree = Tree::default();
    tree.put("/", Data::default());
    tree.could_not_read("/metadata", "NoAuth");
    let again = read_dump(write_dump(&tree).as_bytes()).expect("a dump");
    assert_eq!(again, tree);
    assert!(again.get("/metadata/databases").is_err());
    assert!(again.children("/metadata").is_err());
    assert_eq!(again.get("/metadatas"), Ok(None));
    assert_eq!(again.children("/"), Ok(Vec::new()));
}

#[test]
fn what_is_no_dump_is_refused() {
    for text in ["", "null", "[]", "{\"/a\": null, \"/a\": null}"] {
        assert!(
            matches!(read_dump(text.as_bytes()), Err(DumpError::Json(_))),
            "{text}"
        );
    }
    for text in [
        r#"{"a":null}"#,
        r#"{"/a/":null}"#,
        r#"{"//a":null}"#,
        r#"{"/a":1}"#,
        r#"{"/a":{"hex":"0"}}"#,
        r#"{"/a":{"hex":"zz"}}"#,
        r#"{"/a":{"text":1}}"#,
        r#"{"/a":{"unread":1}}"#,
        r#"{"/a":{"ephemeral":true,"wert":1}}"#,
    ] {
        assert!(
            matches!(read_dump(text.as_bytes()), Err(DumpError::Node { .. })),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back(
        nodes in prop::collection::btree_map("/[a-z]{1,4}", (prop::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..6),
        texts in prop::collection::btree_map("/t/[a-z]{1,4}", "\\PC{0,20}", 0..6),
    ) {
        let mut tree = Tree::default();
        for (path, (bytes, ephemeral)) in nodes {
            tree.put(path, Data { bytes, ephemeral, written_ms: None });
        }
        for (path, text) in texts {
            tree.put(path, Data { bytes: text.into_bytes(), ..Data::default() });
        }
        prop_assert_eq!(read_dump(write_dump(&tree).as_bytes()), Ok(tree));
    }
}
