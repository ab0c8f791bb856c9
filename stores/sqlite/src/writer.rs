//! The thread that writes.

use std::{sync::Arc, thread};

use cqrs_core::{Position, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{
    append::{Known, LogWriter},
    error::{Fault, leaves_outcome_open, unknown},
    notify::Head,
};

/// Jobs accepted before senders have to wait.
const WAITING_JOBS: usize = 64;

/// Jobs that share a commit.
const JOINED_JOBS: usize = 16;

/// Something to be written. Performed again if the transaction it was in could not be committed because of others.
pub(crate) trait Work: Send + 'static {
    type Answer: Send + 'static;

    fn perform(&self, transaction: &mut Transaction<'_>) -> Result<Self::Answer, Fault>;

    /// Whether it can be seen in the file that this was written.
    fn is_written(&self, conn: &Connection) -> bool;
}

/// What is known within one transaction.
pub(crate) struct Transaction<'conn> {
    pub(crate) conn: &'conn Connection,
    known: Known,
    log: Option<LogWriter<'conn>>,
}

impl<'conn> Transaction<'conn> {
    pub(crate) fn log(&mut self) -> Result<&mut LogWriter<'conn>, Fault> {
        let log = match self.log.take() {
            Some(log) => log,
            None => LogWriter::new(self.conn, std::mem::take(&mut self.known))?,
        };
        Ok(self.log.insert(log))
    }
}

/// The way to the thread. It ends when the last of them is dropped and all accepted work is done.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    pub(crate) fn start(conn: Connection, head: Arc<Head>) -> Result<Self, StoreError> {
        let (jobs, mut waiting) = mpsc::channel(WAITING_JOBS);
        let thread = thread::Builder::new().name("cqrs-sqlite-writer".into());
        let work = move || {
            let mut known = Known::default();
            while let Some(jobs) = next_jobs(&mut waiting) {
                write(&conn, &mut known, &head, jobs);
            }
        };
        match thread.spawn(work) {
            Ok(_) => Ok(Self { jobs }),
            Err(error) => Err(StoreError::Unavailable {
                message: format!("the thread that writes cannot be started: {error}"),
                source: Some(Arc::new(error)),
            }),
        }
    }

    /// Has `work` written. Dropped before it is accepted, it is not written; afterwards it is, whole.
    pub(crate) async fn write<W: Work>(&self, work: W) -> Result<W::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Order { work, answer: None, reply });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| {
            Err(StoreError::Unknown { message: "the thread that writes has ended".into(), source: None })
        })
    }
}

/// A piece of work and who waits for it.
struct Order<W: Work> {
    work: W,
    answer: Option<W::Answer>,
    reply: oneshot::Sender<Result<W::Answer, StoreError>>,
}

trait Job: Send {
    fn perform(&mut self, transaction: &mut Transaction<'_>) -> Result<(), Fault>;
    fn is_written(&self, conn: &Connection) -> bool;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: StoreError);
}

// Whoever waited may have gone, which does not undo what was written.
impl<W: Work> Job for Order<W> {
    fn perform(&mut self, transaction: &mut Transaction<'_>) -> Result<(), Fault> {
        self.answer = Some(self.work.perform(transaction)?);
        Ok(())
    }

    fn is_written(&self, conn: &Connection) -> bool {
        self.work.is_written(conn)
    }

    fn succeed(self: Box<Self>) {
        if let Some(answer) = self.answer {
            let _ = self.reply.send(Ok(answer));
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

fn next_jobs(waiting: &mut mpsc::Receiver<Box<dyn Job>>) -> Option<Vec<Box<dyn Job>>> {
    let mut jobs = vec![waiting.blocking_recv()?];
    while jobs.len() < JOINED_JOBS
        && let Ok(job) = waiting.try_recv()
    {
        jobs.push(job);
    }
    Some(jobs)
}

/// Where a transaction stopped. Nothing of it is written, unless the outcome is open.
enum Stopped {
    Begin(StoreError),
    Perform(StoreError),
    Commit(rusqlite::Error),
}

/// Writes jobs with one commit. If one of them fails, each has a commit of its own.
fn write(conn: &Connection, known: &mut Known, head: &Head, mut jobs: Vec<Box<dyn Job>>) {
    let error = match transact(conn, known, &mut jobs) {
        Ok(new_head) => return succeed(jobs, head, new_head),
        Err(Stopped::Perform(_)) if jobs.len() > 1 => {
            return jobs.into_iter().for_each(|job| write(conn, known, head, vec![job]));
        }
        Err(Stopped::Begin(error) | Stopped::Perform(error)) => error,
        Err(Stopped::Commit(error)) if !leaves_outcome_open(&error) => Fault::from(error).into_error(),
        Err(Stopped::Commit(error)) => {
            if jobs.iter().any(|job| job.is_written(conn)) {
                return succeed(jobs, head, crate::read::head(conn).ok());
            }
            unknown(error)
        }
    };
    for job in jobs {
        job.fail(error.clone());
    }
}

fn succeed(jobs: Vec<Box<dyn Job>>, head: &Head, new_head: Option<Position>) {
    if let Some(new_head) = new_head {
        head.raise(new_head);
    }
    for job in jobs {
        job.succeed();
    }
}

/// Performs the jobs in one transaction, and says where the log ends if any of them asked. Nothing is known of the log
/// where the transaction was not committed.
fn transact(conn: &Connection, known: &mut Known, jobs: &mut [Box<dyn Job>]) -> Result<Option<Position>, Stopped> {
    let run = |statement| conn.prepare_cached(statement)?.execute([]);
    run("BEGIN IMMEDIATE").map_err(|error| Stopped::Begin(Fault::from(error).into_error()))?;
    let mut transaction = Transaction { conn, known: std::mem::take(known), log: None };
    let performed = jobs.iter_mut().try_for_each(|job| job.perform(&mut transaction));
    let Transaction { known: untouched, log, .. } = transaction;
    let head = log.as_ref().map(LogWriter::head);
    let left = log.map_or(untouched, LogWriter::into_known);
    let result = match performed {
        Ok(()) => run("COMMIT").map_err(Stopped::Commit),
        Err(fault) => Err(Stopped::Perform(fault.into_error())),
    };
    // Some errors roll back by themselves. A rollback that fails leaves the transaction to the next `BEGIN`, which
    // then fails, so nothing is taken for written that is not.
    if result.is_err() && !conn.is_autocommit() {
        let _ = run("ROLLBACK");
    }
    result?;
    *known = left;
    Ok(head)
}
