//! A domain with the macros of a prelude crate.

use house::prelude::*;

/// What became of a light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[serde(crate = "house::events::serde")]
#[cqrs(aggregate = "light", id = light, crate = ::house::events)]
pub enum LightEvent {
    /// It was hung.
    Hung {
        /// Which.
        light: u64,
    },
    /// It was lit.
    Lit {
        /// Which.
        light: u64,
        /// How often, counting this time.
        times: u32,
    },
}

/// Hangs a light.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Light, crate = ::house::events)]
pub struct Hang(#[cqrs(id)] pub u64);

/// Lights one; answers how often it has been.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Light, result = u32, crate = house::events)]
pub struct TurnOn(#[cqrs(id)] pub u64);

/// A light.
#[derive(Debug)]
pub struct Light {
    times: u32,
}

#[aggregate(event = LightEvent, error = Never, crate = ::house::events)]
impl Light {
    #[handle]
    const fn hang(command: &Hang) -> Result<LightEvent, Never> {
        Ok(LightEvent::Hung { light: command.0 })
    }

    #[handle]
    const fn turn_on(&self, command: &TurnOn) -> Result<(LightEvent, u32), Never> {
        let times = self.times.saturating_add(1);
        Ok((LightEvent::Lit { light: command.0, times }, times))
    }

    #[on(Hung)]
    const fn hung() -> Self {
        Self { times: 0 }
    }

    #[on(Lit)]
    const fn lit(&mut self, times: u32) {
        self.times = times;
    }
}

/// A light to look at.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ReadModel)]
#[serde(crate = "house::events::serde")]
#[cqrs(name = "lights", crate = ::house::events)]
pub struct LightView {
    /// Which.
    #[cqrs(key)]
    pub light: u64,
    /// How often it was lit.
    #[cqrs(index)]
    pub times: u32,
}

/// Asks for a light.
#[derive(Debug, Query)]
#[cqrs(model = LightView, result = Option<LightView>, crate = ::house::events)]
pub struct GetLight(pub u64);

#[projection(event = LightEvent, crate = ::house::events)]
impl LightView {
    #[on(Hung)]
    const fn hung(light: u64) -> Self {
        Self { light, times: 0 }
    }

    #[on(Lit)]
    const fn lit(&mut self, times: u32) {
        self.times = times;
    }

    #[handle]
    async fn get(lights: &Views<Self>, query: GetLight) -> Result<Option<Self>, QueryError> {
        lights.get(&query.0).await
    }
}

/// Lights several at once.
#[derive(Debug, Clone, Command)]
#[cqrs(result = usize, crate = ::house::events)]
pub struct TurnAllOn(pub Vec<u64>);

/// Who turns them on.
#[derive(Debug)]
pub struct Caretaker {
    engine: Engine,
}

#[command_handlers(crate = ::house::events)]
impl Caretaker {
    #[handle]
    async fn turn_all_on(&self, command: TurnAllOn) -> Result<usize, Never> {
        let mut lit = 0_usize;
        for light in command.0 {
            lit = lit.saturating_add(usize::from(self.engine.execute(TurnOn(light)).await.is_ok()));
        }
        Ok(lit)
    }
}

/// Asks how often a light was lit.
#[derive(Debug, Query)]
#[cqrs(result = u32, crate = ::house::events)]
pub struct Times(pub u64);

#[query_handlers(crate = ::house::events)]
impl Caretaker {
    #[handle]
    async fn times(&self, query: Times) -> Result<u32, QueryError> {
        Ok(self.engine.query(GetLight(query.0)).await?.map_or(0, |light| light.times))
    }
}

/// The whole.
#[derive(Debug, Dispatcher)]
#[cqrs(crate = ::house::events)]
pub struct House {
    /// Of aggregates and views.
    pub engine: Engine,
    /// Of both.
    pub caretaker: Caretaker,
}

#[cfg(test)]
mod tests {
    use super::{Hang, LightEvent, TurnOn};
    use house::events::testkit::given;

    #[test]
    fn lights_count() {
        let hung = LightEvent::Hung { light: 7 };
        let lit = |times| LightEvent::Lit { light: 7, times };
        given([]).when(Hang(7)).then([hung.clone()]);
        given([hung, lit(1)]).when(TurnOn(7)).then([lit(2)]).then_result(2);
    }
}
