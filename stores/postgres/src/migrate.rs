//! The schema's numbered steps.

use cqrs_core::StoreError;
use deadpool_postgres::Object;
use tokio_postgres::{Error, types::Type};

use crate::{
    database::Parameter,
    error::{Effect, classified},
    names::{Names, quoted},
};

const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/0001_log.sql"),
    include_str!("../migrations/0002_append.sql"),
    include_str!("../migrations/0003_read_models.sql"),
    include_str!("../migrations/0004_snapshots.sql"),
];

/// Makes the table that counts the steps, where it is missing.
const MIGRATIONS_TABLE: &str = include_str!("../migrations/0000_migrations.sql");

/// Brings the schema up to date. Of processes that start at once one does it, the others wait and find it done.
pub(crate) async fn migrate(client: &mut Object, names: &Names) -> Result<(), StoreError> {
    if pending(client, names).await?.is_empty() {
        return Ok(());
    }
    apply(client, names).await
}

async fn apply(client: &mut Object, names: &Names) -> Result<(), StoreError> {
    let unwritten = |error| classified(error, Effect::None);
    let transaction = client.transaction().await.map_err(unwritten)?;
    transaction.batch_execute(&lock(names)).await.map_err(unwritten)?;
    // Only where it is missing: to ask for it takes a right on the database that the role may not have.
    let exists = "SELECT FROM pg_namespace WHERE nspname = $1";
    let parameters: [Parameter<'_>; 1] = [(&names.schema(), Type::TEXT)];
    if transaction.client().query_typed_opt(exists, &parameters).await.map_err(unwritten)?.is_none() {
        let create = format!("CREATE SCHEMA {}", quoted(names.schema()));
        transaction.batch_execute(&create).await.map_err(unwritten)?;
    }
    transaction.batch_execute(&names.render(MIGRATIONS_TABLE)).await.map_err(unwritten)?;
    let done = done(transaction.client(), names).await?;
    for (migration, number) in missing(done)?.iter().zip(done + 1..) {
        transaction.batch_execute(&step(names, migration, number)).await.map_err(unwritten)?;
    }
    transaction.commit().await.map_err(|error| classified(error, Effect::Commit))
}

/// Whether the schema is what this program works on.
pub(crate) async fn check(client: &Object, names: &Names) -> Result<(), StoreError> {
    let missing = pending(client, names).await?.len();
    if missing == 0 {
        return Ok(());
    }
    let schema = names.schema();
    let first = MIGRATIONS.len() - missing + 1;
    let run = if first == 1 { "run".to_owned() } else { format!("run the steps from {first} on of") };
    let message = format!("{missing} migrations of the schema `{schema}` are missing: {run} what `schema_sql` gives");
    Err(StoreError::Unopenable { message, source: None })
}

/// All steps, as a script for those who migrate by their own tools.
pub(crate) fn script(names: &Names) -> String {
    let schema = format!("CREATE SCHEMA IF NOT EXISTS {};\n\n", quoted(names.schema()));
    let numbered =
        |(migration, number): (&&str, usize)| format!("-- Step {number}.\n\n{}\n", step(names, migration, number));
    let steps = MIGRATIONS.iter().zip(1..).map(numbered);
    schema + &names.render(MIGRATIONS_TABLE) + "\n" + &steps.collect::<String>()
}

fn step(names: &Names, migration: &str, number: usize) -> String {
    format!("{}\nINSERT INTO {} (number) VALUES ({number});\n", names.render(migration), names.of("migrations"))
}

/// Held until the transaction ends, and by nobody who appends. All logs of a schema share it, for any of them may have to make
/// the schema.
fn lock(names: &Names) -> String {
    format!("SELECT pg_advisory_xact_lock(hashtextextended('cqrs migration of {}', 0))", quoted(names.schema()))
}

/// The steps that are still to be done.
async fn pending(client: &Object, names: &Names) -> Result<&'static [&'static str], StoreError> {
    missing(done(client, names).await?)
}

fn missing(done: usize) -> Result<&'static [&'static str], StoreError> {
    let newer = || StoreError::NewerSchema { found: done as u64, supported: MIGRATIONS.len() as u64 };
    MIGRATIONS.get(done..).ok_or_else(newer)
}

/// How many steps were done; none where there is no table that counts them.
async fn done(client: &tokio_postgres::Client, names: &Names) -> Result<usize, StoreError> {
    let table = names.of("migrations");
    let count = async || -> Result<i64, Error> {
        let exists = client.query_typed_one("SELECT to_regclass($1) IS NOT NULL", &[(&table, Type::TEXT)]).await?;
        if !exists.try_get::<_, bool>(0)? {
            return Ok(0);
        }
        client.query_typed_one(&format!("SELECT coalesce(max(number), 0) FROM {table}"), &[]).await?.try_get(0)
    };
    let count = count().await.map_err(|error| classified(error, Effect::None))?;
    Ok(usize::try_from(count).unwrap_or_default())
}
