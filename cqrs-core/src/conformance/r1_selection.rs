//! The read side's questions: filters, orders, pages and cursors.

use std::cmp::Ordering;

use super::{Fixture, r1_rows::prepare};
use crate::{
    read_model::{ColumnSchema, ColumnType, Schema, Value},
    store::{
        Comparison, Direction, Order, Position, Predicate, ProjectionBatch, ReadModelStore, Row, RowChange, RowQuery,
    },
};

static PEOPLE: Schema = Schema {
    name: "people",
    columns: &[
        ColumnSchema { name: "name", column_type: ColumnType::Text, nullable: false },
        ColumnSchema { name: "age", column_type: ColumnType::Int, nullable: true },
        ColumnSchema { name: "city", column_type: ColumnType::Text, nullable: true },
        ColumnSchema { name: "score", column_type: ColumnType::Float, nullable: false },
        ColumnSchema { name: "active", column_type: ColumnType::Bool, nullable: false },
    ],
    shape: 1,
};

const NAME: usize = 0;
const AGE: usize = 1;
const CITY: usize = 2;
const SCORE: usize = 3;
const ACTIVE: usize = 4;

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn person(name: &str, age: Option<i64>, city: Option<&str>, score: f64, active: bool) -> Row {
    let columns = vec![
        text(name),
        age.map_or(Value::Null, Value::Int),
        city.map_or(Value::Null, text),
        Value::Float(score),
        Value::Bool(active),
    ];
    Row { columns, body: format!("{name:?}").into_bytes() }
}

fn people() -> Vec<Row> {
    vec![
        person("ada", Some(36), Some("London"), 9.5, true),
        person("Ben", None, Some("Paris"), -1.0, true),
        person("cleo", Some(-3), None, 0.0, false),
        person("dan", Some(36), Some("london"), 9.25, false),
        person("eve", None, None, 1e9, true),
        person("fay", Some(i64::MAX), Some(""), 2.0, true),
        person("gus", Some(36), Some("London"), 9.5, false),
        person("Ödön", Some(0), Some("Łódź"), 2.0, true),
        person("o'neil", Some(i64::MIN), Some("a\0b"), -1e-9, true),
        person("zoë", Some(1), Some("a"), 2.0, false),
    ]
}

async fn fill(store: &dyn ReadModelStore, rows: &[Row]) {
    let checkpoint = prepare(store, &PEOPLE).await;
    let changes = rows.iter().rev().cloned().map(RowChange::Put).collect();
    let batch = ProjectionBatch { schema: &PEOPLE, expected: checkpoint, checkpoint: checkpoint.next(), changes };
    store.commit(batch).await.expect("the batch is written");
}

/// The same question answered from a list, by the derived order of values: `Null` is its smallest.
fn answer(rows: &[Row], query: &RowQuery) -> Vec<Row> {
    let compare = |left: &Value, right: &Value| left.partial_cmp(right).expect("values of one type, without NaN");
    let holds = |row: &Row, predicate: &Predicate| {
        let value = &row.columns[predicate.column];
        let known = *value != Value::Null;
        match &predicate.comparison {
            Comparison::Eq(other) => value == other,
            Comparison::Ne(other) => value != other,
            Comparison::Lt(other) => known && value < other,
            Comparison::Le(other) => known && value <= other,
            Comparison::Gt(other) => known && value > other,
            Comparison::Ge(other) => known && value >= other,
            Comparison::In(others) => others.contains(value),
        }
    };
    let by_order = |left: &[Value], right: &[Value]| {
        let directions = query.order.iter().map(|order| order.direction).chain([Direction::Ascending]);
        let orderings = directions.zip(left.iter().zip(right)).map(|(direction, (left, right))| match direction {
            Direction::Ascending => compare(left, right),
            Direction::Descending => compare(right, left),
        });
        orderings.fold(Ordering::Equal, Ordering::then)
    };
    let mut chosen: Vec<_> = rows
        .iter()
        .filter(|row| query.filter.iter().all(|predicate| holds(row, predicate)))
        .map(|row| (place(row, query), row.clone()))
        .filter(|(place, _)| query.after.as_ref().is_none_or(|after| by_order(place, after).is_gt()))
        .collect();
    chosen.sort_by(|(left, _), (right, _)| by_order(left, right));
    let limit = query.limit.unwrap_or(u64::MAX);
    let numbered = (0..).zip(chosen).filter(|(number, _)| *number >= query.offset && number - query.offset < limit);
    numbered.map(|(_, (_, row))| row).collect()
}

