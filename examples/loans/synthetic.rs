//! A log of the same format as the bank's, made up from a seed, irregular lines included.

use std::fmt::Write as _;

use cqrs::chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::log::COLUMNS;

const COMPLETING: &str = "W_Completeren aanvraag";
const CALLING: &str = "W_Nabellen offertes";
const ASSESSING: &str = "W_Valideren aanvraag";
const CHASING_PAPERS: &str = "W_Nabellen incomplete dossiers";

/// 2024-01-01.
const BEGIN: DateTime<Utc> = DateTime::from_timestamp(1_704_067_200, 0).expect("within the calendar");

/// The lines of `applications` applications. The same seed makes the same log.
pub fn log(applications: u32, seed: u64) -> String {
    let mut log = COLUMNS.join(",") + "\n";
    let mut random = Random(seed);
    let mut submitted = BEGIN;
    for case in 0..applications {
        submitted += TimeDelta::seconds(random.below(1_800));
        let amount = (1 + random.below(100)) * 500;
        Application { log: &mut log, random: &mut random, case: 100_000 + case, amount, now: submitted }.run();
    }
    log
}

struct Application<'a> {
    log: &'a mut String,
    random: &'a mut Random,
    case: u32,
    amount: i64,
    now: DateTime<Utc>,
}

impl Application<'_> {
    fn run(mut self) {
        self.done("A_SUBMITTED", 1);
        if self.random.chance(1) {
            self.done("A_SUBMITTED", 1); // twice
        }
        self.done("A_PARTLYSUBMITTED", 2);
        if self.random.chance(40) {
            self.done("A_DECLINED", 60);
            return;
        }
        self.done("A_PREACCEPTED", 60);
        self.schedule(COMPLETING);
        self.work(COMPLETING);
        if self.random.chance(10) {
            return;
        }
        if self.random.chance(20) {
            self.decide("A_CANCELLED", COMPLETING);
            return;
        }
        self.done("A_ACCEPTED", 600);
        self.done("O_SELECTED", 60);
        self.done("A_FINALIZED", 0);
        self.offer();
        while self.random.chance(20) {
            self.done("O_SELECTED", 86_400);
            self.done("O_CANCELLED", 0);
            self.offer();
        }
        if self.random.chance(25) {
            self.decide("A_CANCELLED", CALLING);
            self.done("O_CANCELLED", 0);
            return;
        }
        if !self.random.chance(5) {
            self.done("O_SENT_BACK", 400_000); // else it is accepted and never came back
        }
        self.schedule(ASSESSING);
        self.work(ASSESSING);
        if self.random.chance(30) {
            self.schedule(CHASING_PAPERS);
            self.work(CHASING_PAPERS);
        }
        match self.random.below(10) {
            0 => {}
            1..4 => {
                self.decide("A_DECLINED", ASSESSING);
                self.done("O_DECLINED", 0);
            }
            _ => self.approve(),
        }
    }

    fn approve(&mut self) {
        let mut steps = ["A_APPROVED", "A_REGISTERED", "A_ACTIVATED", "O_ACCEPTED"];
        for last in (1..steps.len()).rev() {
            steps.swap(last, self.random.index(last + 1));
        }
        for step in steps {
            self.done(step, 0);
        }
        if self.random.chance(3) {
            self.done("A_APPROVED", 60); // twice
        }
    }

    /// A decision, while somebody may be at work on the application.
    fn decide(&mut self, decision: &str, work: &str) {
        let under_way = self.random.chance(50);
        if under_way {
            self.write(work, "START", 3_600);
        }
        self.done(decision, 300);
        if under_way {
            self.write(work, "COMPLETE", 60);
        } else if self.random.chance(5) {
            self.write(work, "START", 60); // too late
        }
    }

    fn offer(&mut self) {
        self.done("O_CREATED", 2);
        self.done("O_SENT", 1);
        if self.random.chance(1) {
            self.done("O_CREATED", 1); // what nobody selected
        }
        self.schedule(CALLING);
        self.work(CALLING);
    }

    fn schedule(&mut self, work: &str) {
        self.write(work, "SCHEDULE", 1);
        if self.random.chance(1) {
            self.write(work, "SCHEDULE", 1); // twice
        }
    }

    /// In up to four sittings.
    fn work(&mut self, work: &str) {
        for _ in 0..=self.random.below(4) {
            self.write(work, "START", 100_000);
            if self.random.chance(1) {
                self.write(work, "START", 1); // twice
            }
            self.write(work, "COMPLETE", 600);
            if self.random.chance(4) {
                self.write(work, "COMPLETE", 1); // twice
            }
        }
    }

    fn done(&mut self, activity: &str, within: i64) {
        self.write(activity, "COMPLETE", within);
    }

    /// Writes a line, up to `within` seconds after the one before.
    fn write(&mut self, activity: &str, transition: &str, within: i64) {
        self.now += TimeDelta::milliseconds(self.random.below(within * 1_000 + 1));
        let (case, amount) = (self.case, self.amount);
        let at = self.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let employee = if self.random.chance(7) { String::new() } else { self.employee().to_string() };
        let _ = writeln!(self.log, "{case},{amount},{activity},{transition},{at},{employee}");
    }

    /// Some are busier than others.
    fn employee(&mut self) -> i64 {
        let any = 1 + self.random.below(40);
        10_000 + self.random.below(any)
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): good enough to make up a bank.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: i64) -> i64 {
        (self.next() >> 1).cast_signed() % bound
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % length as u64).expect("below a length")
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}
