//! Generics where they make sense: events of a type that the aggregate names, services over what they need.

use std::{
    convert::Infallible,
    fmt::{Debug, Display},
    marker::PhantomData,
};

use cqrs::{prelude::*, testkit::given};

use super::{run, stored};

/// Changes of any value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "value", id = id)]
enum Changed<T, const N: usize = 0>
where
    T: Clone,
{
    Begun { id: u32, value: T },
    Set(#[cqrs(id)] u32, T),
}

type Flagged = Changed<bool>;

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Flag)]
struct Begin(#[cqrs(id)] u32, bool);

/// Its events by an alias.
struct Flag(bool);

#[aggregate(event = Flagged, error = Infallible)]
impl Flag {
    #[handle]
    fn begin(Begin(id, value): Begin) -> Result<Flagged, Infallible> {
        Ok(Changed::Begun { id, value })
    }

    #[on(Begun)]
    fn begun(value: bool) -> Self {
        Self(value)
    }

    #[on(Set(_id, value))]
    fn set(&mut self, value: bool) {
        self.0 = value;
    }
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Text<String>, result = String)]
struct Replace(#[cqrs(id)] u32, String);

/// Its events as they are written, and a state that has a parameter itself.
struct Text<T>(T);

#[aggregate(event = Changed<String, 1>, error = Infallible)]
impl Text<String> {
    #[handle]
    fn replace(&self, Replace(id, text): Replace) -> Result<(Changed<String, 1>, String), Infallible> {
        Ok((Changed::Set(id, text), self.0.clone()))
    }

    #[on(Begun)]
    fn begun(value: String) -> Self {
        Self(value)
    }

    #[on(Set(_id, value))]
    fn set(&mut self, value: &str) {
        value.clone_into(&mut self.0);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
struct Latest {
    #[cqrs(key)]
    id: u32,
    text: String,
    flag: bool,
}

#[projection(events(Changed<String, 1>, Flagged))]
impl Latest {
    #[on(Changed::Begun)]
    fn begun(id: u32, value: String) -> Self {
        Self { id, text: value, flag: false }
    }

    #[on(Changed::Set(_id, value))]
    fn set(&mut self, value: String) {
        self.text = value;
    }

    #[on(Flagged::Begun, Flagged::Set(_id, value), or_insert = Self::new)]
    fn flagged(&mut self, value: bool) {
        self.flag = value;
    }

    fn new(id: u32) -> Self {
        Self { id, text: String::new(), flag: false }
    }
}

trait Mailer: Send + Sync + 'static {
    fn send(&self, text: &str) -> usize;
}

struct Mute;

impl Mailer for Mute {
    fn send(&self, text: &str) -> usize {
        text.len()
    }
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = usize)]
struct Post(String);

#[derive(Debug, Query)]
#[cqrs(result = usize)]
struct Limit;

/// An error that says what was asked, whatever that is.
#[derive(Debug, thiserror::Error)]
#[error("not {0}")]
struct Not<T>(T);

#[derive(Debug, Command)]
#[cqrs(result = T, error = Not<T>)]
struct Weigh<T: Debug + Display + Sync>(T);

/// A refusal of itself.
#[derive(Debug, Clone, Command, thiserror::Error)]
#[error("nobody is in")]
#[cqrs(error = Self)]
struct Knock;

struct Office<'a, M, const LIMIT: usize>(&'a M, PhantomData<[u8; LIMIT]>);

#[command_handlers]
impl<'a, M: Mailer, const LIMIT: usize> Office<'a, M, LIMIT>
where
    'a: 'static,
{
    #[handle]
    async fn post<'c>(&self, command: &'c Post, _ctx: &'c Context) -> Result<usize, Infallible> {
        Ok(self.0.send(&command.0).min(LIMIT))
    }

    #[handle]
    async fn weigh(&self, Weigh(weight): Weigh<u8>) -> Result<u8, Not<u8>> {
        if weight > 9 { Err(Not(weight)) } else { Ok(weight) }
    }

    #[handle]
    async fn knock(&self, command: Knock) -> Result<(), Knock> {
        Err(command)
    }
}

#[query_handlers]
impl<M: Mailer, const LIMIT: usize> Office<'static, M, LIMIT> {
    #[handle]
    async fn limit(&self, _: Limit) -> Result<usize, QueryError> {
        Ok(LIMIT)
    }
}

#[derive(Dispatcher)]
struct App<const LIMIT: usize> {
    office: Office<'static, Mute, LIMIT>,
}

#[test]
fn events_of_several_types_share_an_enum() {
    stored(&Flagged::Begun { id: 1, value: true }, "value.begun", r#"{"id":1,"value":true}"#);
    given([]).when(Begin(1, true)).then([Changed::Begun { id: 1, value: true }]);
    given([Changed::Begun { id: 1, value: "old".to_owned() }])
        .when(Replace(1, "new".into()))
        .then([Changed::Set(1, "new".into())])
        .then_result("old".into());
}

#[test]
fn services_are_over_what_they_need() {
    static MUTE: Mute = Mute;
    let app = App { office: Office::<_, 3>(&MUTE, PhantomData) };
    run(async {
        assert_eq!(app.execute(Post("hello".into())).await.unwrap().result, 3);
        assert_eq!(app.query(Limit).await.unwrap(), 3);
        assert_eq!(app.execute(Weigh(9)).await.unwrap().result, 9);
        assert_eq!(app.execute(Weigh(10)).await.unwrap_err().to_string(), "not 10");
        assert_eq!(app.execute(Knock).await.unwrap_err().to_string(), "nobody is in");
    });
}
