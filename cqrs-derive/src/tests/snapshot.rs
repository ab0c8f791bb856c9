use super::block_says;
use crate::blocks;

const BLOCK: &str = "impl User { #[on(Made)] fn made() -> Self { Self } }";

/// What is said about `snapshot…` in the arguments of `#[aggregate]`.
fn says(snapshot: &str, expected: &[(&str, &str)]) {
    block_says(blocks::aggregate, &format!("event = E, error = X, {snapshot}"), BLOCK, expected);
}

/// What is said about `#[cqrs(…)]` beneath it.
fn says_beneath(arguments: &str, attribute: &str, expected: &[(&str, &str)]) {
    let block = format!("{attribute} {BLOCK}");
    block_says(blocks::aggregate, &format!("event = E, error = X{arguments}"), &block, expected);
}

#[test]
fn it_is_accepted_in_both_places() {
    says("snapshot(every = 100)", &[]);
    says("snapshot(version = 2, every = 1,)", &[]);
    says_beneath("", "#[cqrs(snapshot(every = 100))]", &[]);
    says_beneath("", "#[doc = \"\"] #[cqrs(snapshot(every = 100, version = 2))] #[allow(dead_code)]", &[]);
}

#[test]
fn it_stands_in_one_place() {
    let twice = "`snapshot` is given twice\nhelp: remove one of the two";
    says_beneath(", snapshot(every = 100)", "#[cqrs(snapshot(every = 100))]", &[(twice, "snapshot")]);
    says("snapshot(every = 100), snapshot(every = 5)", &[(twice, "snapshot")]);
    says("snapshot(every = 100, every = 5)", &[("`every` is given twice\nhelp: remove one of the two", "every")]);
}

#[test]
fn it_needs_its_keys() {
    let needs = "`snapshot` needs a value: keys in parentheses\nhelp: write `snapshot(every = 100)`";
    says("snapshot", &[(needs, "snapshot")]);
    says_beneath("", "#[cqrs(snapshot)]", &[(needs, "snapshot")]);
    says("snapshot = 100", &[("`snapshot` takes keys in parentheses\nhelp: write `snapshot(every = 100)`", "100")]);
    says("snapshot(20)", &[("`snapshot` does not say what this number is\nhelp: write `snapshot(every = 20)`", "20")]);
}

#[test]
fn it_says_how_often() {
    let missing = "`snapshot` does not say its `every`: after how many events one is taken\n\
                   help: write `snapshot(every = 100)`";
    says("snapshot()", &[(missing, "snapshot")]);
    says("snapshot(version = 2)", &[(missing, "snapshot")]);
}

#[test]
fn its_keys_are_known() {
    says(
        "snapshot(evry = 100)",
        &[(
            "`evry` is not a key of `snapshot(…)`\n\
             help: did you mean `every`? Here the keys are `every`, `version`",
            "evry",
        )],
    );
    says(
        "snapshot(every = 100, compress = true)",
        &[("`compress` is not a key of `snapshot(…)`\nhelp: here the keys are `every`, `version`", "compress")],
    );
    says(
        "snapshots(every = 100)",
        &[(
            "`snapshots` is not a key of `#[aggregate]`\n\
             help: did you mean `snapshot`? Here the keys are `event`, `error`, `not_found`, `already_exists`, \
             `ignore`, `snapshot`, `blocks`, `block`, `crate`",
            "snapshots",
        )],
    );
    says_beneath(
        "",
        "#[cqrs(snapsot(every = 100))]",
        &[(
            "`snapsot` is not a key of the `#[cqrs]` of an aggregate\n\
             help: did you mean `snapshot`? Here only `snapshot` is allowed",
            "snapsot",
        )],
    );
    says_beneath(
        "",
        "#[cqrs(not_found = X::No)]",
        &[(
            "`not_found` is a key of `#[aggregate]`, not of the `#[cqrs]` of an aggregate\n\
             help: move it there; here only `snapshot` is allowed",
            "not_found",
        )],
    );
    says_beneath(
        "",
        "#[cqrs]",
        &[("expected keys in parentheses\nhelp: write `#[cqrs(snapshot(every = 100))]`", "#[cqrs]")],
    );
}

#[test]
fn its_numbers_are_whole() {
    says(
        "snapshot(every = 0)",
        &[(
            "`every` is 0: there is no event between two snapshots\n\
             help: write `every = 100`, or remove `snapshot(…)` to keep none",
            "0",
        )],
    );
    says(
        "snapshot(every = \"100\")",
        &[("`every` takes a whole number, not a string\nhelp: write `every = 100`", "\"100\"")],
    );
    says("snapshot(every = 1.5)", &[("`every` takes a whole number\nhelp: write `every = 100`", "1.5")]);
    says("snapshot(every = OFTEN)", &[("`every` takes a whole number\nhelp: write `every = 100`", "OFTEN")]);
    says("snapshot(every)", &[("`every` needs a value: a whole number\nhelp: write `every = 100`", "every")]);
    let unfit = "takes a whole number from 1 to 18446744073709551615";
    says("snapshot(every = -1)", &[(&format!("`every` {unfit}\nhelp: write `every = 100`"), "-1")]);
    says("snapshot(every = 5u8)", &[(&format!("`every` {unfit}\nhelp: write `every = 100`"), "5u8")]);
    says(
        "snapshot(every = 1, version = 18446744073709551616)",
        &[(
            "`version` takes a whole number from 0 to 18446744073709551615\nhelp: write `version = 2`",
            "18446744073709551616",
        )],
    );
}

#[test]
fn a_mistake_in_it_hides_no_other() {
    block_says(
        blocks::aggregate,
        "event = E, snapshot(every = 0), error = X",
        "impl User { #[on(Made)] fn made() -> Self { Self } #[on(Made)] fn again(&mut self) {} }",
        &[
            (
                "`every` is 0: there is no event between two snapshots\n\
                 help: write `every = 100`, or remove `snapshot(…)` to keep none",
                "0",
            ),
            (
                "`Made` is covered twice\n\
                 help: keep one `#[on]` for it; one method may do all that the event asks for",
                "Made",
            ),
        ],
    );
}
