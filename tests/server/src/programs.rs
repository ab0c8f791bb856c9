//! Where the programs are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::Error;

/// Folders that hold one folder of programs a version: the parent, the start of the child's name, the rest of the path.
const VERSIONED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/lib", "postgresql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The folder that holds `initdb` and `postgres`, the newest where there are several.
pub(crate) fn postgres() -> Result<PathBuf, Error> {
    let complete = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    if let Some(folder) = env::var_os("CQRS_POSTGRES_BIN").map(PathBuf::from) {
        return Some(folder.clone()).filter(complete).ok_or_else(|| {
            Error::new(format!("no `initdb` and `postgres` in `CQRS_POSTGRES_BIN`, {}", folder.display()))
        });
    }
    configured().into_iter().chain(path()).chain(versioned()).find(complete).ok_or_else(|| {
        Error::new(
            "no PostgreSQL server found: install the package `postgresql` (`postgresql-server` on Fedora), \
             set `CQRS_POSTGRES_BIN` to the folder that holds `initdb` and `postgres`, \
             or `CQRS_TEST_POSTGRES` to the URL of a server that tests may use",
        )
    })
}

/// A client program: the one beside the server's, else one in the `PATH`.
pub(crate) fn client(name: &str) -> Result<PathBuf, Error> {
    postgres().into_iter().chain(path()).map(|folder| folder.join(name)).find(|file| file.is_file()).ok_or_else(|| {
        Error::new(format!("no `{name}` found: install the package `postgresql-client` (`postgresql` on Fedora)"))
    })
}

/// `pgbouncer`, which distributions put where only root's `PATH` leads.
pub(crate) fn bouncer() -> Result<PathBuf, Error> {
    let usual = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    path().chain(usual).map(|folder| folder.join("pgbouncer")).find(|file| file.is_file()).ok_or_else(|| {
        Error::new("no `pgbouncer` found: install the package `pgbouncer`, or add its folder to the `PATH`")
    })
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn path() -> impl Iterator<Item = PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>().into_iter()
}

fn versioned() -> Vec<PathBuf> {
    let mut found: Vec<_> = VERSIONED.iter().flat_map(|(parent, start, rest)| children(parent, start, rest)).collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn children(parent: &str, start: &str, rest: &str) -> Vec<(u32, PathBuf)> {
    let versioned = |folder: &Path| {
        let version = folder.file_name()?.to_str()?.strip_prefix(start)?.trim_start_matches(['-', '@']);
        Some((version.split('.').next()?.parse().unwrap_or(0), folder.join(rest)))
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.filter_map(|entry| versioned(&entry.path())).collect()
}
