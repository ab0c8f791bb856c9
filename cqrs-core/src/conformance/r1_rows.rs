//! R1: rows and checkpoint change together, once.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use super::{
    Fixture,
    race::{Gate, all, race},
};
use crate::{
    read_model::{ColumnSchema, ColumnType, Schema, Value},
    store::{Position, ProjectionBatch, ReadModelStore, Row, RowChange, RowQuery, StoreError},
};

const fn column(name: &'static str, column_type: ColumnType, nullable: bool) -> ColumnSchema {
    ColumnSchema { name, column_type, nullable }
}

/// Names that are words of SQL, and a column of every type.
static ORDER: Schema = Schema {
    name: "order",
    columns: &[
        column("key", ColumnType::Text, false),
        column("select", ColumnType::Bool, true),
        column("from", ColumnType::Int, true),
        column("where", ColumnType::Float, true),
        column("group", ColumnType::Text, true),
        column("table", ColumnType::Uuid, true),
        column("values", ColumnType::Timestamp, true),
        column("index", ColumnType::Date, true),
    ],
    shape: 0x8000_0000_0000_0001,
};

static COUNTS: Schema = Schema {
    name: "counts",
    columns: &[column("id", ColumnType::Int, false), column("count", ColumnType::Int, false)],
    shape: u64::MAX,
};

static COUNTS_WITH_ANOTHER_SHAPE: Schema = Schema {
    name: "counts",
    columns: &[column("id", ColumnType::Int, false), column("name", ColumnType::Text, false)],
    shape: 2,
};

fn order(key: &str, columns: Option<[Value; 7]>) -> Row {
    let columns = columns.unwrap_or([const { Value::Null }; 7]);
    let body = serde_json::to_vec(&(key, "nul \0, 'quoted' \"twice\"")).expect("text is JSON");
    Row { columns: [Value::Text(key.into())].into_iter().chain(columns).collect(), body }
}

fn count(id: i64, count: i64) -> Row {
    Row { columns: vec![Value::Int(id), Value::Int(count)], body: format!("[{id},{count}]").into_bytes() }
}

fn batch(schema: &'static Schema, expected: u64, checkpoint: u64, changes: Vec<RowChange>) -> ProjectionBatch {
    ProjectionBatch { schema, expected: Position(expected), checkpoint: Position(checkpoint), changes }
}

pub(super) async fn prepare(store: &dyn ReadModelStore, schema: &'static Schema) -> Position {
    store.prepare(schema).await.expect("the tables are made")
}

async fn commit(store: &dyn ReadModelStore, batch: ProjectionBatch) {
    store.commit(batch).await.expect("the batch is written");
}

async fn load(store: &dyn ReadModelStore, schema: &'static Schema, keys: &[Value]) -> Vec<Option<Row>> {
    store.load(schema, keys).await.expect("rows are loaded")
}

async fn rows(store: &dyn ReadModelStore, schema: &'static Schema) -> Vec<Row> {
    store.select(schema, &RowQuery::default()).await.expect("rows are selected")
}

async fn checkpoint(store: &dyn ReadModelStore, schema: &Schema) -> Position {
    store.checkpoint(schema.name).await.expect("the checkpoint is known")
}

/// A read model begins at the start, and preparing it again leaves all as it is. Guards against tables made anew with
/// every start of a program.
pub async fn preparing_again_changes_nothing(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    assert_eq!(checkpoint(&*store, &COUNTS).await, Position::START, "of a projection that never ran");
    assert_eq!(prepare(&*store, &COUNTS).await, Position::START);
    assert_eq!(prepare(&*store, &ORDER).await, Position::START);
    commit(&*store, batch(&COUNTS, 0, 9, vec![RowChange::Put(count(1, 1))])).await;
    for store in [&store, &fixture.another().await] {
        assert_eq!(prepare(&**store, &COUNTS).await, Position(9));
        assert_eq!(checkpoint(&**store, &COUNTS).await, Position(9));
        assert_eq!(checkpoint(&**store, &ORDER).await, Position::START, "another model has its own");
        assert_eq!(rows(&**store, &COUNTS).await, [count(1, 1)]);
        assert!(rows(&**store, &ORDER).await.is_empty());
    }
}

/// A table of the same name and another shape is refused and left alone. Guards against rows read as what they are not.
pub async fn another_shape_is_refused(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &COUNTS).await;
    commit(&*store, batch(&COUNTS, 0, 1, vec![RowChange::Put(count(1, 1))])).await;
    let refused = store.prepare(&COUNTS_WITH_ANOTHER_SHAPE).await;
    assert!(matches!(refused, Err(StoreError::Failed { .. })), "{refused:?}");
    assert_eq!(prepare(&*store, &COUNTS).await, Position(1));
    assert_eq!(rows(&*store, &COUNTS).await, [count(1, 1)]);
}