/// Where a row is in a query's order: what a cursor holds.
fn place(row: &Row, query: &RowQuery) -> Vec<Value> {
    query.order.iter().map(|order| order.column).chain([NAME]).map(|column| row.columns[column].clone()).collect()
}

fn only(column: usize, comparison: Comparison) -> Vec<Predicate> {
    vec![Predicate { column, comparison }]
}

fn filters() -> Vec<Vec<Predicate>> {
    let mut filters = vec![Vec::new()];
    let operands = [
        (NAME, text("dan")),
        (NAME, text("nobody")),
        (AGE, Value::Int(36)),
        (AGE, Value::Int(0)),
        (CITY, text("London")),
        (CITY, text("a")),
        (SCORE, Value::Float(2.0)),
        (ACTIVE, Value::Bool(true)),
    ];
    for (column, operand) in operands {
        let comparisons =
            [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge];
        filters.extend(comparisons.map(|comparison| only(column, comparison(operand.clone()))));
    }
    for column in [AGE, CITY] {
        filters.push(only(column, Comparison::Eq(Value::Null)));
        filters.push(only(column, Comparison::Ne(Value::Null)));
        filters.push(only(column, Comparison::In(vec![Value::Null])));
        let ordered = [Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge];
        filters.extend(ordered.map(|comparison| only(column, comparison(Value::Null))));
    }
    filters.push(only(AGE, Comparison::In(vec![Value::Int(36), Value::Null, Value::Int(7)])));
    filters.push(only(CITY, Comparison::In(vec![text("London"), text("Paris"), text("a\0b")])));
    filters.push(only(NAME, Comparison::In(Vec::new())));
    let both = [only(ACTIVE, Comparison::Eq(Value::Bool(true))), only(AGE, Comparison::Ge(Value::Int(0)))];
    filters.push(both.concat());
    let between = [only(SCORE, Comparison::Gt(Value::Float(0.0))), only(SCORE, Comparison::Le(Value::Float(9.25)))];
    filters.push(between.concat());
    filters
}

fn orders() -> Vec<Vec<Order>> {
    let up = |column| Order { column, direction: Direction::Ascending };
    let down = |column| Order { column, direction: Direction::Descending };
    let mut orders = vec![Vec::new()];
    orders
        .extend([NAME, AGE, CITY, SCORE, ACTIVE].into_iter().flat_map(|column| [vec![up(column)], vec![down(column)]]));
    orders.extend([
        vec![up(AGE), down(CITY)],
        vec![down(AGE), up(CITY)],
        vec![up(ACTIVE), down(AGE), up(SCORE)],
        vec![down(CITY), down(SCORE)],
        vec![down(SCORE), down(NAME)],
    ]);
    orders
}

async fn assert_answer(store: &dyn ReadModelStore, rows: &[Row], query: &RowQuery) {
    let names = |rows: &[Row]| rows.iter().map(|row| row.columns[NAME].to_string()).collect::<Vec<_>>();
    let selected = store.select(&PEOPLE, query).await.expect("rows are selected");
    let expected = answer(rows, query);
    assert_eq!(names(&selected), names(&expected), "{query:?}");
    assert_eq!(selected, expected, "{query:?}");
}

/// Every comparison with values, `Null`s and lists, selected and counted. Guards against `NULL <> 1`, which is no truth
/// in SQL but is one here, and against an empty list, which is no SQL.
pub async fn filters_choose_rows(fixture: Fixture<dyn ReadModelStore>) {
    let (store, rows) = (fixture.store(), people());
    fill(&*store, &rows).await;
    for filter in filters() {
        let query = RowQuery { filter, ..RowQuery::default() };
        assert_answer(&*store, &rows, &query).await;
        let counted = RowQuery { limit: Some(1), offset: 2, ..query.clone() };
        let count = store.count(&PEOPLE, &counted).await.expect("rows are counted");
        assert_eq!(count, answer(&rows, &query).len() as u64, "limit and offset aside: {counted:?}");
    }
}

