//! Domains of any size. Each is one part or several, and a part is one of the files under `parts/`: an aggregate with commands
//! and events, a read model that follows them, and a query. The text depends on the sizes alone.

/// How a domain is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Annotated,
    ByHand,
    Plain,
}

impl Side {
    fn part(self) -> &'static str {
        match self {
            Self::Annotated => include_str!("parts/annotated.rs"),
            Self::ByHand => include_str!("parts/by_hand.rs"),
            Self::Plain => include_str!("parts/plain.rs"),
        }
    }
}

/// A crate with `commands` commands and as many events, `each` to an aggregate.
pub(crate) fn domain(side: Side, commands: usize, each: usize) -> String {
    let parts = (0..commands / each).map(|place| {
        let part = repeated(side.part(), each).replace("part0", &format!("part{place}"));
        format!("pub mod part{place} {{\n{}}}\n", part.replace("parts0", &format!("parts{place}")))
    });
    format!("#![allow(dead_code)]\n{}", parts.collect::<String>())
}

/// What stands between `// each` and `// end` is there once for every command but the first, with its number for 1.
fn repeated(part: &str, commands: usize) -> String {
    let mut blocks = part.split("// each\n");
    let mut text = blocks.next().unwrap_or_default().replace("//!", "//");
    for block in blocks {
        let (block, rest) = block.split_once("// end\n").unwrap_or((block, ""));
        text.extend((1..commands).map(|place| block.replace('1', &place.to_string())));
        text += rest;
    }
    text
}
