use crate::{
    ctxt::Ctxt,
    model::{command::Command, item},
    symbol,
};

pub(crate) fn check(cx: &Ctxt, command: &Command<'_>) {
    let Command { ident, attrs, .. } = command;
    match (&command.aggregate, &command.id) {
        // The engine loads the aggregate before the handler sees the command, so it must know which one.
        // What could not be read may be just what marks it.
        (Some(_), None)
            if command.fields.iter().all(|(_, _, attrs)| attrs.is_whole()) && !cx.is_misplaced(symbol::ID) =>
        {
            let help = match command.likely_id() {
                Some(field) => format!("write `{}`", item::marked(field, symbol::ID)),
                None => "add a field for it: `#[cqrs(id)] id: Uuid`".to_owned(),
            };
            cx.error_help(ident, format!("no field of `{ident}` is marked as the id of its aggregate"), help);
        }
        // Nothing would read it.
        (None, Some((_, field))) if cx.is_clean() => {
            let marked = command.fields.iter().find_map(|(_, _, attrs)| attrs.given(symbol::ID));
            let help = if attrs.all().next().is_some() {
                format!("add `aggregate = …` to the `#[cqrs(…)]` of `{ident}`, or remove `#[cqrs(id)]`")
            } else {
                format!("write `#[cqrs(aggregate = …)]` before `struct {ident}`, or remove `#[cqrs(id)]`")
            };
            let problem = "`id` marks the id of an aggregate, but this command names none";
            match marked {
                Some(key) => cx.error_help(key, problem, help),
                None => cx.error_help(field, problem, help),
            }
        }
        _ => {}
    }
    // The engine turns a lost claim and a missing aggregate into the aggregate's error, not another one.
    if let (Some(_), Some(error)) = (&command.aggregate, attrs.given(symbol::ERROR)) {
        let help = "remove it; `error` is for commands without an aggregate";
        cx.error_help(error, "a command of an aggregate fails with the aggregate's error", help);
    }
}
