//! A program that runs in a folder of its own, under a supervisor that outlives this process.

use std::fs::Permissions;
use std::hash::BuildHasher;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, hash};

use tempfile::TempDir;

use crate::Error;

/// How long a program may take until it is ready; a server may have a crash to recover from.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many ports are tried before it is believed that the port is not what fails.
const PORTS: usize = 8;

/// Below the ports that systems give to outgoing connections, so that none takes a port while its server is down.
const PORT_RANGE: std::ops::Range<u16> = 12_000..32_000;

#[derive(Debug)]
pub(crate) struct Instance {
    supervisor: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pid: Option<u32>,
    folder: TempDir,
}

impl Instance {
    /// A folder and a supervisor for `program`, which `signal` stops at once. The arguments may name the folder.
    pub(crate) fn new(
        program: &Path,
        signal: &str,
        arguments: impl FnOnce(&Path) -> Vec<PathBuf>,
    ) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("cqrs-server-").tempdir().map_err(Error::io("no folder"))?;
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("supervisor.sh"), "supervisor"])
            .arg(folder.path())
            .args([Path::new(signal), program])
            .args(arguments(folder.path()))
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What a terminal or a test runner sends to this process and its like must not reach the supervisor.
            .process_group(0);
        for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some((user, group)) = unprivileged(folder.path())? {
            command.uid(user).gid(group);
            chown(folder.path(), Some(user), Some(group)).map_err(Error::io("the folder cannot be given away"))?;
        }
        let mut supervisor = command.spawn().map_err(Error::io("no `sh`"))?;
        let commands = supervisor.stdin.take();
        let answers = BufReader::new(supervisor.stdout.take().expect("piped above"));
        Ok(Self { supervisor, commands, answers, pid: None, folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// What the program, and `initdb` before it, have written.
    pub(crate) fn log(&self) -> String {
        fs::read(self.folder().join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Writes a file that the program reads.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        fs::write(self.folder().join(name), text).map_err(Error::io(format_args!("`{name}` cannot be written")))
    }

    /// Writes a file that nobody but the program reads.
    pub(crate) fn write_private(&self, name: &str, text: &str) -> Result<(), Error> {
        self.write(name, text)?;
        let keep = || {
            let (file, owner) = (self.folder().join(name), fs::metadata(self.folder())?);
            chown(&file, Some(owner.uid()), Some(owner.gid()))?;
            fs::set_permissions(file, Permissions::from_mode(0o600))
        };
        keep().map_err(Error::io(format_args!("`{name}` cannot be given to the server")))
    }

    pub(crate) fn initdb(&mut self, program: &Path) -> Result<(), Error> {
        match self.ask(&format!("initdb {}", program.display()))?.as_str() {
            "0" => Ok(()),
            _ => {
                Err(self.failed("`initdb` failed; where root runs this, `TMPDIR` must be open to the user `postgres`"))
            }
        }
    }

    /// Starts the program on a free port, which `configure` writes where the program finds it.
    pub(crate) fn start_on_free_port(
        &mut self,
        configure: impl Fn(&Self, u16) -> Result<(), Error>,
        ready: impl Fn(&Self, u16) -> bool,
    ) -> Result<u16, Error> {
        let mut tried = Err(Error::new("no free port"));
        for port in free_ports().take(PORTS) {
            configure(self, port)?;
            tried = self.start(|instance| ready(instance, port)).map(|()| port);
            if tried.is_ok() || !self.log().contains("already in use") {
                break;
            }
        }
        tried
    }

    /// Starts the program and waits until it is `ready`.
    pub(crate) fn start(&mut self, ready: impl Fn(&Self) -> bool) -> Result<(), Error> {
        let answer = self.ask("start")?;
        self.pid = Some(answer.parse().map_err(|_| Error::new(format!("`{answer}` is no process id")))?);
        let deadline = Instant::now() + PATIENCE;
        while !ready(self) {
            if self.ask("running")? == "no" {
                self.end("KILL")?;
                return Err(self.failed("the program ended when it should start"));
            }
            if Instant::now() > deadline {
                self.crash()?;
                return Err(self.failed("the program is not ready after a minute"));
            }
        }
        Ok(())
    }

    /// Sends a signal and waits until the program has ended.
    pub(crate) fn end(&mut self, signal: &str) -> Result<(), Error> {
        self.ask(&format!("end {signal}"))?;
        self.pid = None;
        Ok(())
    }

    /// Kills the program and its children.
    pub(crate) fn crash(&mut self) -> Result<(), Error> {
        self.ask("crash")?;
        self.pid = None;
        Ok(())
    }

    fn ask(&mut self, command: &str) -> Result<String, Error> {
        let gone = || Error::new("the supervisor is gone");
        let commands = self.commands.as_mut().ok_or_else(gone)?;
        writeln!(commands, "{command}").map_err(Error::io("the supervisor is gone"))?;
        let mut answer = String::new();
        match self.answers.read_line(&mut answer) {
            Ok(1..) => Ok(answer.trim_end().into()),
            Ok(0) => Err(gone()),
            Err(source) => Err(Error::io("the supervisor is gone")(source)),
        }
    }

    fn failed(&self, what: &str) -> Error {
        Error::new(format!("{what}; its log:\n{}", self.log()))
    }
}

impl Drop for Instance {
    /// The supervisor stops the program and removes the folder; what it may not remove, `TempDir` does.
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.supervisor.wait();
    }
}

/// The user and group that servers run as where this process is root, which they refuse to be.
fn unprivileged(folder: &Path) -> Result<Option<(u32, u32)>, Error> {
    let owner = fs::metadata(folder).map_err(Error::io("no folder"))?.uid();
    if owner != 0 {
        return Ok(None);
    }
    let id = |user, which| {
        let output = Command::new("id").args([which, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((id(user, "-u")?, id(user, "-g")?)))
        .map(Some)
        .ok_or_else(|| Error::new("no user `postgres` or `nobody` that a server could run as"))
}

fn free_ports() -> impl Iterator<Item = u16> {
    let width = u64::from(PORT_RANGE.end - PORT_RANGE.start);
    let port = move || PORT_RANGE.start + u16::try_from(random() % width).expect("the width is a `u16`");
    let free = |port: &u16| match TcpListener::bind((Ipv4Addr::LOCALHOST, *port)) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied),
    };
    std::iter::repeat_with(port).take(1_000).filter(free)
}

/// Good enough for the names and passwords of servers that live for seconds.
pub(crate) fn random() -> u64 {
    hash::RandomState::new().hash_one(0)
}
