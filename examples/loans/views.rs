//! The read side: one row an application, one row an employee, and the questions that they answer.

use cqrs::{Column, ColumnError, ColumnType, Value, chrono::TimeDelta, prelude::*};

use crate::domain::LoanEvent;

/// An application, as far as the bank's figures go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "applications")]
pub struct ApplicationView {
    #[cqrs(key)]
    pub case: u32,
    /// Whole euros.
    pub amount: u32,
    #[cqrs(index)]
    pub outcome: Outcome,
    /// How many offers were sent to the customer.
    #[cqrs(index)]
    pub offers: u32,
    pub submitted_at: DateTime<Utc>,
    /// Milliseconds from submission to decision.
    #[cqrs(index)]
    pub decided_after: Option<i64>,
}

/// What became of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    Declined,
    Cancelled,
    Approved,
    Open,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Declined, Self::Cancelled, Self::Approved, Self::Open];

    pub fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Approved => "approved",
            Self::Open => "open",
        }
    }
}

/// A type of the domain's own becomes a column by saying what it is made of.
impl Column for Outcome {
    const TYPE: ColumnType = String::TYPE;

    fn to_value(&self) -> Result<Value, ColumnError> {
        Ok(Value::Text(self.name().to_owned()))
    }
}

/// How many applications came to each outcome.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = ApplicationView, result = Vec<(Outcome, u64)>)]
pub struct CountOutcomes;

/// How many applications got how many offers.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = ApplicationView, result = Vec<(u32, u64)>)]
pub struct CountOffers;

/// Whole euros of all approved applications.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = ApplicationView, result = u64)]
pub struct SumApproved;

/// The median time from submission to decision; `None` while nothing is decided.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = ApplicationView, result = Option<TimeDelta>)]
pub struct MedianTimeToDecision;

#[projection(
    event = LoanEvent,
    ignore(
        PartlySubmitted, Preaccepted, Accepted, Finalized,
        OfferSelected, OfferCreated, OfferSentBack, OfferAccepted, OfferDeclined, OfferCancelled,
        WorkScheduled, WorkStarted, WorkCompleted,
    ),
)]
impl ApplicationView {
    #[on(Submitted)]
    fn submitted(case: u32, amount: u32, at: DateTime<Utc>) -> Self {
        Self { case, amount, outcome: Outcome::Open, offers: 0, submitted_at: at, decided_after: None }
    }

    #[on(OfferSent)]
    fn offer_sent(&mut self) {
        self.offers += 1;
    }

    #[on(Declined)]
    fn declined(&mut self, at: DateTime<Utc>) {
        self.decided(Outcome::Declined, at);
    }

    #[on(Cancelled)]
    fn cancelled(&mut self, at: DateTime<Utc>) {
        self.decided(Outcome::Cancelled, at);
    }

    #[on(Approved, Registered, Activated)]
    fn approved(&mut self, at: DateTime<Utc>) {
        self.decided(Outcome::Approved, at);
    }

    fn decided(&mut self, outcome: Outcome, at: DateTime<Utc>) {
        self.outcome = outcome;
        self.decided_after.get_or_insert((at - self.submitted_at).num_milliseconds());
    }

    #[handle]
    async fn count_outcomes(views: &Views<Self>, _: CountOutcomes) -> Result<Vec<(Outcome, u64)>, QueryError> {
        let mut counts = Vec::new();
        for outcome in Outcome::ALL {
            counts.push((outcome, views.filter(Self::OUTCOME.eq(outcome)).count().await?));
        }
        Ok(counts)
    }

    #[handle]
    async fn count_offers(views: &Views<Self>, _: CountOffers) -> Result<Vec<(u32, u64)>, QueryError> {
        let most = views.order_by(Self::OFFERS.descending()).first().await?.map_or(0, |row| row.offers);
        let mut counts = Vec::new();
        for offers in 0..=most {
            counts.push((offers, views.filter(Self::OFFERS.eq(offers)).count().await?));
        }
        Ok(counts)
    }

    #[handle]
    async fn sum_approved(views: &Views<Self>, _: SumApproved) -> Result<u64, QueryError> {
        let approved = views.filter(Self::OUTCOME.eq(Outcome::Approved)).rows().await?;
        Ok(approved.iter().map(|row| u64::from(row.amount)).sum())
    }

    /// Reads the one or two rows in the middle of the index, and no other.
    #[handle]
    async fn median(views: &Views<Self>, _: MedianTimeToDecision) -> Result<Option<TimeDelta>, QueryError> {
        let decided = || views.filter(Self::DECIDED_AFTER.ge(0)).order_by(Self::DECIDED_AFTER);
        let count = decided().count().await?;
        if count == 0 {
            return Ok(None);
        }
        let mut middle = 0;
        for place in [count.div_ceil(2), count / 2 + 1] {
            let page = u32::try_from(place).unwrap_or(u32::MAX);
            middle += decided().page(page, 1).await?.iter().filter_map(|row| row.decided_after).sum::<i64>();
        }
        Ok(Some(TimeDelta::milliseconds(middle / 2)))
    }
}

/// An employee, by what they entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "employees")]
pub struct EmployeeView {
    #[cqrs(key)]
    pub employee: u32,
    #[cqrs(index)]
    pub entries: u64,
}

/// The employees with most entries, the busiest first.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = EmployeeView, result = Vec<EmployeeView>)]
pub struct Busiest {
    pub count: u32,
}

#[projection(event = LoanEvent)]
impl EmployeeView {
    fn new(employee: u32) -> Self {
        Self { employee, entries: 0 }
    }

    /// An entry that names no employee concerns no row.
    #[on(
        Submitted, PartlySubmitted, Preaccepted, Accepted, Finalized,
        Declined, Cancelled, Approved, Registered, Activated,
        OfferSelected, OfferCreated, OfferSent, OfferSentBack, OfferAccepted, OfferDeclined, OfferCancelled,
        WorkScheduled, WorkStarted, WorkCompleted,
        key = employee, or_insert = Self::new,
    )]
    fn entered(&mut self) {
        self.entries += 1;
    }

    #[handle]
    async fn busiest(views: &Views<Self>, query: Busiest) -> Result<Vec<Self>, QueryError> {
        views.order_by(Self::ENTRIES.descending()).page(1, query.count).await
    }
}
