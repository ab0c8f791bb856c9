//! `docs/macros.md`: its code is quoted from a domain that is here twice, annotated and by hand, and both are one.
#![allow(missing_docs, unreachable_pub, reason = "domains as on the page")]
#![allow(clippy::duplicate_mod, reason = "one script, played by either domain")]

mod annotated;
mod by_hand;
mod transaction;

use std::{fs, path::Path};

/// The same answers and, byte by byte, the same log.
#[tokio::test]
async fn written_by_hand_it_is_the_same() {
    let (annotated, by_hand) = (annotated::transcript().await, by_hand::transcript().await);
    assert!(annotated.len() > 40, "{annotated:#?}");
    for (annotated, by_hand) in annotated.iter().zip(&by_hand) {
        assert_eq!(annotated, by_hand);
    }
    assert_eq!(annotated.len(), by_hand.len());
}

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn by_hand() -> String {
    ["write", "read", "services"].map(|part| source(&format!("tests/guide/by_hand/{part}.rs"))).concat()
}

#[test]
fn by_hand_means_without_a_macro_and_against_what_is_public() {
    let source = by_hand();
    for derived in source.lines().filter_map(|line| line.strip_prefix("#[derive(")) {
        let derives = derived.trim_end_matches(")]").split(", ");
        for derive in derives {
            let known = ["Clone", "Debug", "Deserialize", "PartialEq", "Serialize", "thiserror::Error"];
            assert!(known.contains(&derive), "`{derive}` is not the standard library's, serde's or thiserror's");
        }
    }
    for macros in ["__private", "#[aggregate", "#[projection", "#[handle", "#[on(", "#[cqrs", "_handlers]"] {
        assert!(!source.contains(macros), "{macros}");
    }
}

/// What a macro writes is compared with the macro itself, in the tests of `cqrs-derive`.
#[test]
fn what_the_guide_shows_is_compiled_here() {
    let guide = source("../../docs/macros.md");
    let compiled = source("tests/guide/annotated/domain.rs") + &by_hand();
    let blocks: Vec<_> =
        guide.split("\n```rust\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect();
    assert!(blocks.len() >= 18, "an input and a way out for each of nine: {}", blocks.len());
    for block in blocks {
        assert!(compiled.contains(block.trim_end()), "this is not in the domains under `tests/guide`:\n{block}");
    }
}
