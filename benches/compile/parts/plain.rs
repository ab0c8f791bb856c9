//! The same part without a framework: types with serde's derives, and functions. What a domain has whatever runs it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PartEvent {
    Created { id: Uuid, name: String },
    // each
    Changed1 { id: Uuid, amount: u64, note: Option<String> },
    // end
}

#[derive(Debug, Clone, Deserialize)]
pub struct Create {
    pub id: Uuid,
    pub name: String,
}

// each
#[derive(Debug, Clone, Deserialize)]
pub struct Change1 {
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

impl Part {
    pub fn create(command: Create) -> Result<(PartEvent, Uuid), PartError> {
        let Create { id, name } = command;
        if name.is_empty() {
            return Err(PartError::NoName);
        }
        Ok((PartEvent::Created { id, name }, id))
    }

    // each
    pub fn change1(&self, command: Change1) -> Result<PartEvent, PartError> {
        let Change1 { id, amount, note } = command;
        if amount > self.total + 1 {
            return Err(PartError::TooMuch(self.total));
        }
        Ok(PartEvent::Changed1 { id, amount, note })
    }

    // end
    pub fn apply(state: Option<Self>, event: PartEvent) -> Option<Self> {
        match (state, event) {
            (_, PartEvent::Created { .. }) => Some(Self { total: 0 }),
            // each
            (Some(part), PartEvent::Changed1 { amount, .. }) => Some(Self { total: part.total + amount }),
            // end
            (None, _) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartView {
    pub id: Uuid,
    pub name: String,
    pub total: u64,
    pub note: Option<String>,
}

impl PartView {
    pub fn apply(row: Option<Self>, event: PartEvent) -> Option<Self> {
        match (row, event) {
            (_, PartEvent::Created { id, name }) => Some(Self { id, name, total: 0, note: None }),
            // each
            (Some(mut row), PartEvent::Changed1 { amount, note, .. }) => {
                row.total += amount;
                row.note = note;
                Some(row)
            }
            // end
            (None, _) => None,
        }
    }

    pub fn by_name(parts: &[Self], query: GetPart) -> Option<&Self> {
        parts.iter().find(|part| part.name == query.name)
    }
}

#[derive(Debug, Deserialize)]
pub struct GetPart {
    pub name: String,
}
