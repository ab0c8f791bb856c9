//! All macros by their paths, in a module that imports nothing, with receivers in full.

use cqrs::{MemoryStore, prelude::Engine};

mod lamp {
    #[derive(Debug, serde::Serialize, serde::Deserialize, cqrs::Event)]
    #[cqrs(aggregate = "lamp", id = number)]
    pub(super) enum LampEvent {
        Lit { number: u8 },
        PutOut { number: u8 },
    }

    #[derive(Debug, thiserror::Error)]
    #[error("it is out")]
    pub(super) struct Out;

    #[derive(Debug, Clone, cqrs::Command)]
    #[cqrs(aggregate = Lamp)]
    pub(super) struct Light {
        #[cqrs(id)]
        pub(super) number: u8,
    }

    #[derive(Debug, Clone, cqrs::Command)]
    #[cqrs(aggregate = Lamp)]
    pub(super) struct PutOut {
        #[cqrs(id)]
        pub(super) number: u8,
    }

    pub(super) struct Lamp {
        lit: bool,
    }

    #[cqrs::aggregate(event = LampEvent, error = Out)]
    impl Lamp {
        #[cqrs::handle]
        fn light(command: Light) -> Result<LampEvent, Out> {
            Ok(LampEvent::Lit { number: command.number })
        }

        #[::cqrs::handle]
        #[allow(clippy::needless_arbitrary_self_type)]
        fn put_out(self: &Self, command: &PutOut) -> Result<LampEvent, Out> {
            if self.lit { Ok(LampEvent::PutOut { number: command.number }) } else { Err(Out) }
        }

        #[cqrs::on(Lit)]
        fn lit() -> Self {
            Self { lit: true }
        }

        #[cqrs::prelude::on(PutOut)]
        #[allow(clippy::needless_arbitrary_self_type)]
        fn out(self: &mut Self) {
            self.lit = false;
        }
    }
}

#[test]
fn a_domain_without_imports() {
    super::run(async {
        let engine = Engine::builder(MemoryStore::new()).aggregate::<lamp::Lamp>().start().await.unwrap();
        engine.execute(lamp::Light { number: 1 }).await.unwrap();
        engine.execute(lamp::PutOut { number: 1 }).await.unwrap();
        assert_eq!(engine.execute(lamp::PutOut { number: 1 }).await.unwrap_err().to_string(), "it is out");
    });
}
