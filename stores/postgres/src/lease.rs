//! Who runs a projection (R6).
//!
//! A lease is an advisory lock of a session, so the server gives it to the next one as soon as the holder's connection ends.
//! All leases of a store are held on one connection outside the pool, owned by one task, the keeper. It grants a projection once,
//! because a session could take its own lock again.

use std::{
    collections::HashMap,
    env, fmt, fs, process,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cqrs_core::{
    StoreError,
    store::{Lease, Revoker},
};
use deadpool_postgres::{ClientWrapper, Object};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    time::{Instant, timeout},
};
use tokio_postgres::{Error, types::Type};

use crate::{
    connect::keep_alive,
    database::{Parameter, SharedDatabase},
    error::{Effect, classified, damaged, refused},
    open::Direct,
    patience::in_time,
    text::stored,
};

/// How often those who wait for a lease try, and how soon a lost connection is noticed.
const TRY_EVERY: Duration = Duration::from_millis(250);

/// How often the server is asked for a sign of life, and how long it may take to give one.
const ASK_EVERY: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The connection of the leases is not to be ended only because it is idle.
const STAY: &str = "SET idle_session_timeout = 0";

/// The leases of a store.
pub(crate) struct Leases {
    database: SharedDatabase,
    direct: Option<Direct>,
    keeper: Mutex<Option<UnboundedSender<Message>>>,
}

enum Message {
    Wanted(Wanted),
    Returned { projection: &'static str, number: u64 },
}

struct Wanted {
    projection: &'static str,
    answer: oneshot::Sender<Result<Lease, StoreError>>,
    keeper: UnboundedSender<Message>,
}

/// Dropped with a lease.
struct Return {
    projection: &'static str,
    number: u64,
    keeper: UnboundedSender<Message>,
}

impl Drop for Return {
    fn drop(&mut self) {
        // Without a keeper there is no connection, and so no lock.
        let _ = self.keeper.send(Message::Returned { projection: self.projection, number: self.number });
    }
}

impl Leases {
    /// Without a `direct` way to the server the connection is taken out of the pool.
    pub(crate) fn new(database: SharedDatabase, direct: Option<Direct>) -> Self {
        Self { database, direct, keeper: Mutex::new(None) }
    }

    /// Waits for the lease of a projection. Behind a pooler of transactions there are no sessions to hold one, so everybody
    /// may run it.
    pub(crate) async fn lease(&self, projection: &'static str) -> Result<Lease, StoreError> {
        if self.database.transaction_pooling {
            return Ok(Lease::unshared());
        }
        let (answer, answered) = oneshot::channel();
        self.ask(projection, answer);
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Asks the keeper. One of a runtime that is no more is replaced.
    fn ask(&self, projection: &'static str, answer: oneshot::Sender<Result<Lease, StoreError>>) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = keeper.take().filter(|keeper| !keeper.is_closed()).unwrap_or_else(|| {
            let (sender, receiver) = unbounded_channel();
            let keeper = Keeper {
                database: Arc::clone(&self.database),
                direct: self.direct.clone(),
                session: None,
                waiting: Vec::new(),
                held: HashMap::new(),
                granted: 0,
                asked: Instant::now(),
            };
            tokio::spawn(keeper.run(receiver));
            sender
        });
        let wanted = Wanted { projection, answer, keeper: sender.clone() };
        // Should it end just now, the answer is dropped, and so says it.
        let _ = sender.send(Message::Wanted(wanted));
        *keeper = Some(sender);
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").finish_non_exhaustive()
    }
}

/// Owns the connection and what is held on it. Ends when the store and all its leases are dropped.
struct Keeper {
    database: SharedDatabase,
    direct: Option<Direct>,
    /// A connection outside the pool, which ends as soon as this is dropped.
    session: Option<ClientWrapper>,
    waiting: Vec<Wanted>,
    held: HashMap<&'static str, Held>,
    /// How many leases were granted.
    granted: u64,
    /// When the server was last asked for a sign of life.
    asked: Instant,
}

struct Held {
    number: u64,
    lock: i64,
    /// Dropped, the lease is lost.
    _revoker: Revoker,
}

impl Keeper {
    async fn run(mut self, mut messages: UnboundedReceiver<Message>) {
        loop {
            let is_idle = self.waiting.is_empty() && self.held.is_empty();
            if is_idle {
                self.session = None;
            }
            let next = messages.recv();
            let message = if is_idle { Ok(next.await) } else { timeout(TRY_EVERY, next).await };
            match message {
                Ok(Some(Message::Wanted(wanted))) => {
                    self.waiting.push(wanted);
                    // Engines ask for all their projections at once.
                    while let Ok(message) = messages.try_recv() {
                        self.take(message).await;
                    }
                }
                Ok(Some(returned)) => self.take(returned).await,
                Ok(None) => return,
                Err(_) => {}
            }
            self.look().await;
        }
    }

    async fn take(&mut self, message: Message) {
        match message {
            Message::Wanted(wanted) => self.waiting.push(wanted),
            Message::Returned { projection, number } => {
                let Some(held) = self.held.remove(projection) else { return };
                if held.number != number {
                    // Lost and granted anew meanwhile.
                    self.held.insert(projection, held);
                } else if let Err(error) = self.unlock(projection, held.lock).await {
                    self.lose(&error);
                }
            }
        }
    }

