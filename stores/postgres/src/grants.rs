//! The rights of a role that works with a log and does not make its tables.

use cqrs_core::{Schema, StoreError};

use crate::{
    names::{Names, quoted},
    tables::Table,
};

const GRANTS: &str = include_str!("../sql/grants.sql");

pub(crate) fn script(names: &Names, role: &str, read_models: &[&'static Schema]) -> Result<String, StoreError> {
    let role = quoted(role);
    let table = |schema: &&'static Schema| {
        let Table { name, .. } = Table::of(schema, names)?;
        Ok(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {role};\n"))
    };
    let tables = read_models.iter().map(table).collect::<Result<String, StoreError>>()?;
    Ok(names.render(GRANTS).replace("{role}", &role) + &tables)
}
