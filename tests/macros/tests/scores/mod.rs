//! `SCORES.md` is about the cases that there are, adds up, and claims no economy that a message does not have.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A row of the table.
struct Score {
    case: String,
    /// Whether all of it is.
    by_macro: bool,
    /// Where, what, fix, count, economy.
    points: [bool; 5],
    total: usize,
}

/// How long a message may be that a macro writes, and one that rustc writes.
const LINES: [usize; 2] = [12, 20];

fn scores() -> Vec<Score> {
    let table = fs::read_to_string(in_package("SCORES.md")).unwrap();
    table.lines().filter_map(|line| line.strip_prefix("| `")).map(score).collect()
}

fn score(line: &str) -> Score {
    let (case, rest) = line.split_once("` |").unwrap_or_else(|| panic!("not a row: {line}"));
    let cells: Vec<_> = rest.trim_end_matches('|').split('|').map(str::trim).collect();
    let [.., by, place, what, fix, count, economy, total] = *cells else { panic!("`{case}` has too few cells") };
    let point = |cell| match cell {
        "1" => true,
        "·" => false,
        other => panic!("`{case}` has neither a point nor none: {other}"),
    };
    Score {
        case: case.to_owned(),
        by_macro: match by {
            "macro" => true,
            "rustc" | "both" => false,
            other => panic!("`{case}` is written by nobody: {other}"),
        },
        points: [place, what, fix, count, economy].map(point),
        total: total.parse().unwrap(),
    }
}

fn in_package(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn cases() -> BTreeSet<String> {
    let files = fs::read_dir(in_package("tests/compile_fail")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The lengths of the errors of a case.
fn lengths(case: &str) -> Vec<usize> {
    let messages = fs::read_to_string(in_package(format!("tests/compile_fail/{case}.stderr"))).unwrap();
    let mut lengths = Vec::new();
    for line in messages.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            lengths.push(0);
        }
        if let (Some(length), false) = (lengths.last_mut(), line.is_empty()) {
            *length += 1;
        }
    }
    lengths
}

#[test]
fn every_case_has_a_score() {
    let scores = scores();
    let names: BTreeSet<_> = scores.iter().map(|score| score.case.clone()).collect();
    assert_eq!(names.len(), scores.len(), "a case has two rows");
    assert_eq!(names, cases());
}

#[test]
fn scores_add_up_and_are_above_the_bar() {
    let scores = scores();
    for Score { case, by_macro, points, total } in &scores {
        assert_eq!(points.iter().filter(|point| **point).count(), *total, "the points of `{case}`");
        let bar = if *by_macro { 4 } else { 3 };
        assert!(*total >= bar, "`{case}` has {total} points, and the bar is {bar}");
    }
    let sum: usize = scores.iter().map(|score| score.total).sum();
    assert!(sum * 10 >= scores.len() * 45, "the mean of {} scores is below 4.5: {sum}", scores.len());
}

#[test]
fn what_counts_as_short_is() {
    for Score { case, by_macro, points, .. } in scores() {
        let limit = LINES[usize::from(!by_macro)];
        let longest = lengths(&case).into_iter().max().unwrap_or_else(|| panic!("`{case}` has no error"));
        assert!(!points[4] || longest <= limit, "`{case}` has an error of {longest} lines, and {limit} are short");
    }
}