/// Rows are written, replaced and removed, and the checkpoint moves, also without rows. Guards against views that are
/// written beside their checkpoint, and so count twice or not at all after a crash.
pub async fn rows_and_checkpoint_are_written_together(fixture: Fixture<dyn ReadModelStore>) {
    let (store, other) = (fixture.store(), fixture.another().await);
    prepare(&*store, &COUNTS).await;
    commit(&*store, batch(&COUNTS, 0, 3, (1..=3).map(|id| RowChange::Put(count(id, 1))).collect())).await;
    assert_eq!(checkpoint(&*other, &COUNTS).await, Position(3));
    assert_eq!(rows(&*other, &COUNTS).await, [count(1, 1), count(2, 1), count(3, 1)]);

    let changes = vec![RowChange::Put(count(2, 2)), RowChange::Delete(Value::Int(1)), RowChange::Delete(Value::Int(7))];
    commit(&*store, batch(&COUNTS, 3, 1000, changes)).await;
    assert_eq!(rows(&*other, &COUNTS).await, [count(2, 2), count(3, 1)]);
    commit(&*store, batch(&COUNTS, 1000, 1001, Vec::new())).await;
    assert_eq!(checkpoint(&*other, &COUNTS).await, Position(1001));
}

/// A batch that expects another checkpoint writes nothing and is told where the checkpoint is. Guards against two
/// runners of one projection who both count an event.
pub async fn moved_checkpoint_writes_nothing(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &COUNTS).await;
    commit(&*store, batch(&COUNTS, 0, 5, vec![RowChange::Put(count(1, 1))])).await;
    for expected in [0, 4, 6, 1000] {
        let puts = vec![RowChange::Put(count(1, 2)), RowChange::Put(count(2, 2))];
        match store.commit(batch(&COUNTS, expected, 9, puts)).await {
            Err(StoreError::CheckpointMoved { projection, expected: was_expected, actual }) => {
                assert_eq!((&*projection, was_expected.0, actual.0), ("counts", expected, 5));
            }
            other => panic!("the checkpoint is at 5, so {expected} must be refused, not {other:?}"),
        }
        store
            .commit(batch(&COUNTS, expected, 9, vec![RowChange::Delete(Value::Int(1))]))
            .await
            .expect_err("it is at 5 still");
        assert_eq!(checkpoint(&*store, &COUNTS).await, Position(5));
        assert_eq!(rows(&*store, &COUNTS).await, [count(1, 1)]);
    }
}

/// Several runners commit the next step at once: one wins each time. Guards against a checkpoint that is compared
/// outside the transaction.
pub async fn one_of_many_runners_commits(fixture: Fixture<dyn ReadModelStore>) {
    const RUNNERS: usize = 8;
    let handles: Vec<_> = fixture.handles().await.take(RUNNERS).collect();
    for store in &handles {
        prepare(&**store, &COUNTS).await;
    }
    for step in 0..12 {
        let outcomes = race(RUNNERS, Gate::After, |runner, line| {
            let store = Arc::clone(&handles[runner]);
            async move {
                let row = count(0, i64::try_from(runner).expect("a small number"));
                let next = batch(&COUNTS, step, step + 1, vec![RowChange::Put(row)]);
                line.at(Gate::After).await;
                store.commit(next).await
            }
        })
        .await;
        let winner = outcomes.iter().position(Result::is_ok).expect("one runner commits");
        for (runner, outcome) in outcomes.into_iter().enumerate().filter(|(runner, _)| *runner != winner) {
            match outcome {
                Err(StoreError::CheckpointMoved { actual, .. }) => assert_eq!(actual, Position(step + 1)),
                other => panic!("runner {winner} has committed step {step}, and {runner} got {other:?}"),
            }
        }
        let row = count(0, i64::try_from(winner).expect("a small number"));
        assert_eq!(rows(&*handles[0], &COUNTS).await, [row], "the winner's row");
    }
}

/// Readers beside a runner never see rows behind the checkpoint, or one row without the other. Guards against read your
/// writes that reads too early.
pub async fn readers_see_rows_and_checkpoint_of_one_commit(fixture: Fixture<dyn ReadModelStore>) {
    const STEPS: u64 = 60;
    let handles: Vec<_> = fixture.handles().await.take(4).collect();
    for store in &handles {
        prepare(&**store, &COUNTS).await;
    }
    all(handles.into_iter().enumerate().map(|(number, store)| async move {
        if number == 0 {
            for step in 0..STEPS {
                let value = i64::try_from(step + 1).expect("a small number");
                let changes = [1, 2].map(|id| RowChange::Put(count(id, value))).to_vec();
                commit(&*store, batch(&COUNTS, step, step + 1, changes)).await;
                tokio::task::yield_now().await;
            }
            return;
        }
        loop {
            let passed = checkpoint(&*store, &COUNTS).await;
            let seen: Vec<_> = rows(&*store, &COUNTS).await.into_iter().map(|mut row| row.columns.remove(1)).collect();
            let ahead = checkpoint(&*store, &COUNTS).await;
            match &*seen {
                [] => assert_eq!(passed, Position::START, "no rows behind the checkpoint"),
                [Value::Int(one), Value::Int(two)] if one == two => {
                    let value = u64::try_from(*one).expect("a count");
                    assert!((passed.0..=ahead.0).contains(&value), "rows of {value} between {passed} and {ahead}");
                }
                torn => panic!("rows of two commits: {torn:?}"),
            }
            if passed.0 == STEPS {
                return;
            }
            tokio::task::yield_now().await;
        }
    }))
    .await;
}

