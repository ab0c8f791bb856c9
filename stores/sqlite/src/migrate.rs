//! The schema's numbered steps.

use cqrs_core::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    error::Fault,
    sql::{int, natural},
};

const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_log.sql"),
    include_str!("../migrations/0002_read_models.sql"),
    include_str!("../migrations/0003_snapshots.sql"),
];

/// Says whose file it is: `cqrs` in ASCII.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"cqrs");

/// Brings the schema up to date. Of processes that start at once one does it, the others find it done.
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), Fault> {
    if pending(conn)?.is_empty() {
        return Ok(());
    }
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in pending(&transaction)? {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", int(MIGRATIONS.len() as u64))?;
    transaction.commit()?;
    Ok(())
}

/// The steps that the file still lacks.
fn pending(conn: &Connection) -> Result<&'static [&'static str], Fault> {
    let number = |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    if application != APPLICATION_ID && (application, version) != (0, 0) {
        return Err(Fault::Store(StoreError::Unopenable {
            message: "the file is the database of another program: name another file".into(),
            source: None,
        }));
    }
    let found = natural(version.into())?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    MIGRATIONS.get(done..).ok_or(Fault::Store(StoreError::NewerSchema { found, supported: MIGRATIONS.len() as u64 }))
}
