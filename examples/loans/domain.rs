//! The write side: what an application for a loan goes through at the bank, and what its file refuses to hold.
//!
//! An application is submitted, reviewed step by step, and decided once. Offers are prepared, sent, and come back from
//! the customer; work on the application is scheduled, started and completed, often in several sittings.

use std::collections::BTreeMap;

use cqrs::prelude::*;

/// Facts. Each is one entry in an application's file, by an employee or by the bank's own machines.
#[rustfmt::skip]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "loan", id = case)]
pub enum LoanEvent {
    Submitted       { case: u32, entry: u32, employee: Option<u32>, amount: u32, at: DateTime<Utc> },
    PartlySubmitted { case: u32, entry: u32, employee: Option<u32> },
    Preaccepted     { case: u32, entry: u32, employee: Option<u32> },
    Accepted        { case: u32, entry: u32, employee: Option<u32> },
    Finalized       { case: u32, entry: u32, employee: Option<u32> },

    Declined        { case: u32, entry: u32, employee: Option<u32>, at: DateTime<Utc> },
    Cancelled       { case: u32, entry: u32, employee: Option<u32>, at: DateTime<Utc> },
    Approved        { case: u32, entry: u32, employee: Option<u32>, at: DateTime<Utc> },
    Registered      { case: u32, entry: u32, employee: Option<u32>, at: DateTime<Utc> },
    Activated       { case: u32, entry: u32, employee: Option<u32>, at: DateTime<Utc> },

    OfferSelected   { case: u32, entry: u32, employee: Option<u32> },
    OfferCreated    { case: u32, entry: u32, employee: Option<u32> },
    OfferSent       { case: u32, entry: u32, employee: Option<u32> },
    OfferSentBack   { case: u32, entry: u32, employee: Option<u32> },
    OfferAccepted   { case: u32, entry: u32, employee: Option<u32> },
    OfferDeclined   { case: u32, entry: u32, employee: Option<u32> },
    OfferCancelled  { case: u32, entry: u32, employee: Option<u32> },

    WorkScheduled   { case: u32, entry: u32, employee: Option<u32>, work: Work },
    WorkStarted     { case: u32, entry: u32, employee: Option<u32>, work: Work },
    WorkCompleted   { case: u32, entry: u32, employee: Option<u32>, work: Work },
}

/// Intentions. `entry` counts the entries of one application from 1: what was entered once is not entered again.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = LoanApplication)]
pub struct Submit {
    #[cqrs(id)]
    pub case: u32,
    pub entry: u32,
    pub employee: Option<u32>,
    /// Whole euros.
    pub amount: u32,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = LoanApplication)]
pub struct Review {
    #[cqrs(id)]
    pub case: u32,
    pub entry: u32,
    pub employee: Option<u32>,
    pub to: Stage,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = LoanApplication)]
pub struct Decide {
    #[cqrs(id)]
    pub case: u32,
    pub entry: u32,
    pub employee: Option<u32>,
    pub decision: Decision,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = LoanApplication)]
pub struct HandleOffer {
    #[cqrs(id)]
    pub case: u32,
    pub entry: u32,
    pub employee: Option<u32>,
    pub step: OfferStep,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = LoanApplication)]
pub struct DoWork {
    #[cqrs(id)]
    pub case: u32,
    pub entry: u32,
    pub employee: Option<u32>,
    pub work: Work,
    pub step: WorkStep,
}

/// How far an application has been reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
pub enum Stage {
    Submitted,
    PartlySubmitted,
    Preaccepted,
    Accepted,
    Finalized,
}

/// What becomes of an application. The last three are one approval, written down in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    Declined,
    Cancelled,
    Approved,
    Registered,
    Activated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferStep {
    Select,
    Create,
    Send,
    SendBack,
    Accept,
    Decline,
    Cancel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Work {
    FixLead,
    CompleteApplication,
    CallAfterOffer,
    AssessApplication,
    CallForMissingPapers,
    JudgeFraud,
    ChangeContract,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkStep {
    Schedule,
    Start,
    Complete,
}

/// Why the bank does not enter something in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is entered already")]
    Known,
    #[error("the application was never submitted")]
    NotSubmitted(u32),
    #[error("the application was submitted before")]
    SubmittedBefore(u32),
    #[error("the application is decided")]
    Decided,
    #[error("the step is not the next one of the review")]
    OutOfTurn,
    #[error("the review is not final")]
    NotFinal,
    #[error("no offer is made before the application is accepted")]
    NotAccepted,
    #[error("the offer is not at this step")]
    OfferElsewhere,
    #[error("the customer has not sent the offer back")]
    OfferNotSentBack,
    #[error("the work is scheduled already")]
    WorkScheduled,
    #[error("the work was never scheduled")]
    WorkNotScheduled,
    #[error("the work is under way already")]
    WorkUnderWay,
    #[error("the work is not under way")]
    WorkNotUnderWay,
}

/// What decisions are made on.
#[derive(Debug)]
pub struct LoanApplication {
    entries: u32,
    stage: Stage,
    decisions: Vec<Decision>,
    /// The offer in preparation, and the one that the customer has: the next is selected before the last is cancelled.
    draft: Option<Draft>,
    offer: Option<Offer>,
    work: BTreeMap<Work, Progress>,
}

#[derive(Debug, PartialEq)]
enum Draft {
    Selected,
    Created,
}

#[derive(Debug, PartialEq)]
enum Offer {
    Sent,
    SentBack,
}

#[derive(Debug, PartialEq)]
enum Progress {
    Scheduled,
    UnderWay,
    Completed,
}

#[aggregate(
    event = LoanEvent,
    error = Refusal,
    not_found = Refusal::NotSubmitted,
    already_exists = Refusal::SubmittedBefore,
)]
impl LoanApplication {
    #[handle]
    fn submit(command: Submit, ctx: &Context) -> Result<LoanEvent, Refusal> {
        let Submit { case, entry, employee, amount } = command;
        Ok(LoanEvent::Submitted { case, entry, employee, amount, at: ctx.now() })
    }

