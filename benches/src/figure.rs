//! Figures: a ratio of two sides, with its target, and the conditions it was measured under.

use std::{fmt, thread, time::Duration};

use crate::{Outcome, Sample, Scale};

/// How a figure is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many a second: more is better.
    PerSecond,
    /// Time for each: less is better.
    TimeEach,
}

/// What the ratio of our side to the other should be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// For information only.
    None,
}

impl Target {
    fn verdict(self, ratio: f64) -> &'static str {
        let is_met = match self {
            Self::AtLeast(least) => ratio >= least,
            Self::AtMost(most) => ratio <= most,
            Self::None => return "",
        };
        if is_met { "met" } else { "**missed**" }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {least:.3}"),
            Self::AtMost(most) => write!(f, "≤ {most:.3}"),
            Self::None => Ok(()),
        }
    }
}

/// The figures of one bench, printed as a table, row by row.
#[derive(Debug)]
pub struct Report {
    scale: Scale,
}

impl Report {
    /// Begins a bench, and prints the conditions it runs under.
    #[must_use]
    pub fn begin(name: &str, conditions: &[(&str, String)]) -> Self {
        let scale = Scale::from_args();
        let cpus = thread::available_parallelism().map_or_else(|error| error.to_string(), |count| count.to_string());
        println!("## {name}\n");
        println!("- scale: {scale:?}");
        println!("- CPUs: {cpus}");
        println!("- compiler: {}, opt-level {}", env!("BENCH_RUSTC"), env!("BENCH_OPT_LEVEL"));
        for (what, condition) in conditions {
            println!("- {what}: {condition}");
        }
        println!(
            "\n| figure | cqrs | other side | ratio (rounds) | of CPU time | target | |\n|---|---:|---:|---:|---:|---:|---|"
        );
        Self { scale }
    }

    /// How much is to be measured.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Adds the figure of two sides that were measured in the same rounds.
    pub fn figure(&mut self, what: &str, unit: Unit, target: Target, ours: &[Sample], theirs: &[Sample]) {
        let value = |count: u32, time: Duration| match unit {
            Unit::PerSecond => f64::from(count) / time.as_secs_f64(),
            Unit::TimeEach => time.as_secs_f64() / f64::from(count),
        };
        let elapsed = |sample: &Sample| Some(value(sample.count, sample.elapsed));
        let cpu = |sample: &Sample| Some(value(sample.count, sample.cpu?));
        let ratios = |value: &dyn Fn(&Sample) -> Option<f64>| {
            sorted(ours.iter().zip(theirs).filter_map(|(ours, theirs)| Some(value(ours)? / value(theirs)?)))
        };
        let middle = |samples: &[Sample]| match unit {
            Unit::PerSecond => format!("{:.0}/s", median(&sorted(samples.iter().filter_map(elapsed)))),
            Unit::TimeEach => time(median(&sorted(samples.iter().filter_map(elapsed)))),
        };
        let (rounds, of_cpu) = (ratios(&elapsed), ratios(&cpu));
        let ratio = median(&rounds);
        let of_cpu = if of_cpu.is_empty() { String::new() } else { format!("{:.3}", median(&of_cpu)) };
        let spread = rounds.first().zip(rounds.last()).map(|(least, most)| format!(" ({least:.3}–{most:.3})"));
        println!(
            "| {what} | {} | {} | {ratio:.3}{} | {of_cpu} | {target} | {} |",
            middle(ours),
            middle(theirs),
            spread.unwrap_or_default(),
            target.verdict(ratio),
        );
    }

    /// Adds what is counted, not timed.
    pub fn count(&mut self, what: &str, ours: u32, theirs: u32) {
        let ratio = f64::from(ours) / f64::from(theirs);
        println!("| {what} | {ours} | {theirs} | {ratio:.3} | | | |");
    }

    /// Adds what has no other side.
    pub fn note(&mut self, what: &str, ours: &str) {
        println!("| {what} | {ours} | | | | | |");
    }

    /// Ends the table.
    pub fn finish(self) -> Outcome {
        println!();
        Ok(())
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1e-6 => format!("{:.1} ns", seconds * 1e9),
        _ if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}
