//! Crates to be checked by the compiler, and what that takes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use cqrs_benches::{Disk, Outcome, Sample, Stopwatch};

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A domain as a crate of its own.
pub(crate) struct Domain {
    directory: PathBuf,
    target: PathBuf,
    /// A text in the body of a handler, and what it is changed into and back.
    change: [&'static str; 2],
}

impl Domain {
    /// Writes the crate, and builds what it depends on.
    pub(crate) fn new(disk: &Disk, name: &str, source: &str, change: [&'static str; 2]) -> Outcome<Self> {
        let domain = Self { directory: disk.file(name), target: disk.file("target"), change };
        fs::create_dir_all(domain.directory.join("src"))?;
        fs::copy(Path::new(ROOT).join("Cargo.lock"), domain.directory.join("Cargo.lock"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
             cqrs = {{ path = {ROOT:?}, default-features = false, features = [\"derive\"] }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nthiserror = \"2\"\nuuid = \"1\"\n\
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
        timed(&mut self.cargo("check"))
    }

    /// Checks the crate without anything remembered of it.
    pub(crate) fn check_clean(&self) -> Outcome<Sample> {
        self.clean()?;
        self.check()
    }

    fn clean(&self) -> Outcome {
        let name = self.directory.file_name().ok_or("a crate has a name")?;
        run(self.cargo("clean").arg("--package").arg(name)).map(drop)
    }

    /// Checks the crate after a change in the body of one handler.
    pub(crate) fn check_changed(&self) -> Outcome<Sample> {
        let source = fs::read_to_string(self.source())?;
        let [here, there] = self.change;
        let (before, after) = if source.contains(here) { (here, there) } else { (there, here) };
        let changed = source.replacen(before, after, 1);
        if changed == source {
            return Err("the handler to be changed is not there".into());
        }
        fs::write(self.source(), changed)?;
        self.check()
    }

    /// How many million instructions rustc executes to check the crate, without cargo and without anything remembered;
    /// nothing where there is no valgrind to count them. They are the same whatever else the machine does.
    pub(crate) fn million_instructions(&self) -> Outcome<Option<u32>> {
        if Command::new("valgrind").arg("--version").output().is_err() {
            return Ok(None);
        }
        let (wrapper, log) = (self.directory.join("counted"), self.directory.join("count"));
        let counting = "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null";
        fs::write(&wrapper, format!("#!/bin/sh\nexec {counting} --log-file={} \"$@\"\n", log.display()))?;
        run(Command::new("chmod").arg("+x").arg(&wrapper))?;
        self.clean()?;
        // The compiler itself: what valgrind would see of rustup's is only that it starts another program.
        let rustc = Path::new(env!("CARGO")).with_file_name("rustc");
        let mut cargo = self.cargo("check");
        cargo.env("RUSTC", rustc).env("RUSTC_WORKSPACE_WRAPPER", wrapper);
        run(&mut cargo)?;
        let log = fs::read_to_string(log)?;
        let count = log.rsplit_once("refs:").ok_or("valgrind has counted")?.1.trim().replace(',', "");
        Ok(Some(u32::try_from(count.parse::<u64>()? / 1_000_000)?))
    }

    /// How many lines a person writes.
    pub(crate) fn lines(&self) -> Outcome<usize> {
        Ok(lines(&fs::read_to_string(self.source())?))
    }

    /// How many lines the compiler sees once all macros are expanded, serde's and thiserror's included.
    pub(crate) fn expanded_lines(&self) -> Outcome<usize> {
        // The switch that shows expansions is not stable; it changes nothing of what is measured.
        let mut cargo = self.cargo("rustc");
        cargo.args(["--profile", "check", "--lib", "--", "-Zunpretty=expanded"]).env("RUSTC_BOOTSTRAP", "1");
        Ok(lines(&run(&mut cargo)?))
    }
}

/// A clean debug build of `cqrs` without stores.
pub(crate) fn build_without_stores(disk: &Disk) -> Outcome<Sample> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(ROOT).args(["build", "--quiet", "--offline", "--package", "cqrs"]);
    timed(cargo.args(["--no-default-features", "--features", "derive"]).env("CARGO_TARGET_DIR", disk.file("clean")))
}

fn lines(source: &str) -> usize {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn timed(command: &mut Command) -> Outcome<Sample> {
    let (before, stopwatch) = (cpu_of_children(), Stopwatch::start());
    run(command)?;
    let cpu = before.zip(cpu_of_children()).map(|(before, after)| after.saturating_sub(before));
    Ok(Sample { cpu, ..stopwatch.stop(1) })
}

/// What children that have ended took on the CPUs, theirs included, to a hundredth of a second; where there is a `/proc`.
fn cpu_of_children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before it may hold anything. Of what is behind it, `cutime` and `cstime` are the 14th and the 15th.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().skip(13).take(2).map(str::parse::<u64>).sum::<Result<_, _>>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn run(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}