    #[handle]
    fn review(&self, command: Review) -> Result<LoanEvent, Refusal> {
        let Review { case, entry, employee, to } = command;
        self.is_new(entry)?;
        self.is_open()?;
        match (self.stage, to) {
            (Stage::Submitted, Stage::PartlySubmitted) => Ok(LoanEvent::PartlySubmitted { case, entry, employee }),
            (Stage::PartlySubmitted, Stage::Preaccepted) => Ok(LoanEvent::Preaccepted { case, entry, employee }),
            (Stage::Preaccepted, Stage::Accepted) => Ok(LoanEvent::Accepted { case, entry, employee }),
            (Stage::Accepted, Stage::Finalized) => Ok(LoanEvent::Finalized { case, entry, employee }),
            _ => Err(Refusal::OutOfTurn),
        }
    }

    /// An application is decided once; an approval is complete when it is approved, registered and activated.
    #[handle]
    fn decide(&self, command: Decide, ctx: &Context) -> Result<LoanEvent, Refusal> {
        let Decide { case, entry, employee, decision } = command;
        self.is_new(entry)?;
        let completes = |before: &Decision| before.approves() && decision.approves() && *before != decision;
        if !self.decisions.iter().all(completes) {
            return Err(Refusal::Decided);
        }
        if decision.approves() && self.stage < Stage::Finalized {
            return Err(Refusal::NotFinal);
        }
        let at = ctx.now();
        Ok(match decision {
            Decision::Declined => LoanEvent::Declined { case, entry, employee, at },
            Decision::Cancelled => LoanEvent::Cancelled { case, entry, employee, at },
            Decision::Approved => LoanEvent::Approved { case, entry, employee, at },
            Decision::Registered => LoanEvent::Registered { case, entry, employee, at },
            Decision::Activated => LoanEvent::Activated { case, entry, employee, at },
        })
    }

    /// A decided application gets no new offer, but the one that the customer has may still be settled.
    #[handle]
    fn handle_offer(&self, command: HandleOffer) -> Result<LoanEvent, Refusal> {
        let HandleOffer { case, entry, employee, step } = command;
        self.is_new(entry)?;
        if !matches!(step, OfferStep::Accept | OfferStep::Decline | OfferStep::Cancel) {
            self.is_open()?;
        }
        if self.stage < Stage::Accepted {
            return Err(Refusal::NotAccepted);
        }
        match (step, &self.draft, &self.offer) {
            (OfferStep::Select, None, _) => Ok(LoanEvent::OfferSelected { case, entry, employee }),
            (OfferStep::Create, Some(Draft::Selected), None) => Ok(LoanEvent::OfferCreated { case, entry, employee }),
            (OfferStep::Send, Some(Draft::Created), None) => Ok(LoanEvent::OfferSent { case, entry, employee }),
            (OfferStep::SendBack, _, Some(Offer::Sent)) => Ok(LoanEvent::OfferSentBack { case, entry, employee }),
            (OfferStep::Accept, _, Some(Offer::SentBack)) => Ok(LoanEvent::OfferAccepted { case, entry, employee }),
            (OfferStep::Accept, _, Some(Offer::Sent)) => Err(Refusal::OfferNotSentBack),
            (OfferStep::Decline, _, Some(_)) => Ok(LoanEvent::OfferDeclined { case, entry, employee }),
            (OfferStep::Cancel, _, Some(_)) => Ok(LoanEvent::OfferCancelled { case, entry, employee }),
            _ => Err(Refusal::OfferElsewhere),
        }
    }

