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

fn main() {
    let _ = |app: &App, borrowed: &Borrowed<'static, 2>| {
        drop(send(run(app)));
        drop(borrowed.execute(Register));
        let _ = (app.command_names(), app.json_queries());
    };
}
