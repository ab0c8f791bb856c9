//! The statements of the log, in a log's names.
//!
//! What reads events goes through an index whatever the server knows or believes of the tables. An order by all columns of
//! an index, from a row behind, is had from that index alone, and `OFFSET 0` keeps a look-up by key from becoming a join.
//! A limit, which is as many events as are asked for, leads the planner to an index even of a small table; another around it,
//! which is what a page holds and a number, keeps it from thinking that much is read, and from compiling what is done
//! before it is compiled.

use crate::names::Names;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Each as it goes to the server.
        pub(crate) struct Sql {
            $($(#[$doc])* pub(crate) $name: String,)*
            /// A page of every event behind $1, up to $2.
            pub(crate) page: String,
            /// Of those of the types $5. Up to the position $4 the log itself is read, which costs least where most of it is
            /// chosen; behind it the index is, for what is missing then.
            pub(crate) page_of_types: String,
            /// Of those that any of the searches $4 finds. Versions follow positions, so where a stream goes on behind $1 is
            /// found by halving, the newest event first.
            pub(crate) page_of_searches: String,
        }

        impl Sql {
            pub(crate) fn new(names: &Names) -> Self {
                let page = |events: &str| names.render(&PAGE.replace("{events}", events));
                Self {
                    $($name: names.render(include_str!(concat!("../sql/", stringify!($name), ".sql"))),)*
                    page: page(include_str!("../sql/events.sql")),
                    page_of_types: page(include_str!("../sql/events_of_types.sql")),
                    page_of_searches: page(include_str!("../sql/events_of_searches.sql")),
                }
            }
        }
    };
}

/// The first of the events that a statement gives in order, until their payloads fill $3 bytes as they are stored, and how
/// far the log reached then.
const PAGE: &str = include_str!("../sql/page.sql");

statements! {
    append;
    receipt;
    head;
    holder;
    /// Of the stream $1 behind the version $2, up to $3: whole events but for their stream.
    stream;
    /// The same, and of each event what folding takes.
    history;
    snapshot;
    keep_snapshot;
    /// For each of the projections $1 of the log $2, in order, its lock, and whether this session has got it.
    try_leases;
    record_runner;
    forget_runner;
}
