//! The loan applications of a bank, replayed from its log:
//! `cargo run --release --example loans -- [LOG.csv[.gz]] [--synthetic N] [--seed S] [--database PLACE]`.
//!
//! The log is that of B. F. van Dongen, *BPI Challenge 2012*, 4TU.ResearchData, as CSV: 262,200 lines about 13,087
//! applications. Without a log, one is made up. With `--database` a
//! file is kept, and a second run enters only what is new; with `--features postgres` it may be a connection string.
//!
//! - `domain.rs`: the write side, an application and its rules
//! - `views.rs`: the read side, rows for applications and employees
//! - `store.rs`: where the log is kept
//! - `log.rs`, `synthetic.rs`: where the lines come from
//! - `import.rs`: every line as a command, hundreds at once
//! - `report.rs`: what the views answer
#![allow(unreachable_pub, reason = "the modules are shared with a test, and read like those of a library")]

mod domain;
mod import;
mod log;
mod report;
mod store;
mod synthetic;
mod views;

use std::{
    error::Error,
    fmt::Display,
    fs::File,
    io::{Cursor, Read},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    report::{Report, grouped},
    views::{ApplicationView, EmployeeView},
};

const USAGE: &str = "usage: loans [LOG.csv[.gz]] [--synthetic N] [--seed S] [--database PLACE]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let scratch = tempfile::tempdir()?;
    let made_up = || scratch.path().join("loans.db").display().to_string();
    let database = arguments.database.clone().unwrap_or_else(made_up);
    let (source, bytes) = arguments.source()?;

    let engine =
        store::open(&database).await?.projection::<ApplicationView>().projection::<EmployeeView>().start().await?;

    let bar = ProgressBar::new(bytes).with_style(ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}")?);
    let began = Instant::now();
    let log = log::read(bar.wrap_read(source))?;
    let tally = import::import(&engine, log, |lines| {
        bar.set_message(format!("{} a second", grouped(pace(lines, began.elapsed()))));
    })
    .await?;
    let (lines, took) = (tally.lines(), began.elapsed());
    bar.set_message("the views follow");
    let report = Report::ask(&engine).await?;
    bar.finish_and_clear();

    let pace = grouped(pace(lines, took));
    println!("{} lines in {:.1} seconds, {pace} commands a second", grouped(lines), took.as_secs_f64());
    println!("{tally}\n{report}");
    Ok(())
}

/// How many a second.
fn pace(count: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(count) * 1_000 / time.as_millis().max(1)).unwrap_or(u64::MAX)
}

/// What the command line says.
struct Arguments {
    log: Option<PathBuf>,
    synthetic: Option<u32>,
    seed: u64,
    database: Option<String>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { log: None, synthetic: None, seed: 1, database: None };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value\n{USAGE}"));
            match word.as_str() {
                "--synthetic" => arguments.synthetic = Some(number(&value()?)?),
                "--seed" => arguments.seed = number(&value()?)?,
                "--database" => arguments.database = Some(value()?),
                option if option.starts_with('-') => return Err(format!("unknown option `{option}`\n{USAGE}")),
                _ if arguments.log.is_some() => return Err(format!("more than one log\n{USAGE}")),
                path => arguments.log = Some(path.into()),
            }
        }
        if arguments.log.is_some() && arguments.synthetic.is_some() {
            return Err(format!("a log and a synthetic one\n{USAGE}"));
        }
        Ok(arguments)
    }

    /// The log, and its size in bytes.
    fn source(&self) -> Result<(Box<dyn Read + Send>, u64), String> {
        let Some(path) = &self.log else {
            let (applications, seed) = (self.synthetic.unwrap_or(2_000), self.seed);
            println!("no log given: {} applications made up from seed {seed}", grouped(applications.into()));
            let log = synthetic::log(applications, seed).into_bytes();
            let bytes = log.len() as u64;
            return Ok((Box::new(Cursor::new(log)), bytes));
        };
        let unreadable = |error| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        Ok((Box::new(file), bytes))
    }
}

fn number<T: FromStr<Err: Display>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error| format!("`{word}`: {error}\n{USAGE}"))
}