/// Rows come back in the order of the keys asked for, with a hole where there is none, however many are asked for.
/// Guards against rows in the order the database finds them, and against its limit of parameters.
pub async fn rows_are_loaded_in_the_order_of_their_keys(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &COUNTS).await;
    commit(&*store, batch(&COUNTS, 0, 1, (0..1500).map(|id| RowChange::Put(count(id * 2, id))).collect())).await;
    let keys: Vec<Value> = (0..3000).rev().map(Value::Int).collect();
    for (key, row) in (0..3000).rev().zip(load(&*store, &COUNTS, &keys).await) {
        assert_eq!(row, (key % 2 == 0).then(|| count(key, key / 2)), "of key {key}");
    }
    let twice = load(&*store, &COUNTS, &[Value::Int(2), Value::Int(-1), Value::Int(2)]).await;
    assert_eq!(twice, [Some(count(2, 1)), None, Some(count(2, 1))]);
    assert!(load(&*store, &COUNTS, &[]).await.is_empty());
}

/// Values of every type, `Null`s and extremes come back as they were, under names that are words of SQL.
pub async fn values_of_every_type_are_kept(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &ORDER).await;
    let moment = |seconds, micros: u32| {
        Value::Timestamp(DateTime::from_timestamp(seconds, micros * 1000).expect("a moment in range"))
    };
    let day = |year, month, day| Value::Date(NaiveDate::from_ymd_opt(year, month, day).expect("a day"));
    let rows = [
        order("nothing", None),
        order(
            "usual",
            Some([
                Value::Bool(true),
                Value::Int(42),
                Value::Float(1.5),
                Value::Text("text".into()),
                Value::Uuid(Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)),
                moment(1_700_000_000, 123_456),
                day(2024, 2, 29),
            ]),
        ),
        order(
            "small",
            Some([
                Value::Bool(false),
                Value::Int(i64::MIN),
                Value::Float(f64::MIN),
                Value::Text(String::new()),
                Value::Uuid(Uuid::nil()),
                moment(-62_135_596_800, 0),
                day(1, 1, 1),
            ]),
        ),
        order(
            "large",
            Some([
                Value::Bool(true),
                Value::Int(i64::MAX),
                Value::Float(f64::MAX),
                Value::Text("'\"\\\0🦀".into()),
                Value::Uuid(Uuid::max()),
                moment(253_402_300_799, 999_999),
                day(9999, 12, 31),
            ]),
        ),
    ];
    commit(&*store, batch(&ORDER, 0, 1, rows.iter().cloned().map(RowChange::Put).collect())).await;
    let keys = rows.each_ref().map(|row| row.columns[0].clone());
    assert_eq!(load(&*store, &ORDER, &keys).await, rows.map(Some));
}

/// Keys of any text, told apart byte by byte. Guards against texts pasted into statements and compared by collation.
pub async fn keys_of_any_text_are_told_apart(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &ORDER).await;
    let keys = [
        "", " ", "a", "A", "a ", "ä", "a\u{308}", "'", "''", "\"", "\\", "%", "\0", "a\0", "a\0b", "\n", "🦀", "null",
        "1",
    ];
    let rows = keys.map(|key| order(key, None));
    commit(&*store, batch(&ORDER, 0, 1, rows.iter().cloned().map(RowChange::Put).collect())).await;
    let values = keys.map(|key| Value::Text(key.into()));
    assert_eq!(load(&*store, &ORDER, &values).await, rows.clone().map(Some));
    let changes = values.iter().step_by(2).cloned().map(RowChange::Delete).collect();
    commit(&*store, batch(&ORDER, 1, 2, changes)).await;
    for (number, (row, left)) in rows.into_iter().zip(load(&*store, &ORDER, &values).await).enumerate() {
        assert_eq!(left, (number % 2 == 1).then_some(row), "of key {:?}", keys[number]);
    }
}

/// Rows and checkpoints are there after a restart. Passed over by stores that are not durable.
pub async fn rows_survive_a_restart(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    prepare(&*store, &COUNTS).await;
    commit(&*store, batch(&COUNTS, 0, 7, vec![RowChange::Put(count(1, 1))])).await;
    drop(store);
    let Some(fixture) = fixture.restart().await else { return };
    let store = fixture.store();
    assert_eq!(prepare(&*store, &COUNTS).await, Position(7));
    assert_eq!(rows(&*store, &COUNTS).await, [count(1, 1)]);
}
