//! What rustc and the macros say about what they refuse. `TRYBUILD=overwrite cargo test -p cqrs-macro-tests --test
//! macros` writes the expected messages anew, `… -- macros trybuild=NAME` runs the cases of that name, and `SCORES.md` says how
//! good they are. What they accept is in `compile_pass/`, where each file is a test target, so that clippy sees it too.

mod scores;

#[test]
fn macros() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
