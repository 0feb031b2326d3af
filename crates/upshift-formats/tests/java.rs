//! Class files: a real one is read whole, a damaged one ends in an error or in another answer, never in a panic.

use proptest::prelude::*;
use upshift_formats::java::{ClassLimits, MemberKind, read_class};

/// Compiled by javac 17 for Java 8; its source lies beside it.
const REAL: &[u8] = include_bytes!("../../upshift-drivers/java/GraphProbe.class");

#[test]
fn a_real_class_tells_what_it_is_and_refers_to() {
    let class = read_class(REAL, &ClassLimits::default()).unwrap();
    assert_eq!((class.major, class.name), (52, "GraphProbe"));
    assert_eq!(class.superclass, Some("java/lang/Object"));
    assert!(class.interfaces.is_empty() && class.fields.is_empty());
    assert!(
        class
            .methods
            .iter()
            .any(|m| (m.name, m.descriptor) == ("main", "([Ljava/lang/String;)V"))
    );
    assert!(
        class.classes.contains("java/net/URLDecoder"),
        "{:?}",
        class.classes
    );
    assert!(!class.classes.contains("GraphProbe"));
    let halt = class.members.iter().find(|m| m.name == "halt").unwrap();
    assert_eq!(
        (halt.class, halt.descriptor, halt.kind),
        ("java/lang/Runtime", "(I)V", MemberKind::Method)
    );
}

/// One of each form, see the place: enum, record, sealed interface, annotation, lambdas, a module.
fn forms() -> Vec<(String, Vec<u8>)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/java-classes");
    let mut all: Vec<_> = std::fs::read_dir(dir)
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "class"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a class"))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_form_of_a_class_is_read() {
    let forms = forms();
    assert!(forms.len() >= 8, "{}", forms.len());
    for (name, bytes) in &forms {
        let class = read_class(bytes, &ClassLimits::default()).expect(name);
        assert_eq!((class.major, class.name), (61, name.as_str()));
        for end in 0..bytes.len() {
            read_class(&bytes[..end], &ClassLimits::default()).expect_err(name);
        }
    }
    let (_, bytes) = forms.iter().find(|(name, _)| name == "Shapes").expect("Shapes");
    let class = read_class(bytes, &ClassLimits::default()).unwrap();
    assert_eq!(class.interfaces, ["java/lang/Runnable"]);
    for named in ["Shapes$Circle", "java/lang/invoke/LambdaMetafactory"] {
        assert!(class.classes.contains(named), "{:?}", class.classes);
    }
}

#[test]
fn every_prefix_is_an_error_and_so_is_what_is_too_long() {
    let limits = ClassLimits::default();
    for end in 0..REAL.len() {
        read_class(&REAL[..end], &limits).expect_err("cut short");
    }
    read_class(&[REAL, &[0]].concat(), &limits).expect_err("something behind it");
    read_class(REAL, &ClassLimits { bytes: 100 }).expect_err("longer than the limit");
}

#[test]
fn a_flipped_byte_never_panics() {
    let mut bytes = REAL.to_vec();
    let mut errors = 0;
    for at in 0..bytes.len() {
        bytes[at] ^= 0xff;
        errors += u32::from(read_class(&bytes, &ClassLimits::default()).is_err());
        bytes[at] ^= 0xff;
    }
    assert!(errors > 1_000, "{errors}");
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52], tail.as_slice()].concat();
        std::hint::black_box(read_class(&bytes, &ClassLimits::default()).is_ok());
    }
}
