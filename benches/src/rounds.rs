//! Rounds: every side is measured once a round, in turns, so that what slows the machine down slows all of them down.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// What the figures are taken from: `cargo bench`.
    Full,
    /// To see what a change does: `cargo bench -- --quick`.
    Quick,
    /// To see that it works: `cargo test --benches`.
    Smoke,
}

impl Scale {
    /// As the program was called. Cargo says `--bench` where it is to measure.
    #[must_use]
    pub fn from_args() -> Self {
        let is_given = |wanted: &str| std::env::args().any(|arg| arg == wanted);
        match (is_given("--bench"), is_given("--quick")) {
            (_, true) => Self::Quick,
            (true, false) => Self::Full,
            (false, false) => Self::Smoke,
        }
    }

    /// The one of three sizes that this scale asks for.
    pub fn pick<T>(self, full: T, quick: T, smoke: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
            Self::Smoke => smoke,
        }
    }
}

/// How long something took.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// How much was done.
    pub count: u32,
    /// By the clock on the wall.
    pub elapsed: Duration,
    /// On the CPUs, all threads of the process together: what others on the machine do changes it little. `None` where
    /// another process did the work.
    pub cpu: Option<Duration>,
}

/// Takes the time.
#[derive(Debug)]
pub struct Stopwatch {
    began: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { cpu: cpu_time(), began: Instant::now() }
    }

    /// What it took to do `count` of what is measured.
    #[must_use]
    pub fn stop(self, count: u32) -> Sample {
        Sample { count, elapsed: self.began.elapsed(), cpu: Some(cpu_time().saturating_sub(self.cpu)) }
    }
}

fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

/// One side of a comparison: prepares what it needs, and answers how long the measured part took.
pub type Side<'a> = &'a mut dyn FnMut() -> Outcome<Sample>;

/// Measures the sides in turns, `count` times, after a first time that is thrown away. Every second round goes the other
/// way round, so that no side always follows the same one. Answers the samples of each side, in the order of the rounds.
pub fn rounds<const N: usize>(count: usize, sides: &mut [Side<'_>; N]) -> Outcome<[Vec<Sample>; N]> {
    let mut samples = [const { Vec::new() }; N];
    for round in 0..=count {
        for turn in 0..N {
            let side = if round % 2 == 0 { turn } else { N - 1 - turn };
            let sample = sides[side]()?;
            if round > 0 {
                samples[side].push(sample);
            }
        }
    }
    Ok(samples)
}
