//! What the macros accept, and what rustc and they say about the rest. `TRYBUILD=overwrite cargo test -p
//! cqrs-macro-tests` writes the expected messages anew; `SCORES.md` says how good they are.

#[test]
fn macros() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_pass/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
