//! A hash of tokens that depends on nothing but what they say: not on spaces, spans or the compiler.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// FNV-1a with 64 bits (Fowler, Noll, Vo), over the text of every token with a separator behind it.
pub(super) struct Shape(u64);

impl Shape {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => {
                            self.add(group.stream());
                            continue;
                        }
                    };
                    self.add_text(open);
                    self.add(group.stream());
                    self.add_text(close);
                }
                other => self.add_text(&other.to_string()),
            }
        }
    }

    pub(super) fn add_text(&mut self, text: &str) {
        // No token holds a NUL, so `ab c` and `a bc` differ.
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(super) fn hash(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(source: &str) -> u64 {
        let mut shape = Shape::new();
        shape.add(source.parse().unwrap());
        shape.hash()
    }

    #[test]
    fn the_hash_is_of_tokens_and_never_changes() {
        assert_eq!(shape("Option<String>"), shape("Option < String >"));
        assert_ne!(shape("Option<String>"), shape("Option<str>"));
        assert_ne!(shape("ab c"), shape("a bc"));
        // Stored beside the tables of users: another value rebuilds all their views.
        assert_eq!(shape("Option<String>"), 0xb57a_8eff_8c1c_5cbd);
    }
}
