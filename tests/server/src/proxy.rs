//! A relay of TCP connections that cuts them where a test says.

mod answers;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{mem, thread};

use answers::Answers;

use crate::Error;

/// Stands between clients and a PostgreSQL server, without TLS. Nothing is cut until a test asks for it; each `cut_…` but
/// [`cut`](Self::cut) concerns one connection, the first that it fits, and replaces what was asked before. Dropping the proxy cuts all.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

/// The way that bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Requests.
    ToServer,
    /// Answers.
    ToClient,
}

#[derive(Debug)]
struct Shared {
    to: SocketAddr,
    state: Mutex<State>,
    /// Signalled when a silence ends.
    heard: Condvar,
}

#[derive(Debug, Default)]
struct State {
    open: Vec<Arc<Connection>>,
    plan: Plan,
    refuse: bool,
    silent: bool,
    closed: bool,
    cuts: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Plan {
    #[default]
    Relay,
    /// Cut before the byte that comes after so many.
    After(Way, usize),
    /// Swallow the next answer that ends a transaction, then cut.
    Answer,
}

#[derive(Debug)]
struct Connection {
    client: TcpStream,
    server: TcpStream,
    forgotten: AtomicBool,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1.
    pub fn start(to: SocketAddr) -> Result<Self, Error> {
        let listen = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            Ok((listener.local_addr()?, listener))
        };
        let (addr, listener) = listen().map_err(Error::io("the proxy cannot listen"))?;
        let shared = Arc::new(Shared { to, state: Mutex::default(), heard: Condvar::new() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is down answers as a refusal does: the connection closes.
                let _ = accepting.open(client);
                if accepting.state().closed {
                    break;
                }
            }
        });
        Ok(Self { addr, shared })
    }

    /// Where clients connect.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cuts all connections at once, wherever in a message they are.
    pub fn cut(&self) {
        self.shared.state().cut_all();
    }

    /// Whether new connections are closed as soon as they are accepted. Open ones stay.
    pub fn refuse(&self, refuse: bool) {
        self.shared.state().refuse = refuse;
    }

    /// Whether nothing passes, either way, not even that a side has closed: as when a network fails without a word. Connections
    /// are accepted all the same. What was held back passes when the silence ends.
    pub fn silence(&self, silent: bool) {
        self.shared.state().silent = silent;
        self.shared.heard.notify_all();
    }

    /// Has the connections that are open fall silent for good, as those that a router has forgotten. Others are not concerned.
    pub fn forget(&self) {
        for connection in &self.shared.state().open {
            connection.forgotten.store(true, Ordering::Relaxed);
        }
    }

    /// Relays `bytes` more that way, all connections together, and cuts the connection that carries the next one. After 0 bytes
    /// to the server, the next request never arrives.
    pub fn cut_after(&self, way: Way, bytes: usize) {
        self.shared.state().plan = Plan::After(way, bytes);
    }

    /// Loses the next answer to a transaction that succeeds: the server has committed, the client reads nothing of it and is cut
    /// off. Answers within a transaction block and to a `prepare` pass. Until then a client must not wait for an answer without
    /// having sent `Sync`.
    pub fn cut_next_answer(&self) {
        self.shared.state().plan = Plan::Answer;
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.state().open.len()
    }

    /// How many connections have been cut so far.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.shared.state().cuts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.closed = true;
        state.cut_all();
        drop(state);
        self.shared.heard.notify_all();
        // Wakes the thread that accepts, so that it sees the end.
        let _ = TcpStream::connect(self.addr);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, once what comes on a connection may pass.
    fn audible(&self, connection: &Connection) -> MutexGuard<'_, State> {
        let is_forgotten = || connection.forgotten.load(Ordering::Relaxed);
        let is_silent = |state: &mut State| (state.silent || is_forgotten()) && !state.closed;
        self.heard.wait_while(self.state(), is_silent).unwrap_or_else(PoisonError::into_inner)
    }

    fn open(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        if self.state().shut() {
            return Ok(());
        }
        let server = TcpStream::connect(self.to)?;
        let connection = Arc::new(Connection { client, server, forgotten: AtomicBool::new(false) });
        connection.client.set_nodelay(true)?;
        connection.server.set_nodelay(true)?;
        let mut state = self.state();
        // It may have changed while the server was being reached.
        if state.shut() {
            return Ok(());
        }
        state.open.push(Arc::clone(&connection));
        for way in [Way::ToServer, Way::ToClient] {
            let (shared, connection) = (Arc::clone(self), Arc::clone(&connection));
            thread::spawn(move || {
                // Either side may close at any time: that is what ends the relay.
                let _ = shared.relay(&connection, way);
                connection.close();
                shared.state().open.retain(|other| !Arc::ptr_eq(other, &connection));
            });
        }
        Ok(())
    }

    fn relay(&self, connection: &Connection, way: Way) -> io::Result<()> {
        let (mut from, mut to) = match way {
            Way::ToServer => (&connection.client, &connection.server),
            Way::ToClient => (&connection.server, &connection.client),
        };
        let mut answers = Answers::default();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let count = from.read(&mut buffer)?;
            let mut state = self.audible(connection);
            if count == 0 {
                return Ok(());
            }
            let (passing, cut) = state.decide(way, &buffer[..count], &mut answers);
            drop(state);
            to.write_all(&passing)?;
            if cut {
                return Ok(());
            }
        }
    }
}

impl State {
    fn shut(&self) -> bool {
        self.refuse || self.closed
    }

    fn cut_all(&mut self) {
        let open = mem::take(&mut self.open);
        self.cuts += open.len();
        for connection in open {
            connection.close();
        }
    }

    /// What of `bytes` passes, and whether the connection is cut behind it.
    fn decide(&mut self, way: Way, bytes: &[u8], answers: &mut Answers) -> (Vec<u8>, bool) {
        let (mut passing, lost) = match way {
            Way::ToServer => (bytes.to_vec(), false),
            Way::ToClient => answers.pass(bytes, self.plan == Plan::Answer),
        };
        let cut = match &mut self.plan {
            Plan::After(planned, left) if *planned == way => {
                let cut = passing.len() > *left;
                passing.truncate(*left);
                *left -= passing.len();
                cut
            }
            _ => lost,
        };
        if cut {
            self.plan = Plan::Relay;
            self.cuts += 1;
        }
        (passing, cut)
    }
}

impl Connection {
    fn close(&self) {
        for side in [&self.client, &self.server] {
            // It may be closed already.
            let _ = side.shutdown(Shutdown::Both);
        }
    }
}