    /// Whether the connection is good, and what of that which is waited for can be had.
    async fn look(&mut self) {
        self.waiting.retain(|wanted| !wanted.answer.is_closed());
        if self.session.as_ref().is_some_and(|session| session.is_closed()) {
            self.lose(&"the connection has ended");
        }
        if let Err(error) = self.sign_of_life().await {
            self.lose(&error);
        }
        if self.waiting.iter().any(|wanted| !self.held.contains_key(wanted.projection))
            && let Err(error) = self.grant().await
        {
            self.lose(&error);
            for wanted in self.waiting.drain(..) {
                let _ = wanted.answer.send(Err(error.clone()));
            }
        }
    }

    /// Ends the connection, so that whatever it holds can be had by others.
    fn lose(&mut self, why: &dyn fmt::Display) {
        self.session = None;
        if !self.held.is_empty() {
            tracing::warn!(%why, leases = self.held.len(), "leases of projections are lost");
            self.held.clear();
        }
    }

    /// Asks for one, from time to time: a connection may be dead without the operating system's knowing.
    async fn sign_of_life(&mut self) -> Result<(), StoreError> {
        let Some(session) = &self.session else { return Ok(()) };
        if self.asked.elapsed() < ASK_EVERY {
            return Ok(());
        }
        self.asked = Instant::now();
        answered(session.batch_execute("")).await
    }

    /// Tries for everything that is waited for, in one statement.
    async fn grant(&mut self) -> Result<(), StoreError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.connect().await?,
        };
        let client = &*self.session.insert(session);
        let mut projections: Vec<&'static str> = self.waiting.iter().map(|wanted| wanted.projection).collect();
        projections.retain(|projection| !self.held.contains_key(projection));
        projections.sort_unstable();
        projections.dedup();
        let names: Vec<_> = projections.iter().map(|projection| stored(projection)).collect();
        let log = self.database.names.of("");
        let values: [Parameter<'_>; 2] = [(&names, Type::TEXT_ARRAY), (&log, Type::TEXT)];
        let locks = client.query_typed(&self.database.sql.try_leases, &values);
        for (projection, row) in projections.into_iter().zip(answered(locks).await?) {
            let lock = row.try_get(0).map_err(damaged)?;
            if row.try_get(1).map_err(damaged)? {
                self.hand_out(projection, lock).await?;
            }
        }
        Ok(())
    }

    /// Gives a lock that is held to the first who waits for it.
    async fn hand_out(&mut self, projection: &'static str, lock: i64) -> Result<(), StoreError> {
        self.record(projection, lock).await?;
        self.granted += 1;
        let number = self.granted;
        while let Some(place) = self.waiting.iter().position(|wanted| wanted.projection == projection) {
            let Wanted { answer, keeper, .. } = self.waiting.remove(place);
            if answer.is_closed() {
                continue;
            }
            let (lease, revoker) = Lease::shared(Return { projection, number, keeper });
            self.held.insert(projection, Held { number, lock, _revoker: revoker });
            // Where nobody takes it, it is dropped, and so returned.
            let _ = answer.send(Ok(lease));
            return Ok(());
        }
        self.unlock(projection, lock).await
    }

    /// Says who runs a projection, for operators. It is not worth a lease.
    async fn record(&self, projection: &str, lock: i64) -> Result<(), StoreError> {
        let Some(session) = &self.session else { return Ok(()) };
        let (projection, host, process) = (stored(projection), host(), i64::from(process::id()));
        let values: [Parameter<'_>; 4] =
            [(&projection, Type::TEXT), (&lock, Type::INT8), (&host, Type::TEXT), (&process, Type::INT8)];
        match answered(session.execute_typed(&self.database.sql.record_runner, &values)).await {
            Err(error @ (StoreError::Unwritable { .. } | StoreError::Failed { .. })) => {
                tracing::warn!(%error, "who runs a projection cannot be written down");
                Ok(())
            }
            other => other.map(drop),
        }
    }

    async fn unlock(&self, projection: &str, lock: i64) -> Result<(), StoreError> {
        let Some(session) = &self.session else { return Ok(()) };
        let projection = stored(projection);
        let forget = &self.database.sql.forget_runner;
        let forgotten = answered(session.execute_typed(forget, &[(&projection, Type::TEXT)])).await;
        if let Err(error) = forgotten {
            tracing::debug!(%error, "who ran a projection stays written down");
        }
        answered(session.query_typed("SELECT pg_advisory_unlock($1)", &[(&lock, Type::INT8)])).await.map(drop)
    }

    async fn connect(&mut self) -> Result<ClientWrapper, StoreError> {
        self.asked = Instant::now();
        let connected = async {
            let session = match &self.direct {
                Some(direct) => {
                    let (client, task) = direct.tls.connect(&direct.config, None).await.map_err(refused)?;
                    ClientWrapper::new(client, task)
                }
                None => Object::take(self.database.session().await?.client),
            };
            session.batch_execute(STAY).await.map_err(|error| classified(error, Effect::None))?;
            keep_alive(&session).await;
            Ok(session)
        };
        in_time(self.database.patience, Effect::None, connected).await
    }
}

async fn answered<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
    let answer = async { answer.await.map_err(|error| classified(error, Effect::None)) };
    in_time(ANSWER_WITHIN, Effect::None, answer).await
}

/// The name of this machine, or container.
fn host() -> Option<String> {
    let file = fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    file.or_else(|| env::var("HOSTNAME").ok()).or_else(|| env::var("COMPUTERNAME").ok())
}
