//! What the macros save and cost the compiler: domains annotated, against the same written by hand.
//!
//! First the users domain: that of `examples/users.rs`, everything above its `main`, against `users_by_hand.rs`. Then
//! domains of 10, 100 and 500 commands and as many events, which `generate.rs` makes of the files under `parts/`, ten of each to an
//! aggregate; against the same by hand, and against the same types and functions without a framework. By hand is: without
//! a macro of cqrs, against the same public traits. Serde's and thiserror's derives are in all of them.
//!
//! Each becomes a crate of its own, formatted by rustfmt, and is checked with its dependencies built. Times are CPU time of
//! cargo and rustc together, where the system tells; a crate with nothing in it shows what of that is cargo's. Instructions are
//! rustc's alone, counted by valgrind where it is installed. Lines are those that are neither empty nor comments.
//!
//! Called by `cargo test`, it only sees that what is compared behaves alike.

mod crates;
mod generate;
#[allow(dead_code, missing_docs, unreachable_pub, reason = "code to be compiled more than to be used")]
mod parts {
    pub mod annotated;
    #[allow(clippy::match_same_arms, clippy::match_wildcard_for_single_variants, reason = "there are more events")]
    pub mod by_hand;
    #[allow(clippy::needless_pass_by_value, reason = "as the handlers of the others")]
    pub mod plain;
}
#[allow(dead_code, missing_docs, unreachable_pub, reason = "a domain to be compiled more than to be used")]
mod users_by_hand;

use std::{fs, path::Path};

use cqrs::{CommandError, Engine, MemoryStore};
use cqrs_benches::{Disk, Outcome, Report, Sample, Scale, Target, Unit, rounds};
use crates::{Domain, ROOT, build_without_stores};
use generate::{Side, domain};
use users_by_hand::{CreateUser, DeactivateUser, GetUserById, User, UserError, UserView};
use uuid::Uuid;

/// How many commands an aggregate of a generated domain has, and how many events.
const EACH: usize = 10;

/// The domain of the example: everything above its `main`, for a crate without a store.
fn annotated_users() -> Outcome<String> {
    let example = fs::read_to_string(Path::new(ROOT).join("examples/users.rs"))?;
    let (domain, _) = example.split_once("/// The store is the line to change").ok_or("the example has no store")?;
    let domain = domain.replace("use cqrs::{EngineBuilder, prelude::*, sqlite::SqliteStore};", "use cqrs::prelude::*;");
    let own = |line: &&str| !line.starts_with("//!") && !line.starts_with("#![");
    Ok(domain.lines().filter(own).collect::<Vec<_>>().join("\n"))
}

/// That the users by hand do what they should, so that nobody measures what does not work.
async fn users_behave() -> Outcome {
    let engine = Engine::builder(MemoryStore::new()).aggregate::<User>().projection::<UserView>().start().await?;
    let create = |email: &str| CreateUser { id: Uuid::now_v7(), email: email.into(), name: "Alice".into() };
    let created = engine.execute(create("alice@example.com")).await?;
    let taken = engine.execute(create("alice@example.com")).await;
    assert!(matches!(taken, Err(CommandError::Rejected(UserError::EmailExists(_)))), "{taken:?}");
    let invalid = engine.execute(create("alice")).await;
    assert!(matches!(invalid, Err(CommandError::Rejected(UserError::InvalidEmail))), "{invalid:?}");
    let left = engine.execute(DeactivateUser { user_id: created.result, reason: "tired".into() }).await?;
    let user = engine.query(GetUserById { id: created.result }).after(&left).await?;
    assert!(!user.is_active, "{user:?}");
    Ok(())
}

/// What a part of a generated domain answers.
macro_rules! answers {
    ($part:ident) => {{
        use parts::$part::{Change1, Create, GetPart, Part, PartView};

        let engine = Engine::builder(MemoryStore::new()).aggregate::<Part>().projection::<PartView>().start().await?;
        let id = Uuid::from_u128(1);
        let create = |id, name: &str| Create { id, name: name.into() };
        let change = |id, amount| Change1 { id, amount, note: Some("changed".into()) };
        let mut answers = Vec::new();
        for command in [create(id, "one"), create(id, "two"), create(Uuid::from_u128(2), "one"), create(id, "")] {
            answers.push(format!("{:?}", engine.execute(command).await.map(|created| created.result)));
        }
        for command in [change(id, 1), change(id, 3), change(Uuid::from_u128(2), 1)] {
            answers.push(format!("{:?}", engine.execute(command).await.map(|changed| changed.version)));
        }
        let row = engine.query(GetPart { name: "one".into() }).after(engine.head().await?).await?;
        answers.push(format!("{row:?}"));
        answers
    }};
}

async fn parts_behave() -> Outcome {
    let (annotated, by_hand): (Vec<String>, Vec<String>) = (answers!(annotated), answers!(by_hand));
    assert_eq!(annotated, by_hand);
    assert!(by_hand.iter().any(|answer| answer.contains("changed")), "{by_hand:?}");
    for side in [Side::Annotated, Side::ByHand, Side::Plain] {
        let source = domain(side, 40, 20);
        assert_eq!(source.matches("pub struct Change").count(), 38, "{side:?}");
        assert!(!source.contains("// each") && !source.contains("part0_change1\"\n"), "{side:?}");
    }
    Ok(())
}

