//! Waiting for new events.

use std::{
    fmt,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use cqrs_core::{Position, StoreError};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{self, Instant},
};
use tokio_postgres::Client;

use crate::{
    connect::Notified,
    database::SharedDatabase,
    error::{Effect, classified, refused},
    names::quoted,
    open::Direct,
    patience::in_time,
    read,
};

/// How long after a lost connection the next is made; each pause is twice the one before it, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often is looked at the most and at the least, whatever is asked for.
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(24 * 60 * 60);

/// How often the server is asked for a sign of life, in the time that it may take to give one.
const ASKED_WITHIN_PATIENCE: u32 = 3;

/// How much less often is looked while the server notifies.
const NET: u32 = 20;

/// How far the log is known to reach: raised by the writer after every commit, by what the server notifies of other
/// processes' commits, and by a look at the log, which one of all who wait takes: at once where there may be something
/// new, and once an interval. Where nobody waits, nobody looks.
///
/// The connection that is notified is made when somebody first waits, and kept by a task that ends with this.
pub(crate) struct Head {
    database: SharedDatabase,
    direct: Option<Direct>,
    interval: Duration,
    known: watch::Sender<Position>,
    watching: Mutex<Watching>,
}

struct Watching {
    next_look: Instant,
    is_looking: bool,
    /// Whether the server notifies.
    is_notified: bool,
    listener: Option<JoinHandle<()>>,
}

impl Head {
    /// Without a `direct` way to the server nothing is notified.
    pub(crate) fn new(
        database: SharedDatabase,
        direct: Option<Direct>,
        known: Position,
        interval: Duration,
    ) -> Arc<Self> {
        let watching = Watching { next_look: Instant::now(), is_looking: false, is_notified: false, listener: None };
        let interval = interval.clamp(*INTERVALS.start(), *INTERVALS.end());
        Arc::new(Self { database, direct, interval, known: watch::Sender::new(known), watching: Mutex::new(watching) })
    }

    pub(crate) fn raise(&self, head: Position) {
        self.known.send_if_modified(|known| {
            let raised = head > *known;
            *known = head.max(*known);
            raised
        });
    }

    pub(crate) async fn beyond(self: &Arc<Self>, position: Position) -> Result<Position, StoreError> {
        let mut known = self.known.subscribe();
        loop {
            let head = *known.borrow_and_update();
            if head > position {
                return Ok(head);
            }
            self.listen();
            match self.take_turn() {
                Turn::Now(look) => look.look().await?,
                Turn::At(next) => drop(time::timeout_at(next, known.changed()).await),
                // Who looks gives the turn back.
                Turn::Taken => drop(known.changed().await),
            }
        }
    }

    /// Has all who wait see whether it is their turn.
    fn wake(&self) {
        self.known.send_modify(|_| {});
    }

    fn take_turn(&self) -> Turn<'_> {
        let mut watching = self.watching();
        let now = Instant::now();
        if watching.is_looking {
            return Turn::Taken;
        }
        if now < watching.next_look {
            return Turn::At(watching.next_look);
        }
        watching.is_looking = true;
        watching.next_look = now + self.pause(watching.is_notified);
        Turn::Now(Look { head: self, is_done: false })
    }

    fn pause(&self, is_notified: bool) -> Duration {
        if is_notified { self.interval * NET } else { self.interval }
    }

    /// There may be something new.
    fn look_now(&self) {
        self.watching().next_look = Instant::now();
        self.wake();
    }

    /// What the server says of a commit.
    fn note(&self, payload: &str) {
        match payload.parse() {
            Ok(head) => self.raise(Position(head)),
            Err(_) => self.look_now(),
        }
    }

    fn set_notified(&self, is_notified: bool) {
        let mut watching = self.watching();
        watching.is_notified = is_notified;
        drop(watching);
        // What was committed while nobody was notified, or will be.
        self.look_now();
    }

    /// Sees to it that somebody listens, where that can be. A task of a runtime that is no more is replaced.
    fn listen(self: &Arc<Self>) {
        let Some(direct) = &self.direct else { return };
        let mut watching = self.watching();
        if watching.listener.as_ref().is_none_or(JoinHandle::is_finished) {
            watching.is_notified = false;
            let (direct, channel, patience) = (direct.clone(), self.channel(), self.database.patience);
            let listener = Listener { head: Arc::downgrade(self), direct, channel, patience };
            watching.listener = Some(tokio::spawn(listener.run()));
        }
    }

    fn channel(&self) -> String {
        quoted(&self.database.names.channel())
    }

    fn watching(&self) -> MutexGuard<'_, Watching> {
        self.watching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        if let Some(listener) = self.watching().listener.take() {
            listener.abort();
        }
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("known", &*self.known.borrow()).finish_non_exhaustive()
    }
}

enum Turn<'a> {
    Now(Look<'a>),
    At(Instant),
    Taken,
}

/// A look at the log on behalf of all who wait. Given up or failed, somebody else takes the turn.
struct Look<'a> {
    head: &'a Head,
    is_done: bool,
}

impl Look<'_> {
    async fn look(mut self) -> Result<(), StoreError> {
        let found = read::head(&self.head.database).await?;
        self.is_done = true;
        self.head.raise(found);
        Ok(())
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        let mut watching = self.head.watching();
        watching.is_looking = false;
        if !self.is_done {
            watching.next_look = Instant::now();
        }
        drop(watching);
        self.head.wake();
    }
}

/// Keeps a connection on which the server notifies, and makes another when it is lost.
struct Listener {
    head: Weak<Head>,
    direct: Direct,
    channel: String,
    patience: Duration,
}

impl Listener {
    async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match in_time(self.patience, Effect::None, self.connect()).await {
                Ok((client, connection)) => {
                    pause = FIRST_PAUSE;
                    self.watch(&client, connection).await;
                }
                Err(error) => tracing::warn!(%error, "the server cannot notify of new events for now"),
            }
            let Some(head) = self.head.upgrade() else { return };
            head.set_notified(false);
            drop(head);
            time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<(Client, JoinHandle<()>), StoreError> {
        let noting = self.head.clone();
        let notified: Notified = Box::new(move |payload| {
            if let Some(head) = noting.upgrade() {
                head.note(payload);
            }
        });
        let (client, connection) =
            self.direct.tls.connect(&self.direct.config, Some(notified)).await.map_err(refused)?;
        let listen = format!("LISTEN {}", self.channel);
        // It is idle most of the time, and not to be ended for it.
        for statement in ["SET idle_session_timeout = 0", &listen] {
            client.batch_execute(statement).await.map_err(|error| classified(error, Effect::None))?;
        }
        if let Some(head) = self.head.upgrade() {
            head.set_notified(true);
        }
        Ok((client, connection))
    }

    /// Waits for the end of a connection, of which the task that works it tells. Asks for a sign of life from time to time:
    /// nothing else is sent, and a dead connection is as quiet as one without news.
    async fn watch(&self, client: &Client, mut connection: JoinHandle<()>) {
        while time::timeout(self.patience / ASKED_WITHIN_PATIENCE, &mut connection).await.is_err() {
            let alive = async { client.batch_execute("").await.map_err(|error| classified(error, Effect::None)) };
            if let Err(error) = in_time(self.patience, Effect::None, alive).await {
                tracing::warn!(%error, "the server notifies of new events no more");
                connection.abort();
                return;
            }
        }
    }
}
