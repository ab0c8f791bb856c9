//! Text that may hold what the server cannot.
//!
//! A NUL cannot be stored in `text`. U+0000 and U+0001 are therefore written as two characters each, which keeps the
//! order of texts; all others stay as they are.

use std::borrow::Cow;

const MARK: char = '\u{1}';

/// As it is stored.
pub(crate) fn stored(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\0' => escaped.extend([MARK, MARK]),
            MARK => escaped.extend([MARK, '\u{2}']),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// As it was before it was stored.
pub(crate) fn restored(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut restored = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, if char == MARK { chars.next() } else { None }) {
            (MARK, Some(MARK)) => restored.push('\0'),
            (MARK, Some('\u{2}')) => restored.push(MARK),
            // Written by somebody else: as it is.
            (first, second) => restored.extend(std::iter::once(first).chain(second)),
        }
    }
    Cow::Owned(restored)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_come_back_in_the_same_order(left in "[\0\u{1}\u{2}a]{0,6}", right in "[\0\u{1}\u{2}a]{0,6}") {
            let (left_stored, right_stored) = (stored(&left), stored(&right));
            prop_assert!(!left_stored.contains('\0'));
            prop_assert_eq!(restored(&left_stored), left.as_str());
            prop_assert_eq!(left_stored.cmp(&right_stored), left.cmp(&right));
        }
    }
}
