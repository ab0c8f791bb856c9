//! Handlers in several blocks.

use super::{block_says, errors};
use crate::blocks;

const HANDLER: &str = "impl User { #[handle] fn close(&self, command: &Close) -> Result<Closed, X> {} }";

fn further(arguments: &str, item: &str, expected: &[(&str, &str)]) {
    block_says(blocks::aggregate, arguments, item, expected);
}

#[test]
fn a_further_block_has_handlers_only() {
    further("block = 2", HANDLER, &[]);
    further("block = 2, crate = ::cqrs", HANDLER, &[]);
    further(
        "block = 2",
        "impl User { #[on(Closed)] fn closed(&mut self) {} #[handle] fn close(&self, command: &Close) -> Result<E, X> {} }",
        &[(
            "a further block has handlers, and nothing that follows events\n\
             help: move the method to the first block",
            "#[on(Closed)]",
        )],
    );
    further(
        "block = 2",
        "impl User { fn close(&self) {} }",
        &[(
            "no method of this block is a handler\n\
             help: mark the methods that handle something with `#[handle]`, or remove the attribute",
            "block",
        )],
    );
}

#[test]
fn the_first_block_speaks_for_all() {
    let said = |key: &str| {
        format!(
            "`{key}` is said in the first block, for all of them\nhelp: move it to the attribute of the first block"
        )
    };
    let (event, snapshot) = (said("event"), said("snapshot"));
    further("event = E, block = 2, snapshot(every = 10)", HANDLER, &[(&event, "event"), (&snapshot, "snapshot")]);
    further(
        "blocks = 3, block = 2",
        HANDLER,
        &[(
            "a further block does not say how many there are\n\
             help: remove it; the first block says `blocks = …`, and each further one which it is",
            "blocks",
        )],
    );
}

#[test]
fn blocks_are_counted_from_the_first() {
    let block = "`block` takes the number of a further block, from 2 to 64\nhelp: write `block = 2`";
    let blocks = "`blocks` takes how many blocks there are, from 2 to 64\nhelp: write `blocks = 2`, or remove it";
    for number in ["0", "1", "65", "2u8", "99999999999999999999999"] {
        further(&format!("block = {number}"), HANDLER, &[(block, number)]);
        let first = format!("event = E, error = X, blocks = {number}");
        further(&first, "impl User { #[on(Made)] fn made() -> Self { Self } }", &[(blocks, number)]);
    }
}

#[test]
fn a_command_is_handled_once_in_a_further_block() {
    further(
        "block = 2",
        "impl User { #[handle] fn a(&self, c: &Close) -> Result<E, X> {} #[handle] fn b(&self, c: Close) -> Result<E, X> {} }",
        &[("`Close` is handled twice\nhelp: keep one handler for it, or write a second type", "Close")],
    );
}

#[test]
fn statements_stand_in_one_block() {
    block_says(
        blocks::projection,
        "event = E, name = \"signups\", transaction = Tx, blocks = 2",
        "impl Signups { #[on(Made)] async fn made(tx: &mut Tx) -> Result<(), X> {} }",
        &[(
            "a projection with a transaction has no handlers that could stand in several blocks\n\
             help: remove it; all methods stand in one block",
            "blocks",
        )],
    );
}

#[test]
fn a_further_block_is_not_generic() {
    further(
        "block = 2",
        "impl<T> User<T> { #[handle] fn close(&self, command: &Close) -> Result<Closed, X> {} }",
        &[(
            "an aggregate cannot be generic: its events are stored under one name\n\
             help: name the types, and write a type and a block for each",
            "T",
        )],
    );
}

#[test]
fn the_first_block_calls_for_the_others() {
    let block = "impl Mails { #[handle] async fn remind(&self, command: Remind) -> Result<(), X> {} }";
    let output = blocks::command_handlers("blocks = 3".parse().unwrap(), block.parse().unwrap());
    assert_eq!(errors(output.clone()), []);
    let output = output.to_string();
    assert_eq!(output.matches(":: Blocks <").count(), 2, "{output}");
    assert_eq!(output.matches(":: Block <").count(), 2, "{output}");
    let output = blocks::command_handlers("block = 3".parse().unwrap(), block.parse().unwrap()).to_string();
    assert!(output.contains("CommandRoute < Self > , 3 >") && !output.contains("CommandRoutes"), "{output}");
}

#[test]
fn methods_of_one_name_are_left_to_rustc() {
    let block = "impl User { #[on(Made)] fn made() -> Self {} #[on(Closed)] fn made(&mut self) {} }";
    let output = blocks::aggregate("event = E, error = X".parse().unwrap(), block.parse().unwrap());
    assert_eq!(errors(output.clone()), []);
    assert!(!output.to_string().contains("Self :: made"), "{output}");
}

#[test]
fn a_number_that_cannot_be_read_is_one_of_a_further_block() {
    let output = blocks::aggregate(
        "block = two".parse().unwrap(),
        "impl User { #[handle] fn close(&self, command: Close) -> Result<E, X> {} }".parse().unwrap(),
    );
    let messages: Vec<_> = errors(output.clone()).into_iter().map(|error| error.0).collect();
    assert_eq!(messages, ["`block` takes a whole number\nhelp: write `block = 2`"]);
    let text = output.to_string();
    assert!(text.contains("Decide < Close >") && !text.contains("Aggregate for User"), "{text}");
}
