//! Routing, deciding and applying without a store, against plain functions and a match.
//!
//! The compiler is kept from seeing through commands, states and events: they come from outside, and go to a store. The
//! domain is in another crate than its use, on both sides.
//!
//! Three figures, each for the same commands on both sides: an account is opened and changed nine times.
//! 1. *Decide and apply*: `Decide::decide` and `Aggregate::apply`, as the macros write them, on a state in a variable.
//! 2. *Route, decide and apply*: through the field that `#[derive(Dispatcher)]` finds for the command, to a handler that
//!    keeps its accounts in a map behind a lock. The other side matches on an enum of commands and keeps the same map.
//! 3. The same through `app.execute(…)`: a boxed future and a context with a fresh id and the time; the other side has
//!    neither. For information.

use std::{
    collections::HashMap,
    hint::black_box,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{self, Poll, Waker},
};

use cqrs::{
    Aggregate as _, AggregateCommand, CommandError, CommandHandler, Context, Decide, Dispatcher, Position, Receipt,
    StreamId, Version, dispatch::RouteCommand,
};
use cqrs_benches::{
    Outcome, Report, Sample, Stopwatch, Target, Unit,
    account::{Account, AccountError, Deposit, Open, Withdraw},
    by_hand::{self, Command},
    rounds,
};
use uuid::Uuid;

const CHANGES: u32 = 10;
const TARGET: Target = Target::AtMost(1.5);

/// Keeps accounts and nothing else: what is left of an engine without a store.
#[derive(Default)]
struct Accounts(Mutex<HashMap<Uuid, Option<Account>>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C> CommandHandler<C> for Accounts
where
    C: AggregateCommand<Aggregate = Account>,
    Account: Decide<C>,
{
    async fn handle(&self, command: C, ctx: Context) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        let mut accounts = lock(&self.0);
        let account = accounts.entry(*command.aggregate_id()).or_default();
        let result = decide_and_apply(account, &command, &ctx)?;
        Ok(Receipt { result, position: Position::START, version: Version::START, request: ctx.request_id() })
    }
}

#[derive(cqrs::Dispatcher)]
struct App {
    accounts: Accounts,
}

fn decide_and_apply<C>(
    account: &mut Option<Account>,
    command: &C,
    ctx: &Context,
) -> Result<C::Result, CommandError<C::Error>>
where
    C: AggregateCommand<Aggregate = Account>,
    Account: Decide<C>,
{
    let (mut events, result) = Account::decide(black_box(account.as_ref()), black_box(command), ctx)?;
    black_box(&mut events);
    for event in events {
        Account::apply(account, event).map_err(|cause| CommandError::Misapplied {
            stream: StreamId::of("account", command.aggregate_id()).expect("a UUID makes a valid name"),
            cause,
        })?;
    }
    Ok(result)
}

/// Polls a future that does not wait.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// The history of every account, told to whoever carries it out. Answers the sum of all balances on the way.
fn history(
    accounts: &[Uuid],
    mut open: impl FnMut(Uuid, String) -> Outcome,
    mut deposit: impl FnMut(Uuid, u64) -> Outcome<u64>,
    mut withdraw: impl FnMut(Uuid, u64) -> Outcome<u64>,
) -> Outcome<Sample> {
    let count = u32::try_from(accounts.len())? * CHANGES;
    let stopwatch = Stopwatch::start();
    let mut sum = 0;
    for id in black_box(accounts) {
        open(*id, "somebody".into())?;
        for change in 1..CHANGES {
            sum += if change % 3 == 0 { withdraw(*id, 5)? } else { deposit(*id, 10)? };
        }
    }
    let sample = stopwatch.stop(count);
    assert_eq!(sum, 270 * accounts.len() as u64, "a command has gone wrong");
    Ok(sample)
}

/// Annotated, on a state in a variable.
fn annotated(accounts: &[Uuid]) -> Outcome<Sample> {
    let ctx = Context::new();
    let state = std::cell::RefCell::new(None);
    history(
        accounts,
        |id, owner| {
            state.take();
            Ok(decide_and_apply(&mut state.borrow_mut(), &Open { id, owner }, &ctx)?)
        },
        |id, amount| Ok(decide_and_apply(&mut state.borrow_mut(), &Deposit { id, amount }, &ctx)?),
        |id, amount| Ok(decide_and_apply(&mut state.borrow_mut(), &Withdraw { id, amount }, &ctx)?),
    )
}

