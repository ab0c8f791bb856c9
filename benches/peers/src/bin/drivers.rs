//! tokio-postgres (with deadpool) against sqlx 0.9, in what a store of events does with its driver.
//!
//! `cargo run --release --bin drivers -- URL [ROUNDS]`, with the URL of a database that may be filled.

use std::{env, error::Error, time::Instant};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::{TryStreamExt, pin_mut};
use serde::{Deserialize, Serialize};
use sqlx09::{Row, postgres::PgPoolOptions, types::Json};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{NoTls, types::Json as PgJson};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const SINGLE: u64 = 3_000;
const TASKS: usize = 64;
const PER_TASK: u64 = 1_500;
const BATCH: usize = 500;
const LOAD: i64 = 10_000;
const LOADS: u64 = 10;

const SCHEMA: &str = "
    drop table if exists events, log;
    create table log (id int primary key, head bigint not null);
    insert into log values (1, 0);
    create table events (
        position bigint primary key, stream text not null, version bigint not null, type text not null, payload json not null,
        unique (stream, version)
    );
    create or replace function append_one(s text, t text, p text) returns bigint language plpgsql volatile as $$
    declare own bigint;
    begin
        update log set head = head + 1 where id = 1 returning head into own;
        insert into events values (own, s, own, t, p::json);
        return own;
    end $$;
    create or replace function append_batch(s text[], t text[], p text[]) returns bigint[] language plpgsql volatile as $$
    declare first bigint; n int := cardinality(s);
    begin
        update log set head = head + n where id = 1 returning head - n into first;
        insert into events
            select first + i, stream, first + i, type, payload::json
            from unnest(s, t, p) with ordinality as a(stream, type, payload, i);
        return array(select first + i from generate_series(1, n) i);
    end $$;
    create table history as
        select i as position, 'account-0' as stream, i as version, 'account.deposited' as type,
            json_build_object('amount', i, 'note', repeat('n', 120)) as payload
        from generate_series(1::bigint, 10000) i;
";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Deposited {
    amount: i64,
    note: String,
}

#[derive(Debug)]
struct Event {
    position: i64,
    stream: String,
    version: i64,
    kind: String,
    payload: Deposited,
}

impl Event {
    fn weight(&self) -> i64 {
        let lengths = self.stream.len() + self.kind.len() + self.payload.note.len();
        self.position + self.version + self.payload.amount + i64::from(lengths > 0)
    }
}

/// What a store asks of a driver.
trait Driver: Clone + Send + 'static {
    const NAME: &str;
    fn append_one(&self, stream: &str, payload: &str) -> impl Future<Output = Outcome<i64>> + Send;
    fn append_batch(&self, streams: &[String], payloads: &[String]) -> impl Future<Output = Outcome<Vec<i64>>> + Send;
    fn load(&self) -> impl Future<Output = Outcome<i64>> + Send;
    fn load_streamed(&self) -> impl Future<Output = Outcome<i64>> + Send;
}

const APPEND_ONE: &str = "select append_one($1, $2, $3)";
const APPEND_BATCH: &str = "select append_batch($1, $2, $3)";
const LOAD_SQL: &str = "select position, stream, version, type, payload from history where position > $1 limit $2";

#[derive(Clone)]
struct TokioPostgres(Pool);

impl TokioPostgres {
    fn event(row: &tokio_postgres::Row) -> Outcome<Event> {
        let PgJson(payload) = row.try_get(4)?;
        Ok(Event {
            position: row.try_get(0)?,
            stream: row.try_get(1)?,
            version: row.try_get(2)?,
            kind: row.try_get(3)?,
            payload,
        })
    }
}

impl Driver for TokioPostgres {
    const NAME: &str = "tokio-postgres";

    async fn append_one(&self, stream: &str, payload: &str) -> Outcome<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(APPEND_ONE).await?;
        Ok(client.query_one(&statement, &[&stream, &"account.deposited", &payload]).await?.try_get(0)?)
    }

    async fn append_batch(&self, streams: &[String], payloads: &[String]) -> Outcome<Vec<i64>> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(APPEND_BATCH).await?;
        let types = vec!["account.deposited"; streams.len()];
        Ok(client.query_one(&statement, &[&streams, &types, &payloads]).await?.try_get(0)?)
    }

    async fn load(&self) -> Outcome<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(LOAD_SQL).await?;
        let rows = client.query(&statement, &[&0_i64, &LOAD]).await?;
        rows.iter().map(|row| Self::event(row).map(|event| event.weight())).sum()
    }

    async fn load_streamed(&self) -> Outcome<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(LOAD_SQL).await?;
        let rows = client.query_raw(&statement, [0_i64, LOAD]).await?;
        pin_mut!(rows);
        let mut sum = 0;
        while let Some(row) = rows.try_next().await? {
            sum += Self::event(&row)?.weight();
        }
        Ok(sum)
    }
}

#[derive(Clone)]
struct Sqlx(sqlx09::PgPool);

impl Sqlx {
    fn event(row: &sqlx09::postgres::PgRow) -> Outcome<Event> {
        let Json(payload) = row.try_get(4)?;
        Ok(Event {
            position: row.try_get(0)?,
            stream: row.try_get(1)?,
            version: row.try_get(2)?,
            kind: row.try_get(3)?,
            payload,
        })
    }
}

