//! Files on a real disk, and raw connections with the settings of the store.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::Outcome;

/// A directory that is removed at the end.
#[derive(Debug)]
pub struct Disk {
    directory: TempDir,
}

impl Disk {
    /// A directory in `parent`, which should be on a local disk: cargo's `CARGO_TARGET_TMPDIR` mostly is.
    pub fn new(parent: &str) -> Outcome<Self> {
        std::fs::create_dir_all(parent)?;
        Ok(Self { directory: tempfile::tempdir_in(parent)? })
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What the file system takes to make 4096 bytes durable, to be printed with the figures.
    pub fn condition(&self) -> Outcome<(&'static str, String)> {
        const WRITES: u32 = 50;
        let mut file = File::create(self.file("sync"))?;
        let mut times = Vec::new();
        for _ in 0..WRITES {
            let began = Instant::now();
            file.write_all(&[1; 4096])?;
            file.sync_data()?;
            times.push(began.elapsed());
        }
        times.sort();
        let median = times.get(times.len() / 2).copied().unwrap_or(Duration::ZERO);
        let path = self.directory.path().display();
        Ok(("disk", format!("{path}, sync on; writing and syncing 4096 bytes takes {median:?}")))
    }
}

/// A connection with the settings of the store: write-ahead log, every commit synced, checkpoints as rare.
pub fn raw(path: &Path) -> Outcome<Connection> {
    let conn = Connection::open(path)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
    Ok(conn)
}
