use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

use crate::instance::random;
use crate::{Error, Server, programs};

/// The environment variable that names the server of [`shared`], as a URL with a user who may create databases.
pub const SERVER_VARIABLE: &str = "CQRS_TEST_POSTGRES";

/// A server that tests share, each with a database of its own.
#[derive(Debug)]
pub struct Target {
    url: String,
    server: Option<Server>,
}

impl Target {
    /// The server that [`SERVER_VARIABLE`] names, else a private one.
    pub fn from_environment() -> Result<Self, Error> {
        match env::var(SERVER_VARIABLE) {
            Ok(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self { url, server: None })
            }
            Ok(url) => Err(Error::new(format!("`{SERVER_VARIABLE}` is no `postgres://` URL: `{url}`"))),
            Err(_) => Server::start().map(|server| Self { url: server.url("postgres"), server: Some(server) }),
        }
    }

    /// The URL of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let (rest, parameters) = self.url.split_once('?').map_or((self.url.as_str(), None), |(a, b)| (a, Some(b)));
        let scheme = rest.find("://").map_or(0, |at| at + 3);
        let server = rest[scheme..].find('/').map_or(rest, |at| &rest[..scheme + at]);
        let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
        format!("{server}/{database}{parameters}")
    }

    /// Creates an empty database and gives its URL. It lives as long as its server.
    pub fn fresh_database(&self) -> Result<String, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cqrs_{}_{count}_{:08x}", process::id(), random() >> 32);
        let output = Command::new(programs::client("createdb")?)
            .args(["--template=template0", &format!("--maintenance-db={}", self.url), &name])
            .output()
            .map_err(Error::io("`createdb` does not run"))?;
        if output.status.success() {
            Ok(self.url(&name))
        } else {
            Err(Error::new(String::from_utf8_lossy(&output.stderr)))
        }
    }

    /// The private server, if it is one that a test may stop.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }
}

/// The server that all tests of this process share, started on first use; it ends with the process.
///
/// # Panics
/// If there is none, saying what to install.
pub fn shared() -> &'static Target {
    static SHARED: OnceLock<Target> = OnceLock::new();
    SHARED.get_or_init(|| Target::from_environment().unwrap_or_else(|error| panic!("{error}")))
}
