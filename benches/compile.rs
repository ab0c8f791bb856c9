//! What the macros save and cost: the users domain annotated against the same written by hand.
//!
//! The annotated side is the domain of `examples/users.rs`, everything above its `main`. The other side is
//! `compile/by_hand.rs`: the same behaviour without a macro of cqrs, against the same public traits. Each becomes a crate of
//! its own, formatted by rustfmt, checked with its dependencies built. Lines are those that are neither empty nor comments.
//!
//! Called by `cargo test`, it only sees that the side by hand still behaves.

#[allow(dead_code, missing_docs, unreachable_pub, reason = "a domain to be compiled more than to be used")]
#[path = "compile/by_hand.rs"]
mod by_hand;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use by_hand::{CreateUser, DeactivateUser, GetUserById, User, UserError, UserView};
use cqrs::{CommandError, Engine, MemoryStore};
use cqrs_benches::{Disk, Outcome, Report, Sample, Scale, Stopwatch, Target, Unit, rounds};
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// One side, as a crate of its own.
struct Domain {
    directory: PathBuf,
    target: PathBuf,
}

impl Domain {
    /// Writes the crate, and builds what it depends on.
    fn new(disk: &Disk, name: &str, source: &str) -> Outcome<Self> {
        let domain = Self { directory: disk.file(name), target: disk.file("target") };
        fs::create_dir_all(domain.directory.join("src"))?;
        fs::copy(Path::new(ROOT).join("Cargo.lock"), domain.directory.join("Cargo.lock"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
             cqrs = {{ path = {ROOT:?}, default-features = false, features = [\"derive\"] }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nthiserror = \"2\"\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n"
        );
        fs::write(domain.directory.join("Cargo.toml"), manifest)?;
        fs::write(domain.source(), source)?;
        let format = ["--edition", "2024", "--config", "max_width=120,use_small_heuristics=Max"];
        run(Command::new("rustfmt").args(format).arg(domain.source()))?;
        domain.check()?;
        Ok(domain)
    }

    fn source(&self) -> PathBuf {
        self.directory.join("src/lib.rs")
    }

    fn cargo(&self, verb: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.directory).args([verb, "--quiet", "--offline"]).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    fn check(&self) -> Outcome<Sample> {
        let stopwatch = Stopwatch::start();
        run(&mut self.cargo("check"))?;
        Ok(Sample { cpu: None, ..stopwatch.stop(1) })
    }

    /// Checks the crate without anything remembered of it.
    fn check_clean(&self) -> Outcome<Sample> {
        let name = self.directory.file_name().ok_or("a crate has a name")?;
        run(self.cargo("clean").arg("--package").arg(name))?;
        self.check()
    }

    /// Checks the crate after a change in the body of one handler.
    fn check_changed(&self) -> Outcome<Sample> {
        let source = fs::read_to_string(self.source())?;
        let (here, there) = ("contains('@')", "contains(\"@\")");
        let (before, after) = if source.contains(here) { (here, there) } else { (there, here) };
        let changed = source.replacen(before, after, 1);
        if changed == source {
            return Err("the handler to be changed is not there".into());
        }
        fs::write(self.source(), changed)?;
        self.check()
    }

    /// How many lines a person writes.
    fn lines(&self) -> Outcome<usize> {
        Ok(lines(&fs::read_to_string(self.source())?))
    }

    /// How many lines the compiler sees once all macros are expanded, serde's and thiserror's included.
    fn expanded_lines(&self) -> Outcome<usize> {
        // The switch that shows expansions is not stable; it changes nothing of what is measured.
        let mut cargo = self.cargo("rustc");
        cargo.args(["--profile", "check", "--lib", "--", "-Zunpretty=expanded"]).env("RUSTC_BOOTSTRAP", "1");
        Ok(lines(&run(&mut cargo)?))
    }
}

fn lines(source: &str) -> usize {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn run(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// The domain of the example: everything above its `main`, for a crate without a store.
fn annotated() -> Outcome<String> {
    let example = fs::read_to_string(Path::new(ROOT).join("examples/users.rs"))?;
    let (domain, _) = example.split_once("#[tokio::main]").ok_or("the example has no `main`")?;
    let domain = domain.replace("use cqrs::{prelude::*, sqlite::SqliteStore};", "use cqrs::prelude::*;");
    let own = |line: &&str| !line.starts_with("//!") && !line.starts_with("#![");
    Ok(domain.lines().filter(own).collect::<Vec<_>>().join("\n"))
}

/// A clean debug build of `cqrs` without stores.
fn build_without_stores(disk: &Disk) -> Outcome<Sample> {
    let target = disk.file("clean");
    let stopwatch = Stopwatch::start();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(ROOT).args(["build", "--quiet", "--offline", "--package", "cqrs"]);
    run(cargo.args(["--no-default-features", "--features", "derive"]).env("CARGO_TARGET_DIR", target))?;
    Ok(Sample { cpu: None, ..stopwatch.stop(1) })
}

/// That the side by hand does what it should, so that nobody measures what does not work.
async fn behaves() -> Outcome {
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

fn main() -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(behaves())?;
    let scale = Scale::from_args();
    if scale == Scale::Smoke {
        return Ok(());
    }
    let times = scale.pick(5, 1, 1);
    let disk = Disk::new(env!("CARGO_TARGET_TMPDIR"))?;
    let annotated = Domain::new(&disk, "annotated", &annotated()?)?;
    let by_hand = Domain::new(&disk, "by_hand", include_str!("compile/by_hand.rs"))?;

    let mut report = Report::begin(
        "compile",
        &[
            ("domain", "users: 4 events, 3 commands, 1 read model, 3 queries; the other side is by hand".into()),
            ("check", format!("`cargo check` with the dependencies built, {times} rounds")),
        ],
    );
    for (what, count) in
        [("lines written", Domain::lines as fn(&Domain) -> _), ("lines expanded", Domain::expanded_lines)]
    {
        report.count(what, u32::try_from(count(&annotated)?)?, u32::try_from(count(&by_hand)?)?);
    }
    let [ours, theirs] = rounds(times, &mut [&mut || annotated.check_clean(), &mut || by_hand.check_clean()])?;
    report.figure("clean check", Unit::TimeEach, Target::None, &ours, &theirs);
    let [ours, theirs] = rounds(times, &mut [&mut || annotated.check_changed(), &mut || by_hand.check_changed()])?;
    report.figure("check after a change in one handler", Unit::TimeEach, Target::None, &ours, &theirs);
    if scale == Scale::Full {
        let seconds = build_without_stores(&disk)?.elapsed.as_secs_f64();
        report.note("clean debug build of `cqrs` without stores", &format!("{seconds:.1} s"));
    }
    report.finish()
}
