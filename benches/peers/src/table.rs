//! Figures, and the table of them.

use std::{collections::BTreeMap, fmt::Write as _};

/// What a peer is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    One,
    OneMedian,
    One99,
    SixtyFour,
    SixtyFour99,
    Most,
    Most99,
    Contended,
    Conflicts,
    Load,
    Project,
    Many,
    Groups,
}

impl Column {
    const ALL: [Self; 13] = [
        Self::One,
        Self::OneMedian,
        Self::One99,
        Self::SixtyFour,
        Self::SixtyFour99,
        Self::Most,
        Self::Most99,
        Self::Contended,
        Self::Conflicts,
        Self::Load,
        Self::Project,
        Self::Many,
        Self::Groups,
    ];

    /// Where the rate and the latencies of so many clients go.
    pub fn of_clients(clients: usize, rate: f64, median: f64, p99: f64) -> Vec<(Self, f64)> {
        match clients {
            1 => vec![(Self::One, rate), (Self::OneMedian, median), (Self::One99, p99)],
            64 => vec![(Self::SixtyFour, rate), (Self::SixtyFour99, p99)],
            _ => vec![(Self::Most, rate), (Self::Most99, p99)],
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::One => "1 client, /s",
            Self::OneMedian => "p50, ms",
            Self::One99 | Self::SixtyFour99 | Self::Most99 => "p99, ms",
            Self::SixtyFour => "64 clients, /s",
            Self::Most => "256 clients, /s",
            Self::Contended => "16 on one stream, /s",
            Self::Conflicts => "conflicts, %",
            Self::Load => "load, events/s",
            Self::Project => "project, events/s",
            Self::Many => "100 in a command, events/s",
            Self::Groups => "groups of 500, events/s",
        }
    }

    fn is_latency(self) -> bool {
        matches!(self, Self::OneMedian | Self::One99 | Self::SixtyFour99 | Self::Most99)
    }

    fn show(self, value: f64) -> String {
        match self {
            _ if self.is_latency() => format!("{value:.2}"),
            Self::Conflicts => format!("{value:.1}"),
            _ => thousands(value),
        }
    }
}

/// The figures of a peer, one a round.
#[derive(Debug, Default)]
pub struct Figures(BTreeMap<Column, Vec<f64>>);

impl Figures {
    pub fn add(&mut self, column: Column, value: f64) {
        self.0.entry(column).or_default().push(value);
    }

    fn median(&self, column: Column) -> Option<f64> {
        let mut values = self.0.get(&column)?.clone();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        match values.len() % 2 {
            0 => Some(f64::midpoint(*values.get(middle.checked_sub(1)?)?, *values.get(middle)?)),
            _ => values.get(middle).copied(),
        }
    }
}

/// The name of the row that the others are compared with.
pub const OURS: &str = "cqrs (this)";
/// The rows that load for each command.
const LOADING: [&str; 5] = ["cqrs-es", "esrs", "es-entity", "disintegrate", "eventcore"];

/// The figures of all, and ours as multiples of theirs.
pub fn markdown(rows: &[(&str, &Figures)]) -> String {
    let mut text = String::from("| |");
    Column::ALL.iter().for_each(|column| push(&mut text, column.title()));
    text.push_str("\n|---|");
    Column::ALL.iter().for_each(|_| text.push_str("---:|"));
    for (name, figures) in rows {
        let _ = write!(text, "\n| {name} |");
        for column in Column::ALL {
            push(&mut text, &figures.median(column).map_or("–".to_owned(), |value| column.show(value)));
        }
    }
    let Some((_, ours)) = rows.iter().find(|(name, _)| *name == OURS) else { return text };
    let others: [(&str, &[&str]); 4] = [
        ("ours / best that loads", &LOADING),
        ("ours / eventsourced", &["eventsourced"]),
        ("ours / raw tokio-postgres", &["raw tokio-postgres"]),
        ("ours / raw sqlx", &["raw sqlx"]),
    ];
    for (title, names) in others {
        let _ = write!(text, "\n| *{title}* |");
        for column in Column::ALL {
            let theirs =
                rows.iter().filter(|(name, _)| names.contains(name)).filter_map(|(_, other)| other.median(column));
            let best = theirs.reduce(if column.is_latency() { f64::min } else { f64::max });
            let ratio = ours.median(column).zip(best).map(|(ours, best)| ours / best);
            let shown =
                ratio.filter(|_| column != Column::Conflicts).map_or("–".to_owned(), |ratio| format!("{ratio:.2} ×"));
            push(&mut text, &shown);
        }
    }
    text
}

fn push(text: &mut String, cell: &str) {
    let _ = write!(text, " {cell} |");
}

/// A whole number with commas.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let grouped: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    grouped.join(",")
}
