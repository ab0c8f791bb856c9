//! Annotated items that a `macro_rules!` writes: every name, type, path, attribute and body may come from outside of it,
//! with a hygiene of its own.

use std::convert::Infallible;

use cqrs::{MemoryStore, prelude::*, testkit::given};

use super::{command_names, run, stored};

/// Everything is named by who calls it.
macro_rules! domain {
    (
        $(#[$of_event:meta])*
        $vis:vis $event:ident ($aggregate:literal, $id:ident: $id_type:ty) {
            $($variant:ident { $($field:ident: $field_type:ty),* })*
        }
        $state:ident / $error:path {
            $(#[$create:meta])*
            create: $new:ident;
            on: $made:ident ($($parameter:ident: $parameter_type:ty),*) $body:block
        }
        rows: $row:ident by $find:ident
        app: $app:ident { $engine:ident: $engine_type:ty }
    ) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[cqrs(aggregate = $aggregate, id = $id)]
        $(#[$of_event])*
        $vis enum $event {
            $($variant { $id: $id_type, $(#[cqrs(unique, taken = Taken::By)] $field: $field_type),* },)*
        }

        #[derive(Debug, Clone, Deserialize, Command)]
        #[cqrs(aggregate = $state, result = $id_type)]
        $vis struct $new {
            #[cqrs(id)]
            $vis $id: $id_type,
        }

        #[aggregate(event = $event, error = $error)]
        impl $state {
            #[handle]
            $(#[$create])*
            fn create(command: &$new) -> Result<($event, $id_type), $error> {
                Ok(($event::$made { $id: command.$id.clone(), $($parameter: Default::default()),* }, command.$id.clone()))
            }

            #[on($made)]
            fn made($($parameter: $parameter_type),*) -> Self $body
        }

        #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
        $vis struct $row {
            #[cqrs(key)]
            $vis $id: $id_type,
            $(#[cqrs(index)] $vis $parameter: $parameter_type,)*
        }

        #[derive(Debug, Query)]
        #[cqrs(model = $row, result = Option<$row>)]
        $vis struct $find($id_type);

        #[projection(event = $event)]
        impl $row {
            #[on($made)]
            fn made($id: $id_type, $($parameter: $parameter_type),*) -> Self {
                Self { $id, $($parameter),* }
            }

            #[handle]
            async fn find(rows: &Views<Self>, $find(key): $find) -> Result<Option<$row>, QueryError> {
                rows.get(&key).await
            }
        }

        #[derive(Dispatcher)]
        struct $app {
            $engine: $engine_type,
        }
    };
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum Taken {
    #[error("taken by {0}")]
    By(String),
}

struct Desk;

domain! {
    #[serde(rename_all_fields = "UPPERCASE")]
    DeskEvent("desk", number: u32) {
        Placed { owner: String }
    }
    Desk / Taken {
        #[doc = "Places one."]
        #[inline]
        create: Place;
        on: Placed(owner: String) { drop(owner); Self }
    }
    rows: DeskRow by FindDesk
    app: Office { engine: Engine }
}

/// Types as fragments, which come as groups without delimiters.
macro_rules! service {
    ($service:ty { $($name:ident($command:ty, $ctx:ty) -> $result:ty;)* } $answer:ident($query:ty) -> $answered:ty) => {
        #[command_handlers]
        impl $service {
            $(#[handle]
            async fn $name(&self, command: $command, ctx: &$ctx) -> $result {
                let _ = (command, ctx);
                Ok(())
            })*
        }

        #[query_handlers]
        impl $service {
            #[handle]
            async fn $answer(&self, query: &$query) -> $answered {
                let _ = query;
                Ok(7)
            }
        }
    };
}

#[derive(Debug, Clone, Deserialize, Command)]
struct Sweep;

#[derive(Debug, Clone, Deserialize, Command)]
struct Wipe;

#[derive(Debug, Query)]
#[cqrs(result = u8)]
struct Swept;

struct Janitor;

service! {
    Janitor {
        sweep(Sweep, Context) -> Result<(), Infallible>;
        wipe(self::Wipe, cqrs::Context) -> std::result::Result<(), Infallible>;
    }
    swept(Swept) -> Result<u8, QueryError>
}

/// A whole item, a whole block, and types that are references, handed on from one macro to another.
macro_rules! pass {
    ($($item:item)*) => { $($item)* };
}

macro_rules! with_types {
    ($event:path, $command:ty, $reference:ty, $field:ty, $state:ty) => {
        #[aggregate(event = $event, error = Infallible)]
        impl $state {
            #[handle]
            fn light(command: $command) -> Result<$event, Infallible> {
                Ok(lit(command.0))
            }

            #[handle]
            fn dim(&self, command: $reference, ctx: &Context) -> Result<Option<$event>, Infallible> {
                let _ = (command, ctx);
                Ok(None)
            }

            #[on(Lit)]
            fn lit(colour: $field) -> Self {
                let _ = colour;
                Self
            }
        }
    };
}

pass! {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "lamp", id = lamp)]
    enum LampEvent {
        Lit { lamp: u32, colour: String },
    }

    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Lamp)]
    struct Light(#[cqrs(id)] u32);

    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Lamp)]
    struct Dim(#[cqrs(id)] u32);

    struct Lamp;

    #[derive(Debug, Serialize, Deserialize, ReadModel)]
    struct LampRow {
        #[cqrs(key)]
        lamp: u32,
    }

    #[projection(event = LampEvent)]
    impl LampRow {
        #[on(Lit)]
        fn lit(lamp: u32, #[recorded] recorded: &cqrs::RecordedEvent) -> Self {
            let _ = recorded;
            Self { lamp }
        }
    }
}

fn lit(lamp: u32) -> LampEvent {
    LampEvent::Lit { lamp, colour: String::new() }
}

with_types!(LampEvent, Light, &Dim, &str, Lamp);

/// Types of fields and of messages.
macro_rules! commands_of {
    ($aggregate:ty, $id:ty => $($command:ident -> $result:ty),*) => {
        $(#[derive(Debug, Clone, Command)]
        #[cqrs(aggregate = $aggregate, result = $result)]
        struct $command(#[cqrs(id)] $id);)*
    };
}

commands_of!(Lamp, u32 => Blink -> u8, Flash -> ());

/// Structs of facts, and the fields that hold the ids in them.
macro_rules! facts {
    ($event:ident by $id:ident: $id_type:ty; $($fact:ident($inner:ty)),*; $(unique $unique:ident($value:ty)),*) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[cqrs(aggregate = "fact", id = $id, id_type = $id_type)]
        enum $event {
            $($fact($inner),)*
            $($unique { $id: $id_type, #[cqrs(unique, taken = Taken::By)] value: $value },)*
        }
    };
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inner {
    number: u32,
}

facts!(FactEvent by number: u32; One(Inner), Two(Inner); unique Named(String));

#[test]
fn fragments_are_taken_as_what_they_are() {
    stored(&DeskEvent::Placed { number: 1, owner: "a".into() }, "desk.placed", r#"{"NUMBER":1,"OWNER":"a"}"#);
    assert_eq!(command_names::<Desk>(), ["place"]);
    assert_eq!(command_names::<Lamp>(), ["light", "dim"]);
    let placed = DeskEvent::Placed { number: 1, owner: String::new() };
    given([]).when(Place { number: 1 }).then([placed]).then_result(1);
    given([]).taken("desk.owner", "").when(Place { number: 1 }).then_error(Taken::By(String::new()));
    given([]).when(Light(1)).then([lit(1)]);
    given([lit(1)]).when(Dim(1)).then_nothing();
    assert_eq!((Blink(1).aggregate_id(), Flash(2).aggregate_id()), (&1, &2));
    let (one, two) = (FactEvent::One(Inner { number: 1 }), FactEvent::Two(Inner { number: 2 }));
    let named = FactEvent::Named { number: 3, value: "c".into() };
    assert_eq!((one.aggregate_id(), two.aggregate_id(), named.aggregate_id()), (&1, &2, &3));

    run(async {
        let engine = Engine::builder(MemoryStore::new()).projection::<DeskRow>().start().await.unwrap();
        let office = Office { engine };
        let placed = office.execute(Place { number: 1 }).await.unwrap();
        let row = office.query(FindDesk(1)).after(&placed).await.unwrap();
        assert_eq!(row, Some(DeskRow { number: 1, owner: String::new() }));
        let routes = <Janitor as cqrs::dispatch::CommandRoutes<Janitor>>::command_routes();
        assert_eq!(routes.iter().map(|route| route.name).collect::<Vec<_>>(), ["sweep", "wipe"]);
        assert_eq!(QueryHandler::handle(&Janitor, Swept, cqrs::Consistency::default()).await.unwrap(), 7);
        CommandHandler::handle(&Janitor, Sweep, Context::new()).await.unwrap();
    });
}
