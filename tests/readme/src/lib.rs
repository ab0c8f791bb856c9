//! The domain of `examples/users.rs` as a library. The code of the README builds on it, and its doc tests compile and
//! run it.

#[allow(dead_code, reason = "the example's `main` is not called here")]
#[path = "../../../examples/users.rs"]
mod example;

pub use example::*;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Every `file.rs::test` of the table of rules.
    #[test]
    fn the_tests_that_hold_the_rules_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
        let quoted =
            text.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
        let named: Vec<_> = quoted.filter_map(|quoted| quoted.split_once(".rs::")).collect();

        assert!(named.len() > 20, "{named:?}");
        for (file, test) in named {
            let folder = if file.contains('/') { "" } else { "cqrs-core/src/conformance" };
            let source = fs::read_to_string(root.join(folder).join(format!("{file}.rs"))).unwrap_or_default();
            assert!(source.contains(&format!("fn {test}(")), "`{file}.rs` has no test `{test}`");
        }
    }
}
