use std::net::{Ipv4Addr, TcpStream};

use crate::instance::Instance;
use crate::{Error, Server, programs};

/// A pooler in front of a [`Server`], in transaction pooling mode: a connection of the server belongs to a client for one
/// transaction. Everybody may connect, as any user, without a password. Ends as a [`Server`] does.
#[derive(Debug)]
pub struct PgBouncer {
    instance: Instance,
    port: u16,
}

impl PgBouncer {
    /// Starts it for all databases of `server`, with its defaults: 100 clients, 20 connections a database.
    pub fn start(server: &Server) -> Result<Self, Error> {
        Self::start_with(server, &[])
    }

    /// Starts it with further settings of the section `pgbouncer`.
    pub fn start_with(server: &Server, settings: &[(&str, &str)]) -> Result<Self, Error> {
        let file = "pgbouncer.ini";
        let mut instance = Instance::new(&programs::bouncer()?, "TERM", |folder| vec![folder.join(file)])?;
        let (to, password) = (server.port(), server.password());
        let configure = |instance: &Instance, port: u16| {
            let further: String = settings.iter().map(line).collect();
            let text = format!(
                "[databases]\n* = host=127.0.0.1 port={to} user=postgres password={password}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = any\npool_mode = transaction\n{further}"
            );
            instance.write(file, &text)
        };
        let answers = |_: &Instance, port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let port = instance.start_on_free_port(configure, answers)?;
        Ok(Self { instance, port })
    }

    /// The URL of a database behind it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port of 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has written to its log.
    #[must_use]
    pub fn log(&self) -> String {
        self.instance.log()
    }
}

fn line((name, value): &(&str, &str)) -> String {
    format!("{name} = {value}\n")
}
