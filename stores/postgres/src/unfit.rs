//! Appends that the server cannot take in, whatever the log holds.

use cqrs_core::{Append, NewEvent, StoreError};
use serde::de::IgnoredAny;
use tokio_postgres::error::SqlState;

use crate::error::{driver_error, failed};

/// What is wrong with each append of a batch that the server choked on; `None` for those that are not at fault.
pub(crate) fn faults(appends: &[Append], error: &StoreError) -> Vec<Option<StoreError>> {
    match driver_error(error).and_then(tokio_postgres::Error::code) {
        Some(&SqlState::INVALID_TEXT_REPRESENTATION | &SqlState::CHARACTER_NOT_IN_REPERTOIRE) => {
            appends.iter().map(|append| append.events.iter().find_map(no_json)).collect()
        }
        Some(&SqlState::STATEMENT_TOO_COMPLEX) => {
            let depth = |append: &Append| append.events.iter().map(|event| depth(&event.payload)).max();
            let deepest = appends.iter().filter_map(depth).max();
            let too_deep = |append| depth(append).filter(|depth| Some(*depth) == deepest);
            appends.iter().map(|append| too_deep(append).map(|depth| nested(append, depth))).collect()
        }
        _ => Vec::new(),
    }
}

fn no_json(event: &NewEvent) -> Option<StoreError> {
    let why = match std::str::from_utf8(&event.payload) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).err()?.to_string(),
        Err(error) => error.to_string(),
    };
    let NewEvent { event_type, stream, .. } = event;
    Some(failed(format!(
        "the payload of `{event_type}` for `{stream}` is no JSON, and this store keeps nothing else: {why}"
    )))
}

fn nested(append: &Append, depth: usize) -> StoreError {
    let stream = append.events.first().map_or("", |event| event.stream.as_str());
    failed(format!(
        "a payload for `{stream}` is nested {depth} deep, which is more than the server reads: raise its \
         `max_stack_depth`, or nest less"
    ))
}

/// How deep JSON is nested.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    let mut in_text = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_text => drop(bytes.next()),
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_nest_nothing() {
        for (json, is) in [("1", 0), ("[]", 1), (r#"{"a": [1, {"b": []}], "c": {}}"#, 4), (r#"["[[\"[[", 1]"#, 1)] {
            assert_eq!(depth(json.as_bytes()), is, "{json}");
        }
    }
}
