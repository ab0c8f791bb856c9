//! Unique values and who holds them (S7).

use std::{collections::BTreeSet, sync::Arc};

use super::hash::HashMap;
use crate::store::{AlreadyClaimed, Claim, StreamId};

/// Every claimed value, by key.
#[derive(Default)]
pub(super) struct Claims {
    keys: HashMap<Arc<str>, Values>,
}

/// The claimed values of one key, by value and by holder.
#[derive(Default)]
struct Values {
    holders: HashMap<Arc<str>, StreamId>,
    held: HashMap<StreamId, BTreeSet<Arc<str>>>,
}

/// A value and who held it before it was changed.
struct Former {
    key: Arc<str>,
    value: Arc<str>,
    holder: Option<StreamId>,
}

impl Claims {
    pub(super) fn holder(&self, key: &str, value: &str) -> Option<&StreamId> {
        self.keys.get(key)?.holders.get(value)
    }

    /// Makes all changes in order, or none where one takes a value that another holds.
    pub(super) fn change(&mut self, claims: &[Claim]) -> Result<(), AlreadyClaimed> {
        let mut changed = Vec::new();
        for claim in claims {
            if let Err(refused) = self.change_one(claim, &mut changed) {
                for Former { key, value, holder } in changed.into_iter().rev() {
                    self.keys.entry(key).or_default().set(&value, holder);
                }
                return Err(refused);
            }
        }
        Ok(())
    }

    fn change_one(&mut self, claim: &Claim, changed: &mut Vec<Former>) -> Result<(), AlreadyClaimed> {
        let key = claim.key();
        let values = match self.keys.get_mut(key) {
            Some(values) => values,
            None => self.keys.entry(Arc::clone(key)).or_default(),
        };
        let mut set = |values: &mut Values, value: &Arc<str>, holder: Option<&StreamId>| {
            let former = values.set(value, holder.cloned());
            changed.push(Former { key: Arc::clone(key), value: Arc::clone(value), holder: former });
        };
        match claim {
            Claim::Take { value, holder, .. } | Claim::Replace { value, holder, .. } => {
                let value = match values.holders.get_key_value(&**value) {
                    Some((_, other)) if other != holder => {
                        return Err(AlreadyClaimed {
                            key: Arc::clone(key),
                            value: value.clone(),
                            holder: other.clone(),
                        });
                    }
                    Some((stored, _)) => Arc::clone(stored),
                    None => Arc::from(&**value),
                };
                if matches!(claim, Claim::Replace { .. }) {
                    for other in values.held_by(holder).into_iter().filter(|held| *held != value) {
                        set(values, &other, None);
                    }
                }
                set(values, &value, Some(holder));
            }
            Claim::Release { value: Some(value), holder, .. } => {
                if values.holders.get(&**value) == Some(holder) {
                    set(values, &Arc::from(&**value), None);
                }
            }
            Claim::Release { value: None, holder, .. } => {
                for value in values.held_by(holder) {
                    set(values, &value, None);
                }
            }
        }
        Ok(())
    }
}

impl Values {
    fn held_by(&self, holder: &StreamId) -> Vec<Arc<str>> {
        self.held.get(holder).into_iter().flatten().cloned().collect()
    }

    /// Gives `value` to `holder`, or to nobody, and answers who held it.
    fn set(&mut self, value: &Arc<str>, holder: Option<StreamId>) -> Option<StreamId> {
        let former = match &holder {
            Some(holder) => self.holders.insert(Arc::clone(value), holder.clone()),
            None => self.holders.remove(value),
        };
        if let Some(former) = &former
            && let Some(held) = self.held.get_mut(former)
        {
            held.remove(value);
            if held.is_empty() {
                self.held.remove(former);
            }
        }
        if let Some(holder) = holder {
            self.held.entry(holder).or_default().insert(Arc::clone(value));
        }
        former
    }
}