/// A sample whose time is that on the CPUs, where it is known: what others on the machine do changes it little.
fn on_cpu(sample: Outcome<Sample>) -> Outcome<Sample> {
    let sample = sample?;
    Ok(Sample { elapsed: sample.cpu.unwrap_or(sample.elapsed), ..sample })
}

fn compare(report: &mut Report, what: &str, times: usize, target: Target, ours: &Domain, other: &Domain) -> Outcome {
    let [clean, other_clean] =
        rounds(times, &mut [&mut || on_cpu(ours.check_clean()), &mut || on_cpu(other.check_clean())])?;
    report.figure(&format!("{what}, clean check"), Unit::TimeEach, target, &clean, &other_clean);
    let [changed, other_changed] =
        rounds(times, &mut [&mut || on_cpu(ours.check_changed()), &mut || on_cpu(other.check_changed())])?;
    let figure = format!("{what}, check after a change in one handler");
    report.figure(&figure, Unit::TimeEach, target, &changed, &other_changed);
    Ok(())
}

fn count_instructions(report: &mut Report, what: &str, ours: &Domain, other: &Domain) -> Outcome {
    if let Some((ours, other)) = ours.million_instructions()?.zip(other.million_instructions()?) {
        report.count(&format!("{what}, million instructions"), ours, other);
    }
    Ok(())
}

fn count_lines(report: &mut Report, what: &str, ours: &Domain, other: &Domain) -> Outcome {
    report.count(&format!("{what}, lines written"), u32::try_from(ours.lines()?)?, u32::try_from(other.lines()?)?);
    let (ours, other) = (u32::try_from(ours.expanded_lines()?)?, u32::try_from(other.expanded_lines()?)?);
    report.count(&format!("{what}, lines expanded"), ours, other);
    Ok(())
}

fn users(report: &mut Report, disk: &Disk, times: usize) -> Outcome {
    let change = ["contains('@')", "contains(\"@\")"];
    let annotated = Domain::new(disk, "users", &annotated_users()?, change)?;
    let by_hand = Domain::new(disk, "users_by_hand", include_str!("users_by_hand.rs"), change)?;
    count_lines(report, "users", &annotated, &by_hand)?;
    compare(report, "users", times, Target::None, &annotated, &by_hand)
}

/// The sizes of generated domains: commands in all, to an aggregate, and the rounds.
fn generated(report: &mut Report, disk: &Disk, sizes: &[(usize, usize, usize)]) -> Outcome {
    let change = ["self.total + 1 {", "self.total + 1000 {"];
    let change_by_hand = ["part.total + 1 {", "part.total + 1000 {"];
    for &(commands, each, times) in sizes {
        let what = if each == EACH { format!("{commands}") } else { format!("{commands} in one aggregate") };
        let make = |side: Side, change| {
            let name = format!("{side:?}_{commands}_{each}").to_lowercase();
            Domain::new(disk, &name, &domain(side, commands, each), change)
        };
        let annotated = make(Side::Annotated, change)?;
        let by_hand = make(Side::ByHand, change_by_hand)?;
        count_lines(report, &what, &annotated, &by_hand)?;
        let target = if commands == 100 && each == EACH { Target::AtMost(1.25) } else { Target::None };
        compare(report, &what, times, target, &annotated, &by_hand)?;
        if commands <= 100 {
            count_instructions(report, &what, &annotated, &by_hand)?;
        }
        let plain = make(Side::Plain, change)?;
        compare(report, &format!("{what}, to no framework"), times.min(2), Target::None, &annotated, &plain)?;
    }
    Ok(())
}

fn main() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        users_behave().await?;
        parts_behave().await
    })?;
    let scale = Scale::from_args();
    if scale == Scale::Smoke {
        return Ok(());
    }
    let times = scale.pick(5, 1, 1);
    let disk = Disk::new(env!("CARGO_TARGET_TMPDIR"))?;
    let mut report = Report::begin(
        "compile",
        &[
            ("users", "4 events, 3 commands, 1 read model, 3 queries; the other side is by hand".into()),
            ("100", format!("commands, and as many events, {EACH} to an aggregate with a read model and a query")),
            ("check", format!("`cargo check` with the dependencies built, {times} rounds; CPU time, cargo's included")),
        ],
    );
    let empty = Domain::new(&disk, "empty", "", ["", ""])?;
    let [nothing] = rounds(times, &mut [&mut || on_cpu(empty.check_clean())])?;
    let seconds =
        nothing.iter().map(|sample| sample.elapsed.as_secs_f64()).sum::<f64>() / f64::from(u32::try_from(times)?);
    report.note("a crate with nothing in it", &format!("{seconds:.2} s"));
    users(&mut report, &disk, times)?;
    let sizes: &[_] = match scale {
        Scale::Full => &[(10, 10, 5), (100, 10, 5), (500, 10, 2), (500, 500, 1)],
        _ => &[(100, 10, 1)],
    };
    generated(&mut report, &disk, sizes)?;
    if scale == Scale::Full {
        let seconds = build_without_stores(&disk)?.elapsed.as_secs_f64();
        report.note("clean debug build of `cqrs` without stores", &format!("{seconds:.1} s"));
    }
    report.finish()
}
