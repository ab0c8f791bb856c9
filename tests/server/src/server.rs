use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::instance::{Instance, random};
use crate::{Error, programs};

/// The settings that differ from a new installation's. Durability is as it comes: on.
const SETTINGS: [(&str, &str); 4] = [
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "400"),
    ("log_line_prefix", "%m [%p] "),
];

/// A private PostgreSQL server. Dropping it stops it and removes its folder; so does the end of the process, however it comes.
#[derive(Debug)]
pub struct Server {
    instance: Mutex<Instance>,
    port: u16,
    password: String,
}

/// How a [`Server`] is to be started.
#[derive(Debug, Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

impl Builder {
    /// A line of `postgresql.conf`; the last one of a name counts.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// A file in the data folder, where settings find it by its name. Only the server may read it, as it demands of keys.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push((name.into(), text.into()));
        self
    }

    /// Makes a folder, a cluster in it and starts the server: about two seconds.
    pub fn start(self) -> Result<Server, Error> {
        let programs = programs::postgres()?;
        let data = |folder: &std::path::Path| vec![PathBuf::from("-D"), folder.join("data")];
        let mut instance = Instance::new(&programs.join("postgres"), "QUIT", data)?;
        let password = format!("{:016x}{:016x}", random(), random());
        instance.write("password", &password)?;
        instance.initdb(&programs.join("initdb"))?;
        for (name, text) in &self.files {
            instance.write_private(&format!("data/{name}"), text)?;
        }
        include(&instance, "test.conf")?;
        let given = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let settings: String = SETTINGS.into_iter().chain(given).map(|(name, value)| line(name, value)).collect();
        let configure = |instance: &Instance, port: u16| {
            instance.write("data/test.conf", &format!("{settings}{}", line("port", &port.to_string())))
        };
        let port = instance.start_on_free_port(configure, |instance, _| ready(instance))?;
        Ok(Server { instance: Mutex::new(instance), port, password })
    }
}

impl Server {
    /// A server with the settings of a new installation, but for 400 connections.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// A server with settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The URL of a database, for the superuser `postgres`. The database `postgres` exists from the start.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@{}:{}/{database}", self.password, self.host(), self.port)
    }

    /// Always `127.0.0.1`.
    #[must_use]
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the superuser `postgres`.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The server's process, unless it is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.instance().pid()
    }

    /// What the server has written to its log.
    #[must_use]
    pub fn log(&self) -> String {
        self.instance().log()
    }

    /// A crash: SIGKILL to the server and all its processes, which are gone on return.
    pub fn kill(&self) -> Result<(), Error> {
        self.instance().crash()
    }

    /// A fast shutdown: open transactions are rolled back, clients disconnected, everything is written.
    pub fn stop(&self) -> Result<(), Error> {
        self.instance().end("INT")
    }

    /// Starts the server on the same port with the same data, after a fast shutdown if it runs.
    pub fn restart(&self) -> Result<(), Error> {
        let mut instance = self.instance();
        instance.end("INT")?;
        instance.start(ready)
    }

    fn instance(&self) -> MutexGuard<'_, Instance> {
        self.instance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server accepts connections: it says so in its lock file, after its process id.
fn ready(instance: &Instance) -> bool {
    let Ok(text) = fs::read_to_string(instance.folder().join("data/postmaster.pid")) else { return false };
    let mut lines = text.lines();
    let pid = lines.next().and_then(|line| line.parse().ok());
    pid == instance.pid() && lines.last().is_some_and(|status| status.trim() == "ready")
}

fn include(instance: &Instance, name: &str) -> Result<(), Error> {
    OpenOptions::new()
        .append(true)
        .open(instance.folder().join("data/postgresql.conf"))
        .and_then(|mut file| writeln!(file, "include '{name}'"))
        .map_err(Error::io("`postgresql.conf` cannot be written"))
}

fn line(name: &str, value: &str) -> String {
    format!("{name} = '{}'\n", value.replace('\'', "''"))
}
