//! The bank's log: lines of CSV, plain or compressed, in the order of the applications.

use std::{
    collections::HashSet,
    io::{self, BufRead, BufReader, Read},
};

use cqrs::prelude::*;
use csv::StringRecord;
use flate2::bufread::MultiGzDecoder;

use crate::domain::{Decision, OfferStep, Stage, Work, WorkStep};

/// The log's columns, in order.
pub const COLUMNS: [&str; 6] =
    ["case", "AMOUNT_REQ", "concept_name", "lifecycle_transition", "time_timestamp", "org_resource"];

/// One line: what was done to an application, when, and by whom, where that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub number: u64,
    pub case: u32,
    pub amount: u32,
    pub activity: Activity,
    pub at: DateTime<Utc>,
    pub employee: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    Submit,
    Review(Stage),
    Decide(Decision),
    Offer(OfferStep),
    Work(Work, WorkStep),
}

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the log cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the log cannot be read: {0}")]
    Csv(#[from] csv::Error),
    #[error("the log has the columns `{found}`, where `{expected}` are wanted", expected = COLUMNS.join(","))]
    Columns { found: String },
    #[error("line {line}: {cause}")]
    Line { line: u64, cause: LineError },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("{0}")]
    Field(String),
    #[error("there is no activity `{activity}` with the transition `{transition}`")]
    Activity { activity: String, transition: String },
    #[error("application {0} was told of before: the lines of an application must follow each other")]
    Scattered(u32),
}

/// A line as it is written.
#[derive(Deserialize)]
struct Written<'a> {
    case: u32,
    #[serde(rename = "AMOUNT_REQ")]
    amount: u32,
    concept_name: &'a str,
    lifecycle_transition: &'a str,
    time_timestamp: &'a str,
    org_resource: Option<u32>,
}

/// Reads a log, application by application.
pub fn read(log: impl Read + Send + 'static) -> Result<Applications, LogError> {
    let mut log = BufReader::new(log);
    let compressed = log.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read + Send> = if compressed { Box::new(MultiGzDecoder::new(log)) } else { Box::new(log) };
    let mut lines = csv::Reader::from_reader(plain);
    let header = lines.headers()?.clone();
    if header != COLUMNS[..] {
        return Err(LogError::Columns { found: header.iter().collect::<Vec<_>>().join(",") });
    }
    Ok(Applications { lines, header, seen: HashSet::new(), next: None })
}

/// The applications of a log, each with all its lines.
pub struct Applications {
    lines: csv::Reader<Box<dyn Read + Send>>,
    header: StringRecord,
    seen: HashSet<u32>,
    /// The first line of the next application.
    next: Option<Line>,
}

impl Iterator for Applications {
    type Item = Result<Vec<Line>, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.application().transpose()
    }
}

impl Applications {
    fn application(&mut self) -> Result<Option<Vec<Line>>, LogError> {
        let Some(first) = self.next.take().map_or_else(|| self.line(), |line| Ok(Some(line)))? else {
            return Ok(None);
        };
        if !self.seen.insert(first.case) {
            return Err(LogError::Line { line: first.number, cause: LineError::Scattered(first.case) });
        }
        let mut application = vec![first];
        while let Some(line) = self.line()? {
            if line.case != application[0].case {
                self.next = Some(line);
                break;
            }
            application.push(line);
        }
        Ok(Some(application))
    }

    fn line(&mut self) -> Result<Option<Line>, LogError> {
        let mut record = StringRecord::new();
        if !self.lines.read_record(&mut record).map_err(unreadable)? {
            return Ok(None);
        }
        let number = record.position().map_or(0, csv::Position::line);
        let line = parse(number, &record, &self.header).map_err(|cause| LogError::Line { line: number, cause })?;
        Ok(Some(line))
    }
}

