//! Commands and queries find their way to two services and the engine, by type and by name.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use std::{convert::Infallible, sync::Arc};

use cqrs::{Consistency, prelude::*};

macro_rules! commands {
    ($($name:ident => $service:ident),*) => {
        $(
            #[derive(Debug, Clone, Deserialize, Command)]
            #[cqrs(result = u32)]
            struct $name;

            impl CommandHandler<$name> for $service {
                async fn handle(&self, _: $name, _: Context) -> Result<Receipt<u32>, CommandError<Infallible>> {
                    unreachable!()
                }
            }
        )*
    };
}

commands!(Register => Registration, Resend => Registration, Charge => Payments);

#[derive(Debug, Clone, Deserialize, Query)]
#[cqrs(result = u32)]
struct Balance;

impl QueryHandler<Balance> for Payments {
    async fn handle(&self, _: Balance, _: Consistency) -> Result<u32, QueryError> {
        Ok(7)
    }
}

struct Registration;
struct Payments;

/// What is not a handler is no hindrance.
#[derive(Dispatcher)]
pub struct App {
    /// Of aggregates.
    pub engine: Engine,
    registration: Registration,
    payments: Arc<Payments>,
    #[cqrs(skip)]
    second: Payments,
    /// Not a handler.
    pub title: String,
}

/// Without names, with a lifetime and a constant.
#[derive(Dispatcher)]
pub struct Borrowed<'a, const N: usize>(Registration, &'a str, [u8; N])
where
    'a: 'static;

fn send<T: Send>(future: T) -> T {
    future
}

async fn run(app: &App) {
    let charged: Result<Receipt<u32>, CommandError<Infallible>> = app.execute(Charge).await;
    let _ = charged;
    let _ = app.execute(Register).actor("me").await;
    let _ = app.execute(Resend).await;
    let _ = app.query(Balance).await;
    let _ = &app.second;
}

/// Counts.
#[derive(Default)]
pub struct Counter(std::sync::atomic::AtomicU32);

/// Counts up.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = u32)]
pub struct Count {
    /// By this.
    pub by: u32,
}

#[command_handlers]
impl Counter {
    #[handle]
    async fn count(&self, command: Count) -> Result<u32, Infallible> {
        Ok(self.0.fetch_add(command.by, std::sync::atomic::Ordering::Relaxed) + command.by)
    }
}

/// What answers by name, and what does not.
#[derive(Dispatcher)]
pub struct Small {
    /// By type and by name.
    pub counter: Counter,
    payments: Payments,
}

/// Runs a future that never waits.
fn now<T>(future: impl std::future::IntoFuture<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future.into_future()).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!(),
    }
}

fn main() {
    let _ = |app: &App, borrowed: &Borrowed<'static, 2>| {
        drop(send(run(app)));
        drop(borrowed.execute(Register));
        let _ = (app.command_names(), app.json_queries());
    };

    let app = Small { counter: Counter::default(), payments: Payments };
    assert_eq!(now(app.execute(Count { by: 2 })).unwrap().result, 2);
    assert_eq!(now(app.query(Balance)).unwrap(), 7);
    assert_eq!(app.command_names(), ["count"]);
    assert!(app.query_names().is_empty());
    let receipt = now(app.execute_json("count", cqrs::serde_json::json!({ "by": 3 })));
    assert_eq!(receipt.unwrap().result, 5);
    let unknown = now(app.execute_json("cuont", cqrs::serde_json::Value::Null));
    assert_eq!(unknown.unwrap_err().to_string(), "there is no command `cuont`; did you mean `count`?");
}
