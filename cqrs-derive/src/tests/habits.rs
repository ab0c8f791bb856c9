//! Derives of what is not derived.

use super::errors;
use crate::habits::{self, AGGREGATE, COMMAND_HANDLER, PROJECTION, QUERY_HANDLER};

#[test]
fn each_says_what_to_write_on_this_type() {
    for (habit, problem, written) in [
        (&AGGREGATE, "an aggregate is made by", "`#[aggregate(event = …, error = …)]` on `impl User`"),
        (&PROJECTION, "a projection is made by", "`#[projection(event = …)]` on `impl User`"),
        (&COMMAND_HANDLER, "a command is handled by", "`#[command_handlers] impl User` block"),
        (&QUERY_HANDLER, "a query is answered by", "`#[query_handlers] impl User` block"),
    ] {
        for item in
            ["#[cqrs(event = UserEvent)] pub struct User { id: u8 }", "struct User { id: , }", "enum User { A }"]
        {
            let errors = errors(habits::derive(item.parse().unwrap(), habit));
            let [(message, _)] = &*errors else { panic!("{errors:?}") };
            assert!(message.starts_with(problem) && message.ends_with(written), "{message}");
        }
    }
}
