//! Why a command or a query was not carried out by name.

use std::error::Error;

/// A command or query that was not carried out by name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Nothing has this name.
    #[error("there is no {kind} `{name}`{}", .nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
    Unknown {
        /// `command` or `query`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<&'static str>,
    },
    /// Several have this name, so that none of them is called: give one another with `#[cqrs(name = "…")]`, or leave its
    /// handler out of the dispatcher with `#[cqrs(skip)]`.
    #[error("{count} {kind} handlers go by the name `{name}`, so it calls none of them")]
    Ambiguous {
        /// `command` or `query`.
        kind: &'static str,
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// It can be executed by type only.
    #[error("`{name}` cannot be called by name: {why}")]
    NotByName {
        /// Its name.
        name: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// The JSON is not what it asks for.
    #[error("the input of `{name}` is not valid: {cause}")]
    Input {
        /// Its name.
        name: &'static str,
        /// What serde says.
        cause: String,
    },
    /// The domain refused it: show it to the user.
    #[error("{source}")]
    Rejected {
        /// Its name.
        name: &'static str,
        /// The domain's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Anything else.
    #[error("{source}")]
    Failed {
        /// Its name.
        name: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A query's own error, as it says it.
    #[error("{message}")]
    Query {
        /// Its name.
        name: &'static str,
        /// What it says.
        message: String,
    },
    /// It was carried out, but its answer cannot be written as JSON.
    #[error("the answer of `{name}` cannot be written as JSON: {cause}")]
    Output {
        /// Its name.
        name: &'static str,
        /// What serde says.
        cause: String,
    },
}

impl RouteError {
    /// Says why `name`, which as many have as are found in `known`, does not call one of them.
    pub(super) fn unrouted(kind: &'static str, name: &str, known: &[&'static str]) -> Self {
        let count = known.iter().filter(|known| **known == name).count();
        if count > 1 {
            return Self::Ambiguous { kind, name: name.to_owned(), count };
        }
        let distance = |known: &str| edit_distance(name, known);
        let nearest = known.iter().copied().min_by_key(|known| distance(known)).filter(|known| distance(known) <= 3);
        Self::Unknown { kind, name: name.to_owned(), nearest }
    }
}

fn edit_distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.chars().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
