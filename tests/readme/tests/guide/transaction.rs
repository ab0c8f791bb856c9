//! A transaction that notes what it is given. It stands for the one of `PostgreSQL`.

use std::fmt::Display;

/// Statements, with their values.
pub(crate) struct PgTransaction<'a>(pub(crate) &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no statement")]
pub(crate) struct PgError(String);

impl PgTransaction<'_> {
    /// Notes a statement; an empty one fails.
    #[allow(clippy::unused_async, reason = "as the method that it stands for")]
    pub(crate) async fn execute(&mut self, sql: &str, values: &[&(dyn Display + Sync)]) -> Result<u64, PgError> {
        if sql.is_empty() {
            return Err(PgError(sql.to_owned()));
        }
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        self.0.push(format!("{sql} <- {}", values.join(", ")));
        Ok(1)
    }
}
