//! How connections are made, with or without TLS.

use std::{future::poll_fn, pin::Pin, sync::Arc};

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio_postgres::{
    AsyncMessage, Client, Config, Error, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Told the payload of what the server notifies.
pub(crate) type Notified = Box<dyn Fn(&str) + Send + Sync>;

/// Makes connections, each with a task that works it and ends with it.
pub(crate) trait Connector: Send + Sync {
    /// A connection. What the server notifies goes to `notified`, where somebody wants to know.
    fn connect(
        &self,
        config: &Config,
        notified: Option<Notified>,
    ) -> BoxFuture<'static, Result<(Client, JoinHandle<()>), Error>>;
}

/// Connections with the TLS of `T`.
pub(crate) struct Through<T>(pub(crate) T);

impl<T> Connector for Through<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + Sync,
    T::TlsConnect: Send + Sync,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn connect(
        &self,
        config: &Config,
        notified: Option<Notified>,
    ) -> BoxFuture<'static, Result<(Client, JoinHandle<()>), Error>> {
        let (tls, config) = (self.0.clone(), config.clone());
        Box::pin(async move {
            let (client, mut connection) = config.connect(tls).await?;
            let work = async move {
                while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
                    match (message, &notified) {
                        (Ok(AsyncMessage::Notification(notification)), Some(notified)) => {
                            notified(notification.payload());
                        }
                        (Ok(_), _) => {}
                        (Err(error), _) => {
                            tracing::warn!(%error, "a connection to the server is lost");
                            break;
                        }
                    }
                }
            };
            Ok((client, tokio::spawn(work)))
        })
    }
}

/// Makes the connections of a pool.
pub(crate) struct Pooled {
    pub(crate) tls: Arc<dyn Connector>,
    /// Whether the connections are sessions, so that something can be set in them.
    pub(crate) are_sessions: bool,
}

/// Appends are judged in this isolation, whatever the role's or the database's default is.
const ISOLATION: &str = "SET default_transaction_isolation = 'read committed'";

/// The server is to notice within half a minute that a client is gone without a word: it may hold locks.
const KEEPALIVE: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
                         SET tcp_user_timeout = 25000";

/// Has the server watch over a session.
pub(crate) async fn keep_alive(client: &Client) {
    // Not every system has it all.
    if let Err(error) = client.batch_execute(KEEPALIVE).await {
        tracing::debug!(%error, "the server does not watch over a connection");
    }
}

impl Connect for Pooled {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let (connecting, are_sessions) = (self.tls.connect(config, None), self.are_sessions);
        Box::pin(async move {
            let connected = connecting.await?;
            if are_sessions {
                connected.0.batch_execute(ISOLATION).await?;
                keep_alive(&connected.0).await;
            }
            Ok(connected)
        })
    }
}
