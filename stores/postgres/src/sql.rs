//! The statements of the log, in a log's names.

use crate::names::Names;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        /// Each as it goes to the server.
        pub(crate) struct Sql {
            $($(#[$doc])* pub(crate) $name: String,)*
        }

        impl Sql {
            pub(crate) fn new(names: &Names) -> Self {
                Self { $($name: names.render($sql),)* }
            }
        }
    };
}

statements! {
    append = "SELECT {log}append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    receipt = "SELECT position, written FROM {log}events WHERE request = $1 AND written IS NOT NULL \
               UNION ALL SELECT last, 0 FROM {log}receipts WHERE request = $1";
    head = "SELECT coalesce(max(position), 0) FROM {log}events";
    holder = "SELECT holder FROM {log}claims WHERE key = $1 AND value = $2";
}
