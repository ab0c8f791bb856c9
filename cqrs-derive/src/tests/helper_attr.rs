//! `#[handle]` and `#[on]` as people write them.

use super::{block_says, errors};
use crate::blocks;

const MADE: &str = "#[on(Made)] fn made() -> Self { Self }";

fn block(rest: &str) -> String {
    format!("impl User {{ {MADE} {rest} }}")
}

fn says(rest: &str, expected: &[(&str, &str)]) {
    block_says(blocks::aggregate, "event = E, error = X", &block(rest), expected);
}

#[test]
fn a_path_to_one_is_the_same() {
    for (handle, on) in [("cqrs::handle", "cqrs::on"), ("::cqrs::handle", "my::prelude::on")] {
        let item = block(&format!(
            "#[{handle}] fn close(&self, command: Close) -> Result<E, X> {{}} #[{on}(Closed)] fn closed(&mut self) {{}}"
        ));
        let output = blocks::aggregate("event = E, error = X".parse().unwrap(), item.parse().unwrap());
        assert_eq!(errors(output.clone()), [], "{item}");
        let text = output.to_string();
        assert!(text.contains("Decide < Close >") && text.contains("E :: Closed"), "{text}");
        assert!(!text.contains(":: handle]") && !text.contains(":: on (Closed)"), "an attribute is left: {text}");
    }
}

#[test]
fn what_others_call_it_is_taken_as_meant() {
    let handler = |attribute: &str| format!("#[{attribute}] fn close(&self, command: Close) -> Result<E, X> {{}}");
    for attribute in ["Handle", "handler", "command_handler"] {
        let problem = format!(
            "a method of a block with `#[aggregate]` is not marked with `#[{attribute}]`\nhelp: write `#[handle]`"
        );
        says(&handler(attribute), &[(&problem, attribute)]);
    }
    for attribute in ["On", "apply", "event_handler"] {
        let problem = format!(
            "a method of a block with `#[aggregate]` is not marked with `#[{attribute}]`\nhelp: write `#[on(…)]`"
        );
        says(&format!("#[{attribute}(Closed)] fn closed(&mut self) {{}}"), &[(&problem, attribute)]);
    }
}

#[test]
fn what_is_another_crate_s_stays() {
    let item = block("#[apply(common!)] #[tracing::instrument] fn helper(&self) {}");
    let output = blocks::aggregate("event = E, error = X".parse().unwrap(), item.parse().unwrap());
    assert_eq!(errors(output.clone()), []);
    assert!(output.to_string().contains("# [apply (common !)] # [tracing :: instrument] fn helper"), "{output}");
}

#[test]
fn in_another_attribute_it_is_not_seen() {
    says(
        "#[cfg_attr(test, handle)] fn close(&self, command: Close) -> Result<E, X> {}",
        &[(
            "the block is read before `cfg_attr` is, and does not see this `#[handle]`\n\
             help: write `#[cfg(…)]` and `#[handle]`: then the whole method is there or not",
            "#[cfg_attr(test, handle)]",
        )],
    );
    says(
        "#[cfg_attr(test, on(Closed), inline)] fn closed(&mut self) {}",
        &[(
            "the block is read before `cfg_attr` is, and does not see this `#[on]`\n\
             help: write `#[cfg(…)]` and `#[on(…)]`: then the whole method is there or not",
            "#[cfg_attr(test, on(Closed), inline)]",
        )],
    );
    says(
        "#[cqrs(handle)] fn close(&self, command: Close) -> Result<E, X> {}",
        &[("`#[cqrs(…)]` is for data, not for methods\nhelp: write `#[handle]`", "#[cqrs(handle)]")],
    );
}

#[test]
fn events_are_named_by_their_variants() {
    says(
        "#[on(Closed | Left)] fn closed(&mut self) {}",
        &[(
            "events that one method is for stand behind one another\nhelp: write a comma: `#[on(Created, Imported)]`",
            "|",
        )],
    );
    says(
        "#[on(Closed { reason, .. })] fn closed(&mut self) {}",
        &[(
            "the fields of an event are taken by parameters that are called like them\n\
             help: write `#[on(Closed)]`; fields that are not needed are left out",
            "{ reason, .. }",
        )],
    );
    says(
        "#[on(_)] fn closed(&mut self) {}",
        &[(
            "an `#[on]` names its events, so that a new one is not overlooked\n\
             help: name them; those that concern nothing here go into `ignore(…)`, behind `event = …`",
            "_",
        )],
    );
    says(
        "#[on = Closed] fn closed(&mut self) {}",
        &[("`#[on]` names no event\nhelp: write the variant it is about: `#[on(Created)]`", "#[on = Closed]")],
    );
    let output = blocks::aggregate(
        "event = E, error = X".parse().unwrap(),
        "impl User { #[on = Made] fn made() -> Self { Self } }".parse().unwrap(),
    );
    assert!(!output.to_string().contains("matches ! (__cqrs_event ,)"), "a pattern is missing: {output}");
}

#[test]
fn what_a_key_takes_is_no_event() {
    block_says(
        blocks::projection,
        "event = E",
        "impl View { #[on(Made, or_insert = |id| View { id })] fn made(&mut self) {} }",
        &[(
            "`or_insert` takes a path, and no fields\nhelp: name a function that makes it of the one value that it takes",
            "|id| View { id }",
        )],
    );
}

#[test]
fn a_receiver_in_full_is_one() {
    let handlers = "#[handle] fn close(self: &Self, command: Close) -> Result<E, X> {} \
                    #[on(Closed)] fn closed(self: &mut Self) {}";
    says(handlers, &[]);
}

#[test]
fn a_handler_that_changes_is_told_to_be_an_on() {
    says(
        "#[handle] fn closed(&mut self) {}",
        &[(
            "a handler decides; only events change the aggregate\n\
             help: take `&self`, return an event, and change the state in a method with `#[on(…)]`",
            "&mut self",
        )],
    );
}

#[test]
fn the_recorded_event_is_taken_whole_and_once() {
    let block = |attributes: &str| {
        format!("impl View {{ #[on(Made)] fn made({attributes} event: &RecordedEvent) -> Self {{ todo!() }} }}")
    };
    block_says(
        blocks::projection,
        "event = E",
        &block("#[recorded(position)]"),
        &[(
            "`#[recorded]` takes no arguments: the parameter is the whole recorded event\n\
             help: write `#[recorded] event: &RecordedEvent`, and read its fields",
            "#[recorded(position)]",
        )],
    );
    block_says(
        blocks::projection,
        "event = E",
        &block("#[recorded] #[recorded]"),
        &[("`#[recorded]` is given twice\nhelp: remove one of the two", "#[recorded]")],
    );
}

#[test]
fn an_on_takes_fields_and_not_the_event() {
    for parameter in ["event: E", "event: &E"] {
        says(
            &format!("#[on(Closed)] fn closed(&mut self, {parameter}) {{}}"),
            &[(
                "an `#[on]` takes the fields of its event by their names, not the event\n\
                 help: write the fields that are needed instead, as `name: String`; the others are left out",
                parameter,
            )],
        );
    }
}
