//! A part of a generated domain, with the macros. See `generate.rs` for what is repeated.

use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "part0", id = id)]
pub enum PartEvent {
    Created {
        id: Uuid,
        #[cqrs(unique, taken = PartError::NameTaken)]
        name: String,
    },
    // each
    Changed1 {
        id: Uuid,
        amount: u64,
        note: Option<String>,
    },
    // end
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Part, result = Uuid, name = "part0_create")]
pub struct Create {
    #[cqrs(id)]
    pub id: Uuid,
    pub name: String,
}

// each
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Part, name = "part0_change1")]
pub struct Change1 {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: u64,
    pub note: Option<String>,
}

// end
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error("no such part: {0}")]
    NotFound(Uuid),
    #[error("a part is called {0} already")]
    NameTaken(String),
    #[error("a part has a name")]
    NoName,
    #[error("too much for {0}")]
    TooMuch(u64),
}

pub struct Part {
    total: u64,
}

#[aggregate(event = PartEvent, error = PartError, not_found = PartError::NotFound)]
impl Part {
    #[handle]
    fn create(command: Create) -> Result<(PartEvent, Uuid), PartError> {
        let Create { id, name } = command;
        if name.is_empty() {
            return Err(PartError::NoName);
        }
        Ok((PartEvent::Created { id, name }, id))
    }

    // each
    #[handle]
    fn change1(&self, command: Change1) -> Result<PartEvent, PartError> {
        let Change1 { id, amount, note } = command;
        if amount > self.total + 1 {
            return Err(PartError::TooMuch(self.total));
        }
        Ok(PartEvent::Changed1 { id, amount, note })
    }

    // end
    #[on(Created)]
    fn created() -> Self {
        Self { total: 0 }
    }

    // each
    #[on(Changed1)]
    fn changed1(&mut self, amount: u64) {
        self.total += amount;
    }
    // end
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "parts0")]
pub struct PartView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub name: String,
    pub total: u64,
    pub note: Option<String>,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = PartView, result = Option<PartView>, name = "part0_by_name")]
pub struct GetPart {
    pub name: String,
}

#[projection(event = PartEvent)]
impl PartView {
    #[on(Created)]
    fn created(id: Uuid, name: String) -> Self {
        Self { id, name, total: 0, note: None }
    }

    // each
    #[on(Changed1)]
    fn changed1(&mut self, amount: u64, note: Option<String>) {
        self.total += amount;
        self.note = note;
    }

    // end
    #[handle]
    async fn by_name(parts: &Views<Self>, query: GetPart) -> Result<Option<Self>, QueryError> {
        parts.filter(Self::NAME.eq(query.name)).first().await
    }
}