impl Driver for Sqlx {
    const NAME: &str = "sqlx";

    async fn append_one(&self, stream: &str, payload: &str) -> Outcome<i64> {
        let query = sqlx09::query_scalar(APPEND_ONE).bind(stream).bind("account.deposited").bind(payload);
        Ok(query.fetch_one(&self.0).await?)
    }

    async fn append_batch(&self, streams: &[String], payloads: &[String]) -> Outcome<Vec<i64>> {
        let types = vec!["account.deposited"; streams.len()];
        Ok(sqlx09::query_scalar(APPEND_BATCH).bind(streams).bind(types).bind(payloads).fetch_one(&self.0).await?)
    }

    async fn load(&self) -> Outcome<i64> {
        let rows = sqlx09::query(LOAD_SQL).bind(0_i64).bind(LOAD).fetch_all(&self.0).await?;
        rows.iter().map(|row| Self::event(row).map(|event| event.weight())).sum()
    }

    async fn load_streamed(&self) -> Outcome<i64> {
        let mut rows = sqlx09::query(LOAD_SQL).bind(0_i64).bind(LOAD).fetch(&self.0);
        let mut sum = 0;
        while let Some(row) = rows.try_next().await? {
            sum += Self::event(&row)?.weight();
        }
        Ok(sum)
    }
}

fn payload(amount: i64) -> Deposited {
    Deposited { amount, note: "n".repeat(120) }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// Calls of the function that writes one row, one after the other, a second.
async fn single(driver: &impl Driver) -> Outcome<f64> {
    let event = serde_json::to_string(&payload(1))?;
    driver.append_one("warm", &event).await?;
    let start = Instant::now();
    for _ in 0..SINGLE {
        driver.append_one("account-1", &event).await?;
    }
    Ok(rate(SINGLE, start))
}

/// Appends of 64 tasks, gathered by one writer, a second.
async fn gathered(driver: &impl Driver) -> Outcome<f64> {
    type Job = (String, String, oneshot::Sender<i64>);
    let (jobs, mut queue) = mpsc::channel::<Job>(1024);
    let writer = driver.clone();
    let writer = tokio::spawn(async move {
        let mut gathered: Vec<Job> = Vec::new();
        while queue.recv_many(&mut gathered, BATCH).await > 0 {
            let (mut streams, mut payloads, mut replies) = (Vec::new(), Vec::new(), Vec::new());
            for (stream, payload, reply) in gathered.drain(..) {
                streams.push(stream);
                payloads.push(payload);
                replies.push(reply);
            }
            let positions = writer.append_batch(&streams, &payloads).await?;
            for (reply, position) in replies.into_iter().zip(positions) {
                reply.send(position).map_err(|_| "a caller left")?;
            }
        }
        Outcome::Ok(())
    });
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let jobs = jobs.clone();
            tokio::spawn(async move {
                for _ in 0..PER_TASK {
                    let (reply, answer) = oneshot::channel();
                    let payload = serde_json::to_string(&payload(1))?;
                    jobs.send((format!("account-{task}"), payload, reply)).await?;
                    answer.await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let rate = rate(TASKS as u64 * PER_TASK, start);
    drop(jobs);
    writer.await??;
    Ok(rate)
}

/// Events read and decoded a second: at once, and as a stream.
async fn loads(driver: &impl Driver) -> Outcome<(f64, f64)> {
    let expected = driver.load().await?;
    let events = LOADS * LOAD.unsigned_abs();
    let start = Instant::now();
    for _ in 0..LOADS {
        assert_eq!(driver.load().await?, expected);
    }
    let at_once = rate(events, start);
    let start = Instant::now();
    for _ in 0..LOADS {
        assert_eq!(driver.load_streamed().await?, expected);
    }
    Ok((at_once, rate(events, start)))
}

async fn round(driver: &impl Driver) -> Outcome<[f64; 4]> {
    let single = single(driver).await?;
    let gathered = gathered(driver).await?;
    let (at_once, streamed) = loads(driver).await?;
    Ok([single, gathered, at_once, streamed])
}

fn print<D: Driver>(_: &D, rounds: &[[f64; 4]]) {
    let median = |index: usize| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[index]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("| {} | {:.0} | {:.0} | {:.0} | {:.0} |", D::NAME, median(0), median(1), median(2), median(3),);
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let url = arguments.next().ok_or("which database? give its URL")?;
    let rounds: usize = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;

    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    let tokio_postgres = TokioPostgres(Pool::builder(manager).max_size(8).build()?);
    let sqlx = Sqlx(PgPoolOptions::new().max_connections(8).test_before_acquire(false).connect(&url).await?);

    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        tokio_postgres
            .0
            .get()
            .await?
            .batch_execute(&format!("drop table if exists history; drop function if exists append_one; {SCHEMA}"))
            .await?;
        tokio_postgres.0.get().await?.batch_execute("vacuum analyze history").await?;
        first.push(round(&tokio_postgres).await?);
        tokio_postgres.0.get().await?.batch_execute("truncate events; update log set head = 0; checkpoint").await?;
        second.push(round(&sqlx).await?);
    }
    println!("| driver | one call, a second | 64 tasks, appends a second | load at once, events a second | streamed |");
    println!("|---|---|---|---|---|");
    print(&tokio_postgres, &first);
    print(&sqlx, &second);
    Ok(())
}