    /// After the decision work is brought to an end, but none is begun; only a contract may have to be changed.
    #[handle]
    fn do_work(&self, command: DoWork) -> Result<LoanEvent, Refusal> {
        let DoWork { case, entry, employee, work, step } = command;
        self.is_new(entry)?;
        if step != WorkStep::Complete && work != Work::ChangeContract {
            self.is_open()?;
        }
        match (step, self.work.get(&work)) {
            (WorkStep::Schedule, Some(Progress::Scheduled)) => Err(Refusal::WorkScheduled),
            (WorkStep::Schedule, _) => Ok(LoanEvent::WorkScheduled { case, entry, employee, work }),
            (WorkStep::Start, None) => Err(Refusal::WorkNotScheduled),
            (WorkStep::Start, Some(Progress::UnderWay)) => Err(Refusal::WorkUnderWay),
            (WorkStep::Start, Some(_)) => Ok(LoanEvent::WorkStarted { case, entry, employee, work }),
            (WorkStep::Complete, Some(Progress::UnderWay)) => {
                Ok(LoanEvent::WorkCompleted { case, entry, employee, work })
            }
            (WorkStep::Complete, _) => Err(Refusal::WorkNotUnderWay),
        }
    }

    #[on(Submitted)]
    fn submitted(entry: u32) -> Self {
        Self {
            entries: entry,
            stage: Stage::Submitted,
            decisions: Vec::new(),
            draft: None,
            offer: None,
            work: BTreeMap::new(),
        }
    }

    #[on(PartlySubmitted)]
    fn partly_submitted(&mut self, entry: u32) {
        self.enter(entry).stage = Stage::PartlySubmitted;
    }

    #[on(Preaccepted)]
    fn preaccepted(&mut self, entry: u32) {
        self.enter(entry).stage = Stage::Preaccepted;
    }

    #[on(Accepted)]
    fn accepted(&mut self, entry: u32) {
        self.enter(entry).stage = Stage::Accepted;
    }

    #[on(Finalized)]
    fn finalized(&mut self, entry: u32) {
        self.enter(entry).stage = Stage::Finalized;
    }

    #[on(Declined)]
    fn declined(&mut self, entry: u32) {
        self.enter(entry).decisions.push(Decision::Declined);
    }

    #[on(Cancelled)]
    fn cancelled(&mut self, entry: u32) {
        self.enter(entry).decisions.push(Decision::Cancelled);
    }

    #[on(Approved)]
    fn approved(&mut self, entry: u32) {
        self.enter(entry).decisions.push(Decision::Approved);
    }

    #[on(Registered)]
    fn registered(&mut self, entry: u32) {
        self.enter(entry).decisions.push(Decision::Registered);
    }

    #[on(Activated)]
    fn activated(&mut self, entry: u32) {
        self.enter(entry).decisions.push(Decision::Activated);
    }

    #[on(OfferSelected)]
    fn offer_selected(&mut self, entry: u32) {
        self.enter(entry).draft = Some(Draft::Selected);
    }

    #[on(OfferCreated)]
    fn offer_created(&mut self, entry: u32) {
        self.enter(entry).draft = Some(Draft::Created);
    }

    #[on(OfferSent)]
    fn offer_sent(&mut self, entry: u32) {
        let file = self.enter(entry);
        (file.draft, file.offer) = (None, Some(Offer::Sent));
    }

    #[on(OfferSentBack)]
    fn offer_sent_back(&mut self, entry: u32) {
        self.enter(entry).offer = Some(Offer::SentBack);
    }

    #[on(OfferAccepted, OfferDeclined, OfferCancelled)]
    fn offer_settled(&mut self, entry: u32) {
        self.enter(entry).offer = None;
    }

    /// Work that is under way while it is scheduled once more stays under way.
    #[on(WorkScheduled)]
    fn work_scheduled(&mut self, entry: u32, work: Work) {
        let progress = self.enter(entry).work.entry(work).or_insert(Progress::Scheduled);
        if *progress == Progress::Completed {
            *progress = Progress::Scheduled;
        }
    }

    #[on(WorkStarted)]
    fn work_started(&mut self, entry: u32, work: Work) {
        self.enter(entry).work.insert(work, Progress::UnderWay);
    }

    #[on(WorkCompleted)]
    fn work_completed(&mut self, entry: u32, work: Work) {
        self.enter(entry).work.insert(work, Progress::Completed);
    }

    fn enter(&mut self, entry: u32) -> &mut Self {
        self.entries = entry;
        self
    }

    fn is_new(&self, entry: u32) -> Result<(), Refusal> {
        if entry > self.entries { Ok(()) } else { Err(Refusal::Known) }
    }

    fn is_open(&self) -> Result<(), Refusal> {
        if self.decisions.is_empty() { Ok(()) } else { Err(Refusal::Decided) }
    }
}

impl Decision {
    fn approves(self) -> bool {
        matches!(self, Self::Approved | Self::Registered | Self::Activated)
    }
}
