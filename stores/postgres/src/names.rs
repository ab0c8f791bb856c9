//! Where a log lives: a schema, and a prefix for the names in it.

use cqrs_core::StoreError;

/// The schema where none is named.
pub(crate) const SCHEMA: &str = "cqrs";

/// The longest name of a schema or a log, in bytes: with what is added to it, it fits into an identifier of the server.
const MAX_BYTES: usize = 30;

/// What the server cuts names to, in bytes.
pub(crate) const MAX_IDENTIFIER_BYTES: usize = 63;

/// The log's place among those of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    schema: String,
    /// Before every name of the log, `orders_`; empty for the log without a name.
    prefix: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), prefix: String::new() }
    }
}

impl Names {
    /// The names of the log `log` in `schema`.
    pub(crate) fn new(schema: &str, log: Option<&str>) -> Result<Self, StoreError> {
        let named = log.map_or(Ok(()), |log| valid("log", log).and_then(|()| unlike_a_view(log)));
        valid("schema", schema).and(named)?;
        Ok(Self { schema: schema.to_owned(), prefix: log.map(|log| format!("{log}_")).unwrap_or_default() })
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// The whole name of something of the log, quoted.
    pub(crate) fn of(&self, name: &str) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.local(name)))
    }

    /// Its name within the schema.
    pub(crate) fn local(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// SQL with this log's names: `{log}` before a name of the log's, `{schema}`, and `{channel}`.
    pub(crate) fn render(&self, sql: &str) -> String {
        let schema = quoted(&self.schema);
        sql.replace("{log}", &format!("{schema}.{}", self.prefix))
            .replace("{local}", &self.prefix)
            .replace("{schema}", &schema)
            .replace("{channel}", &self.channel())
    }

    /// What appends to the log are notified on. Channels are shared by the whole database, and the server takes no longer
    /// names for them than for tables.
    pub(crate) fn channel(&self) -> String {
        let place = format!("{}.{}", self.schema, self.prefix);
        let named = format!("cqrs {place}");
        if named.len() > MAX_IDENTIFIER_BYTES { place } else { named }
    }
}

/// The names go unquoted into SQL that is the same for every log, so they are plain.
fn valid(what: &str, name: &str) -> Result<(), StoreError> {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_');
    if is_plain && name.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!(
        "`{name}` cannot be the name of a {what}: it begins with a letter from `a` to `z`, goes on with those, digits and \
         `_`, and has at most {MAX_BYTES} of them"
    );
    Err(StoreError::Unopenable { message, source: None })
}

/// Keeps the tables of a log apart from the read models' of others: `shop_view_events` is one of the log `shop`.
fn unlike_a_view(log: &str) -> Result<(), StoreError> {
    if log.split('_').all(|word| word != "view") {
        return Ok(());
    }
    let message = format!("`{log}` cannot be the name of a log: names with the word `view` are those of read models");
    Err(StoreError::Unopenable { message, source: None })
}

/// An identifier that may hold anything.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_one_schema_have_names_of_their_own() {
        let (main, orders) = (Names::new("cqrs", None).unwrap(), Names::new("cqrs", Some("orders")).unwrap());
        assert_eq!(main.of("events"), r#""cqrs"."events""#);
        assert_eq!(orders.of("events"), r#""cqrs"."orders_events""#);
        assert_eq!(orders.render("SELECT FROM {log}events"), r#"SELECT FROM "cqrs".orders_events"#);
        assert_ne!(main.channel(), orders.channel());
    }

    #[test]
    fn names_that_are_not_plain_are_refused() {
        for name in ["", "Cqrs", "1st", "a-b", "a\"b", "ä", &"a".repeat(31)] {
            assert!(Names::new(name, None).is_err(), "{name}");
            assert!(Names::new("cqrs", Some(name)).is_err(), "{name}");
        }
        for log in ["view", "view_users", "shop_view", "shop_view_old"] {
            assert!(Names::new("cqrs", Some(log)).is_err(), "{log}");
        }
        assert!(Names::new("cqrs", Some("reviews")).is_ok());
    }

    #[test]
    fn channels_are_no_longer_than_the_server_takes() {
        let longest = |schema: &str| Names::new(&schema.repeat(MAX_BYTES), Some(&"l".repeat(MAX_BYTES))).unwrap();
        let channels = [longest("a").channel(), longest("b").channel()];
        assert_ne!(channels[0], channels[1]);
        assert!(channels.iter().all(|channel| channel.len() <= MAX_IDENTIFIER_BYTES));
    }
}
