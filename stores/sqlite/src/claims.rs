//! Unique values: taken, replaced, released (S7).

use cqrs_core::{Claim, StoreError, StreamId, store::AlreadyClaimed};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{append::Refused, error::Fault};

const HOLDER: &str = "SELECT holder FROM claims WHERE key = ?1 AND value = ?2";
const TAKE: &str = "INSERT INTO claims (key, value, holder) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const RELEASE: &str = "DELETE FROM claims WHERE key = ?1 AND value = ?2 AND holder = ?3";
const RELEASE_ALL: &str = "DELETE FROM claims WHERE key = ?1 AND holder = ?2";
const RELEASE_OTHERS: &str = "DELETE FROM claims WHERE key = ?1 AND holder = ?3 AND value <> ?2";

/// Makes the changes in order, or none of them.
pub(crate) fn change_claims(conn: &Connection, claims: &[Claim]) -> Result<(), Refused> {
    // A single claim is refused before it writes anything.
    if let [claim] = claims {
        return change(conn, claim);
    }
    let run = |statement| conn.prepare_cached(statement)?.execute([]);
    run("SAVEPOINT claims")?;
    let changed = claims.iter().try_for_each(|claim| change(conn, claim));
    if let Err(Refused::Append(_)) = changed {
        run("ROLLBACK TO claims")?;
    }
    if !matches!(changed, Err(Refused::Batch(_))) {
        run("RELEASE claims")?;
    }
    changed
}

fn change(conn: &Connection, claim: &Claim) -> Result<(), Refused> {
    let run = |statement, values: &[&str]| conn.prepare_cached(statement)?.execute(rusqlite::params_from_iter(values));
    match claim {
        Claim::Take { key, value, holder } => take(conn, key, value, holder),
        Claim::Replace { key, value, holder } => {
            take(conn, key, value, holder)?;
            run(RELEASE_OTHERS, &[key, value, holder.as_str()])?;
            Ok(())
        }
        Claim::Release { key, value: Some(value), holder } => {
            run(RELEASE, &[key, value, holder.as_str()])?;
            Ok(())
        }
        Claim::Release { key, value: None, holder } => {
            run(RELEASE_ALL, &[key, holder.as_str()])?;
            Ok(())
        }
    }
}

fn take(conn: &Connection, key: &std::sync::Arc<str>, value: &str, holder: &StreamId) -> Result<(), Refused> {
    if conn.prepare_cached(TAKE)?.execute(params![&**key, value, holder.as_str()])? == 1 {
        return Ok(());
    }
    match self::holder(conn, key, value) {
        Ok(Some(present)) if present != *holder => {
            let refused = AlreadyClaimed { key: key.clone(), value: value.to_owned(), holder: present };
            Err(Refused::Append(refused.into()))
        }
        Ok(_) => Ok(()),
        Err(Fault::Store(error)) => Err(Refused::Append(error.into())),
        Err(fault) => Err(fault.into()),
    }
}

/// Who holds a value.
pub(crate) fn holder(conn: &Connection, key: &str, value: &str) -> Result<Option<StreamId>, Fault> {
    let holder = conn.prepare_cached(HOLDER)?.query_row([key, value], |row| row.get::<_, String>(0)).optional()?;
    let parsed = holder.map(|holder| {
        StreamId::parse(&holder)
            .map_err(|cause| damaged(&format!("`{value}` is claimed as `{key}` by {holder:?}: {cause}")))
    });
    Ok(parsed.transpose()?)
}

fn damaged(what: &str) -> StoreError {
    crate::sql::failed(format!("the file is damaged: {what}"))
}
