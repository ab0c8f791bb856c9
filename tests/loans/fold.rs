//! The same rules and totals as the example's, as one loop over the file: no framework, and nothing of the example.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use chrono::DateTime;
use cqrs::chrono;

#[derive(Debug, Default, PartialEq)]
pub struct Totals {
    pub entered: u64,
    pub refused: BTreeMap<String, u64>,
    pub outcomes: BTreeMap<&'static str, u64>,
    pub offers: BTreeMap<u32, u64>,
    pub approved: u64,
    pub median_millis: Option<i64>,
    pub busiest: Vec<(u32, u64)>,
}

/// What a file holds about one application.
#[derive(Default)]
struct File<'a> {
    stage: usize,
    submitted_at: i64,
    decided_at: Option<i64>,
    decisions: HashSet<&'a str>,
    draft: &'a str,
    offer: &'a str,
    work: HashMap<&'a str, &'a str>,
    sent: u32,
    amount: u64,
}

const REVIEW: [&str; 5] = ["A_SUBMITTED", "A_PARTLYSUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED"];
const APPROVAL: [&str; 3] = ["A_APPROVED", "A_REGISTERED", "A_ACTIVATED"];

/// The totals of a log with a header and no quotes.
pub fn fold(log: &str) -> Totals {
    let mut totals = Totals::default();
    let mut files: BTreeMap<u32, File<'_>> = BTreeMap::new();
    let mut employees: BTreeMap<u32, u64> = BTreeMap::new();
    for line in log.lines().skip(1) {
        let [case, amount, activity, transition, at, employee] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("`{line}`");
        };
        let at = DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis();
        let case = case.parse().unwrap();
        let entered = match activity.split_at(2) {
            ("A_", "SUBMITTED") if files.contains_key(&case) => Err("the application was submitted before"),
            ("A_", "SUBMITTED") => {
                let amount = amount.parse().unwrap();
                files.insert(case, File { stage: 1, submitted_at: at, amount, ..File::default() });
                Ok(())
            }
            (kind, step) => match (files.get_mut(&case), kind) {
                (None, _) => Err("the application was never submitted"),
                (Some(file), "A_") => application(file, activity, at),
                (Some(file), "O_") => offer(file, step),
                (Some(file), _) => work(file, step, transition),
            },
        };
        if let Err(reason) = entered {
            *totals.refused.entry(reason.to_owned()).or_default() += 1;
            continue;
        }
        totals.entered += 1;
        if let Ok(employee) = employee.parse() {
            *employees.entry(employee).or_default() += 1;
        }
    }

    totals.outcomes = ["declined", "cancelled", "approved", "open"].map(|outcome| (outcome, 0)).into();
    for file in files.values() {
        *totals.outcomes.entry(outcome(file.decisions.iter().next().copied().unwrap_or(""))).or_default() += 1;
        *totals.offers.entry(file.sent).or_default() += 1;
        if file.decisions.iter().any(|decision| APPROVAL.contains(decision)) {
            totals.approved += file.amount;
        }
    }
    let mut times: Vec<_> = files.values().filter_map(|file| Some(file.decided_at? - file.submitted_at)).collect();
    times.sort_unstable();
    totals.median_millis = times.get(times.len() / 2).map(|upper| i64::midpoint(times[(times.len() - 1) / 2], *upper));
    totals.busiest = employees.into_iter().collect();
    totals.busiest.sort_by_key(|(employee, entries)| (Reverse(*entries), *employee));
    totals.busiest.truncate(10);
    totals
}

/// How many applications came to each outcome by their last `A_` line, no rules asked.
pub fn last_states(log: &str) -> BTreeMap<&'static str, u64> {
    let mut last = HashMap::new();
    for line in log.lines().skip(1) {
        let mut fields = line.split(',');
        let (case, activity) = (fields.next().unwrap(), fields.nth(1).unwrap());
        if activity.starts_with("A_") {
            last.insert(case, activity);
        }
    }
    let mut outcomes = BTreeMap::new();
    for activity in last.values() {
        *outcomes.entry(outcome(activity)).or_default() += 1;
    }
    outcomes
}

fn outcome(activity: &str) -> &'static str {
    match activity {
        "A_DECLINED" => "declined",
        "A_CANCELLED" => "cancelled",
        activity if APPROVAL.contains(&activity) => "approved",
        _ => "open",
    }
}

fn application<'a>(file: &mut File<'a>, activity: &'a str, at: i64) -> Result<(), &'static str> {
    if let Some(stage) = REVIEW.iter().position(|stage| *stage == activity) {
        if !file.decisions.is_empty() {
            return Err("the application is decided");
        }
        if stage != file.stage {
            return Err("the step is not the next one of the review");
        }
        file.stage += 1;
        return Ok(());
    }
    let approves = APPROVAL.contains(&activity);
    let completes = approves && file.decisions.iter().all(|before| APPROVAL.contains(before));
    if file.decisions.contains(activity) || !(file.decisions.is_empty() || completes) {
        return Err("the application is decided");
    }
    if approves && file.stage < REVIEW.len() {
        return Err("the review is not final");
    }
    file.decisions.insert(activity);
    file.decided_at.get_or_insert(at);
    Ok(())
}

fn offer<'a>(file: &mut File<'a>, step: &'a str) -> Result<(), &'static str> {
    let settles = matches!(step, "ACCEPTED" | "DECLINED" | "CANCELLED");
    if !settles && !file.decisions.is_empty() {
        return Err("the application is decided");
    }
    if file.stage < 4 {
        return Err("no offer is made before the application is accepted");
    }
    if step == "ACCEPTED" && file.offer == "SENT" {
        return Err("the customer has not sent the offer back");
    }
    let fits = match step {
        "SELECTED" => file.draft.is_empty(),
        "CREATED" => file.draft == "SELECTED" && file.offer.is_empty(),
        "SENT" => file.draft == "CREATED" && file.offer.is_empty(),
        "SENT_BACK" => file.offer == "SENT",
        _ => !file.offer.is_empty(),
    };
    if !fits {
        return Err("the offer is not at this step");
    }
    match step {
        "SELECTED" | "CREATED" => file.draft = step,
        "SENT" => {
            (file.draft, file.offer) = ("", step);
            file.sent += 1;
        }
        "SENT_BACK" => file.offer = step,
        _ => file.offer = "",
    }
    Ok(())
}

fn work<'a>(file: &mut File<'a>, work: &'a str, transition: &'a str) -> Result<(), &'static str> {
    if transition != "COMPLETE" && work != "Wijzigen contractgegevens" && !file.decisions.is_empty() {
        return Err("the application is decided");
    }
    match (transition, file.work.get(work).copied()) {
        ("SCHEDULE", Some("SCHEDULE")) => return Err("the work is scheduled already"),
        ("START", None) => return Err("the work was never scheduled"),
        ("START", Some("START")) => return Err("the work is under way already"),
        ("COMPLETE", before) if before != Some("START") => return Err("the work is not under way"),
        ("SCHEDULE", Some("START")) => {}
        _ => {
            file.work.insert(work, transition);
        }
    }
    Ok(())
}
