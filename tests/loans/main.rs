//! The loans example against a plain fold over its log.
#![allow(unreachable_pub, reason = "the modules of the example are compiled in")]

#[path = "../../examples/loans/domain.rs"]
mod domain;
mod fold;
#[path = "../../examples/loans/import.rs"]
mod import;
#[path = "../../examples/loans/log.rs"]
mod log;
#[path = "../../examples/loans/report.rs"]
mod report;
#[path = "../../examples/loans/store.rs"]
mod store;
#[path = "../../examples/loans/synthetic.rs"]
mod synthetic;
#[path = "../../examples/loans/views.rs"]
mod views;

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
};

use cqrs::Position;

use crate::{
    fold::{Totals, fold, last_states},
    import::{Tally, import},
    report::Report,
    views::{ApplicationView, EmployeeView},
};

async fn run(place: &str, log: &str) -> (Tally, Report, Position) {
    let engine = store::open(place)
        .await
        .unwrap()
        .aggregate::<domain::LoanApplication>()
        .projection::<ApplicationView>()
        .projection::<EmployeeView>()
        .start()
        .await
        .unwrap();
    let log = log::read(Cursor::new(log.to_owned())).unwrap();
    let tally = import(&engine, log, |_| ()).await.unwrap();
    let report = Report::ask(&engine).await.unwrap();
    (tally, report, engine.head().await.unwrap())
}

fn totals(tally: &Tally, report: &Report) -> Totals {
    Totals {
        entered: tally.entered,
        refused: tally.refused.clone(),
        outcomes: report.outcomes.iter().map(|(outcome, count)| (outcome.name(), *count)).collect(),
        offers: report.offers.iter().copied().filter(|(_, count)| *count > 0).collect(),
        approved: report.approved,
        median_millis: report.median.map(|median| median.num_milliseconds()),
        busiest: report.busiest.iter().map(|row| (row.employee, row.entries)).collect(),
    }
}

/// A file in a folder of its own.
fn file(directory: &tempfile::TempDir) -> String {
    directory.path().join("loans.db").to_str().unwrap().to_owned()
}

/// Runs a log on a file, compares it with the fold, and runs it again.
async fn agrees_with_the_fold(log: &str) {
    let directory = tempfile::tempdir().unwrap();
    agrees_with_the_fold_at(&file(&directory), log).await;
}

async fn agrees_with_the_fold_at(place: &str, log: &str) {
    let expected = fold(log);

    let (tally, report, head) = run(place, log).await;
    assert_eq!(totals(&tally, &report), expected);
    assert_eq!(head.0, expected.entered, "every entry is one event");
    let outcomes: BTreeMap<_, _> = expected.outcomes.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(outcomes, last_states(log), "the rules change no outcome");

    let (again, same, unmoved) = run(place, log).await;
    assert_eq!((again.entered, unmoved, same), (0, head, report), "a second run doubles nothing");
    assert_eq!(again.lines(), tally.lines());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synthetic_log_comes_to_the_totals_of_a_plain_fold() {
    let log = synthetic::log(300, 7);
    assert!(fold(&log).refused.len() >= 5, "irregular lines of many kinds are in it: {:?}", fold(&log).refused);
    agrees_with_the_fold(&log).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synthetic_log_comes_to_the_same_on_a_server() {
    let place = test_server::shared().fresh_database().unwrap();
    agrees_with_the_fold_at(&place, &synthetic::log(300, 9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_stops_halfway_is_gone_on_with() {
    let log = synthetic::log(60, 8);
    let half = log.lines().take(log.lines().count() / 2).map(|line| line.to_owned() + "\n").collect::<String>();
    let directory = tempfile::tempdir().unwrap();
    let database = file(&directory);

    let (first, ..) = run(&database, &half).await;
    let (second, report, _) = run(&database, &log).await;

    let expected = fold(&log);
    assert_eq!(first.entered + second.entered, expected.entered);
    assert_eq!(totals(&second, &report).outcomes, expected.outcomes);
    assert_eq!(totals(&second, &report).busiest, expected.busiest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_log_comes_to_the_totals_of_a_plain_fold() {
    let Some(path) = real_log() else {
        // Straight to stderr: what is printed is shown for failed tests only.
        let _ = writeln!(std::io::stderr(), "skipped: no `CQRS_LOANS_LOG`, and no log in ../shared/data");
        return;
    };
    let mut log = std::fs::read(path).unwrap();
    if log.starts_with(&[0x1f, 0x8b]) {
        let compressed = std::mem::take(&mut log);
        flate2::read::MultiGzDecoder::new(&compressed[..]).read_to_end(&mut log).unwrap();
    }
    agrees_with_the_fold(&String::from_utf8(log).unwrap()).await;
}

fn real_log() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CQRS_LOANS_LOG") {
        return Some(path.into());
    }
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/loans-bpic2012.csv.gz");
    shared.exists().then_some(shared)
}

#[test]
fn the_same_seed_makes_the_same_log() {
    assert_eq!(synthetic::log(50, 3), synthetic::log(50, 3));
    assert_ne!(synthetic::log(50, 3), synthetic::log(50, 4));
}

#[test]
fn a_compressed_log_is_read_like_a_plain_one() {
    let plain = synthetic::log(20, 1);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain.as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();

    let read = |bytes: Vec<u8>| log::read(Cursor::new(bytes)).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(read(compressed), read(plain.into_bytes()));
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    for (lines, expected) in [
        (
            "1,5,A_SUBMITTED,COMPLETE,2024-01-01T00:00:00Z,\n1,five,A_DECLINED,COMPLETE,2024-01-01T00:00:00Z,",
            "line 3: `AMOUNT_REQ`: invalid digit found in string",
        ),
        ("1,5,A_SUBMITTED,COMPLETE,yesterday,", "line 2: `time_timestamp`: input contains invalid characters"),
        (
            "1,5,A_SUBMITTED,START,2024-01-01T00:00:00Z,",
            "line 2: there is no activity `A_SUBMITTED` with the transition `START`",
        ),
        ("1,5,A_SUBMITTED", "line 2: it has 3 fields, not 6"),
        (
            "1,5,A_SUBMITTED,COMPLETE,2024-01-01T00:00:00Z,\n2,5,A_SUBMITTED,COMPLETE,2024-01-01T00:00:00Z,\n\
             1,5,A_DECLINED,COMPLETE,2024-01-01T00:00:00Z,",
            "line 4: application 1 was told of before",
        ),
    ] {
        let written = format!("{}\n{lines}\n", log::COLUMNS.join(","));
        let error = log::read(Cursor::new(written)).unwrap().find_map(Result::err).unwrap().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_file_with_other_columns_is_no_log() {
    let error = log::read(Cursor::new("name,age\nAda,36\n")).err().unwrap().to_string();
    assert!(error.starts_with("the log has the columns `name,age`"), "{error}");
}