fn parse(number: u64, record: &StringRecord, header: &StringRecord) -> Result<Line, LineError> {
    let written: Written<'_> = record.deserialize(Some(header)).map_err(|error| LineError::Field(in_words(&error)))?;
    let Written { case, amount, concept_name, lifecycle_transition, time_timestamp, org_resource } = written;
    let activity = activity(concept_name, lifecycle_transition).ok_or_else(|| LineError::Activity {
        activity: concept_name.to_owned(),
        transition: lifecycle_transition.to_owned(),
    })?;
    let at = time_timestamp.parse().map_err(|error| LineError::Field(format!("`time_timestamp`: {error}")))?;
    Ok(Line { number, case, amount, activity, at, employee: org_resource })
}

/// The line at fault, where it is one line's fault.
fn unreadable(error: csv::Error) -> LogError {
    match error.position().map(csv::Position::line) {
        Some(line) => LogError::Line { line, cause: LineError::Field(in_words(&error)) },
        None => LogError::Csv(error),
    }
}

fn in_words(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!("it has {len} fields, not {expected_len}"),
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|field| COLUMNS.get(usize::try_from(field).ok()?));
            column.map_or_else(|| err.kind().to_string(), |column| format!("`{column}`: {}", err.kind()))
        }
        _ => error.to_string(),
    }
}

#[rustfmt::skip]
fn activity(name: &str, transition: &str) -> Option<Activity> {
    let step = match transition {
        "SCHEDULE" => WorkStep::Schedule,
        "START"    => WorkStep::Start,
        "COMPLETE" => WorkStep::Complete,
        _ => return None,
    };
    let work = match name {
        "W_Afhandelen leads"             => Some(Work::FixLead),
        "W_Completeren aanvraag"         => Some(Work::CompleteApplication),
        "W_Nabellen offertes"            => Some(Work::CallAfterOffer),
        "W_Valideren aanvraag"           => Some(Work::AssessApplication),
        "W_Nabellen incomplete dossiers" => Some(Work::CallForMissingPapers),
        "W_Beoordelen fraude"            => Some(Work::JudgeFraud),
        "W_Wijzigen contractgegevens"    => Some(Work::ChangeContract),
        _ => None,
    };
    if let Some(work) = work {
        return Some(Activity::Work(work, step));
    }
    // What is no work is done at once.
    Some(match (name, step) {
        ("A_SUBMITTED",       WorkStep::Complete) => Activity::Submit,
        ("A_PARTLYSUBMITTED", WorkStep::Complete) => Activity::Review(Stage::PartlySubmitted),
        ("A_PREACCEPTED",     WorkStep::Complete) => Activity::Review(Stage::Preaccepted),
        ("A_ACCEPTED",        WorkStep::Complete) => Activity::Review(Stage::Accepted),
        ("A_FINALIZED",       WorkStep::Complete) => Activity::Review(Stage::Finalized),
        ("A_DECLINED",        WorkStep::Complete) => Activity::Decide(Decision::Declined),
        ("A_CANCELLED",       WorkStep::Complete) => Activity::Decide(Decision::Cancelled),
        ("A_APPROVED",        WorkStep::Complete) => Activity::Decide(Decision::Approved),
        ("A_REGISTERED",      WorkStep::Complete) => Activity::Decide(Decision::Registered),
        ("A_ACTIVATED",       WorkStep::Complete) => Activity::Decide(Decision::Activated),
        ("O_SELECTED",        WorkStep::Complete) => Activity::Offer(OfferStep::Select),
        ("O_CREATED",         WorkStep::Complete) => Activity::Offer(OfferStep::Create),
        ("O_SENT",            WorkStep::Complete) => Activity::Offer(OfferStep::Send),
        ("O_SENT_BACK",       WorkStep::Complete) => Activity::Offer(OfferStep::SendBack),
        ("O_ACCEPTED",        WorkStep::Complete) => Activity::Offer(OfferStep::Accept),
        ("O_DECLINED",        WorkStep::Complete) => Activity::Offer(OfferStep::Decline),
        ("O_CANCELLED",       WorkStep::Complete) => Activity::Offer(OfferStep::Cancel),
        _ => return None,
    })
}