/// Every order, both ways and over several columns, cut into pages. Guards against `Null`s that move to the other end,
/// text compared by locale, and ties in no order, which lose rows between two pages.
pub async fn orders_are_whole(fixture: Fixture<dyn ReadModelStore>) {
    let (store, rows) = (fixture.store(), people());
    fill(&*store, &rows).await;
    for order in orders() {
        let query = RowQuery { order, ..RowQuery::default() };
        assert_answer(&*store, &rows, &query).await;
        for (limit, offset) in [(Some(3), 0), (Some(3), 3), (Some(3), 9), (Some(0), 0), (Some(1000), 1000), (None, 4)] {
            assert_answer(&*store, &rows, &RowQuery { limit, offset, ..query.clone() }).await;
        }
        let filter = only(ACTIVE, Comparison::Eq(Value::Bool(true)));
        assert_answer(&*store, &rows, &RowQuery { filter, limit: Some(2), offset: 1, ..query }).await;
    }
}

/// Reading on behind every row in every order, `Null`s included. Guards against `(a, b) > (NULL, 'x')`, which chooses
/// nothing, and against ways that differ from column to column.
pub async fn reading_goes_on_behind_any_row(fixture: Fixture<dyn ReadModelStore>) {
    let (store, rows) = (fixture.store(), people());
    fill(&*store, &rows).await;
    for order in orders() {
        for row in &rows {
            let query = RowQuery { order: order.clone(), limit: Some(4), ..RowQuery::default() };
            let query = RowQuery { after: Some(place(row, &query)), ..query };
            assert_answer(&*store, &rows, &query).await;
        }
    }
    // A place where no row is any more.
    let order = vec![Order { column: AGE, direction: Direction::Descending }];
    for age in [Value::Null, Value::Int(36), Value::Int(37)] {
        let query = RowQuery { order: order.clone(), after: Some(vec![age, text("d")]), ..RowQuery::default() };
        assert_answer(&*store, &rows, &query).await;
    }
}

/// Rows that come and go while somebody pages: each row that is there all the time is seen once. Guards against pages
/// by offset.
pub async fn paging_does_not_shift_under_inserts(fixture: Fixture<dyn ReadModelStore>) {
    let store = fixture.store();
    let lasting: Vec<Row> = (0..20)
        .map(|number| person(&format!("p{number:02}"), (number % 3 != 0).then_some(number % 4), None, 0.0, true))
        .collect();
    fill(&*store, &lasting).await;
    for order in orders() {
        let (mut seen, mut after): (Vec<Value>, _) = (Vec::new(), None);
        for page in 0.. {
            let query = RowQuery { order: order.clone(), after: after.take(), limit: Some(3), ..RowQuery::default() };
            let rows = store.select(&PEOPLE, &query).await.expect("rows are selected");
            let Some(last) = rows.last() else { break };
            after = Some(place(last, &query));
            seen.extend(rows.into_iter().map(|mut row| row.columns.swap_remove(NAME)));
            let passing = person(&format!("a{page}"), Some(page % 5 - 1), Some("x"), -1.0, false);
            let leaving = RowChange::Delete(text(&format!("a{}", page - 1)));
            let checkpoint = store.checkpoint(PEOPLE.name).await.expect("the checkpoint is known");
            let changes = vec![RowChange::Put(passing), leaving];
            let next = Position(checkpoint.0 + 1);
            let batch = ProjectionBatch { schema: &PEOPLE, expected: checkpoint, checkpoint: next, changes };
            store.commit(batch).await.expect("the batch is written");
            assert!(page < 200, "paging ends");
        }
        seen.retain(|name| matches!(name, Value::Text(name) if name.starts_with('p')));
        seen.sort_by(|left, right| left.partial_cmp(right).expect("names"));
        let names: Vec<_> = lasting.iter().map(|row| row.columns[NAME].clone()).collect();
        assert_eq!(seen, names, "in the order {order:?}");
    }
}