fn plain(account: &mut Option<by_hand::Account>, mut command: Command) -> Result<u64, AccountError> {
    black_box(&mut command); // in its place: not one copy more than the other side makes
    let (event, balance) = by_hand::decide(black_box(account.as_ref()), command)?;
    by_hand::apply(account, black_box(&event));
    Ok(balance)
}

/// By hand, on a state in a variable.
fn hand_written(accounts: &[Uuid]) -> Outcome<Sample> {
    let state = std::cell::RefCell::new(None);
    history(
        accounts,
        |id, owner| {
            state.take();
            plain(&mut state.borrow_mut(), Command::Open { id, owner })?;
            Ok(())
        },
        |id, amount| Ok(plain(&mut state.borrow_mut(), Command::Deposit { id, amount })?),
        |id, amount| Ok(plain(&mut state.borrow_mut(), Command::Withdraw { id, amount })?),
    )
}

/// Annotated, through the dispatcher to the handler.
fn routed(accounts: &[Uuid]) -> Outcome<Sample> {
    fn handle<C: cqrs::Command, F>(app: &App, command: C, ctx: &Context) -> Result<C::Result, CommandError<C::Error>>
    where
        App: RouteCommand<C, F>,
    {
        Ok(ready(app.command_handler().handle(command, ctx.clone()))?.result)
    }
    let app = App { accounts: Accounts::default() };
    let ctx = Context::new();
    history(
        accounts,
        |id, owner| Ok(handle(&app, Open { id, owner }, &ctx)?),
        |id, amount| Ok(handle(&app, Deposit { id, amount }, &ctx)?),
        |id, amount| Ok(handle(&app, Withdraw { id, amount }, &ctx)?),
    )
}

/// Annotated, as an application calls it.
fn executed(accounts: &[Uuid]) -> Outcome<Sample> {
    let app = App { accounts: Accounts::default() };
    history(
        accounts,
        |id, owner| {
            ready(app.execute(Open { id, owner }).into_future())?;
            Ok(())
        },
        |id, amount| Ok(ready(app.execute(Deposit { id, amount }).into_future())?.result),
        |id, amount| Ok(ready(app.execute(Withdraw { id, amount }).into_future())?.result),
    )
}

#[derive(Default)]
struct PlainAccounts(Mutex<HashMap<Uuid, Option<by_hand::Account>>>);

impl PlainAccounts {
    fn execute(&self, command: Command) -> Result<u64, AccountError> {
        let mut accounts = lock(&self.0);
        plain(accounts.entry(command.id()).or_default(), command)
    }
}

/// By hand, through a match on the command.
fn matched(accounts: &[Uuid]) -> Outcome<Sample> {
    let app = PlainAccounts::default();
    history(
        accounts,
        |id, owner| {
            app.execute(Command::Open { id, owner })?;
            Ok(())
        },
        |id, amount| Ok(app.execute(Command::Deposit { id, amount })?),
        |id, amount| Ok(app.execute(Command::Withdraw { id, amount })?),
    )
}

fn main() -> Outcome {
    let scale = cqrs_benches::Scale::from_args();
    let (accounts, times) = (scale.pick(100_000, 20_000, 100), scale.pick(15, 7, 1));
    let ids: Vec<Uuid> = (0..accounts).map(|_| Uuid::new_v4()).collect();
    let mut report = Report::begin(
        "decide",
        &[("commands", format!("{} a round on {accounts} accounts, {times} rounds", accounts * CHANGES))],
    );
    let [decided, by_hand] = rounds(times, &mut [&mut || annotated(&ids), &mut || hand_written(&ids)])?;
    report.figure("decide and apply", Unit::TimeEach, TARGET, &decided, &by_hand);
    let [routed, executed, by_hand] =
        rounds(times, &mut [&mut || routed(&ids), &mut || executed(&ids), &mut || matched(&ids)])?;
    report.figure("route, decide and apply", Unit::TimeEach, TARGET, &routed, &by_hand);
    report.figure("the same through `app.execute(…)`", Unit::TimeEach, Target::None, &executed, &by_hand);
    report.finish()
}
