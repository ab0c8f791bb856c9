//! What the bank wants to know, asked of the read models.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use cqrs::{chrono::TimeDelta, prelude::*};

use crate::{
    import::Tally,
    views::{Busiest, CountOffers, CountOutcomes, EmployeeView, MedianTimeToDecision, Outcome, SumApproved},
};

/// How long the views may take to follow all that was entered.
const PATIENCE: Duration = Duration::from_secs(600);

/// The answers.
#[derive(Debug, PartialEq)]
pub struct Report {
    pub outcomes: Vec<(Outcome, u64)>,
    /// Applications by the number of offers they got.
    pub offers: Vec<(u32, u64)>,
    /// Whole euros.
    pub approved: u64,
    pub median: Option<TimeDelta>,
    pub busiest: Vec<EmployeeView>,
}

impl Report {
    /// Asks for what the log holds by now: every answer waits until its view has come that far.
    pub async fn ask(engine: &Engine) -> Result<Self, QueryError> {
        let head = engine.head().await?;
        Ok(Self {
            outcomes: engine.query(CountOutcomes).after(head).within(PATIENCE).await?,
            offers: engine.query(CountOffers).after(head).within(PATIENCE).await?,
            approved: engine.query(SumApproved).after(head).within(PATIENCE).await?,
            median: engine.query(MedianTimeToDecision).after(head).within(PATIENCE).await?,
            busiest: engine.query(Busiest { count: 10 }).after(head).within(PATIENCE).await?,
        })
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let applications = self.outcomes.iter().map(|(_, count)| count).sum();
        writeln!(f, "{} applications", grouped(applications))?;
        for (outcome, count) in &self.outcomes {
            bar(f, outcome.name(), *count, applications)?;
        }
        writeln!(f, "\noffers per application")?;
        for (offers, count) in &self.offers {
            bar(f, &offers.to_string(), *count, applications)?;
        }
        writeln!(f, "\nthe ten busiest employees, by entries")?;
        let most = self.busiest.first().map_or(0, |employee| employee.entries);
        for EmployeeView { employee, entries } in &self.busiest {
            bar(f, &employee.to_string(), *entries, most)?;
        }
        writeln!(f, "\namount approved                  € {}", grouped(self.approved))?;
        match self.median {
            Some(median) => writeln!(f, "median from submission to decision  {} days", days(median)),
            None => writeln!(f, "nothing is decided yet"),
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>9} entered", grouped(self.entered))?;
        if self.known > 0 {
            writeln!(f, "{:>9} known from an earlier run", grouped(self.known))?;
        }
        writeln!(f, "{:>9} refused", grouped(self.refused()))?;
        let mut reasons: Vec<_> = self.refused.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        reasons.into_iter().try_for_each(|(reason, count)| writeln!(f, "{:>13}  {reason}", grouped(*count)))
    }
}

/// A line of a chart, 40 characters at its widest.
fn bar(f: &mut fmt::Formatter<'_>, label: &str, count: u64, of: u64) -> fmt::Result {
    let eighths = usize::try_from(count * 320 / of.max(1)).unwrap_or(320).max(usize::from(count > 0));
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    writeln!(f, "  {label:>9}  {:>6}  {}{rest}", grouped(count), "█".repeat(eighths / 8))
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let groups = digits.as_bytes()[first..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let groups: Vec<_> = (first > 0).then(|| digits[..first].to_owned()).into_iter().chain(groups).collect();
    groups.join(",")
}

/// With one decimal.
fn days(time: TimeDelta) -> String {
    let tenths = time.num_minutes() / 144;
    format!("{}.{}", tenths / 10, tenths % 10)
}
