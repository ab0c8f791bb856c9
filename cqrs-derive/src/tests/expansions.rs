//! What comes out, as readable files: `CQRS_BLESS=1 cargo test -p cqrs-derive expansions` writes them anew. Expanded code
//! costs its users compile time, so its length has a budget.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;

use crate::derives;

/// Compares an expansion with its file, and with how many lines it may have.
pub(crate) fn expands(name: &str, output: TokenStream, budget: usize) {
    let output = prettyplease::unparse(&syn::parse2(output).unwrap());
    let lines = output.lines().count();
    assert!(lines <= budget, "{name} expands to {lines} lines, {budget} are allowed:\n{output}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/expansions").join(name).with_extension("txt");
    if env::var_os("CQRS_BLESS").is_some() {
        fs::write(&file, &output).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), output, "{name}");
}

fn source(text: &str) -> TokenStream {
    text.parse().unwrap()
}

#[test]
fn events() {
    let source = source(
        r#"
        #[cqrs(aggregate = "user", id = id)]
        pub enum UserEvent {
            Created {
                id: Uuid,
                #[cqrs(unique, taken = UserError::EmailExists)]
                email: String,
                name: String,
            },
            #[cqrs(alias = "user.changed")]
            Updated { id: Uuid, name: Option<String> },
            #[cqrs(release(email))]
            Closed(#[cqrs(id)] Uuid),
            Moved(UserMoved),
        }
        "#,
    );
    expands("event", derives::event(source), 40 + 10 * 4);
}

#[test]
fn commands() {
    let source = source(
        "#[cqrs(aggregate = User, result = Uuid)] pub struct CreateUser { #[cqrs(id)] pub id: Uuid, pub email: String }",
    );
    expands("command", derives::command(source), 25);
}

#[test]
fn queries() {
    let source = source("#[cqrs(model = UserView, result = Vec<UserView>)] pub struct ListUsers { pub page: u32 }");
    expands("query", derives::query(source), 25);
}

#[test]
fn read_models() {
    let source = source(
        r#"
        #[cqrs(name = "users")]
        pub struct UserView {
            #[cqrs(key)]
            pub id: Uuid,
            #[cqrs(index)]
            email: Option<String>,
            pub name: String,
        }
        "#,
    );
    expands("read_model", derives::read_model(source), 40 + 10 * 2);
}

#[test]
fn dispatchers() {
    let source = source("pub struct App { engine: Engine, registration: Registration, #[cqrs(skip)] title: String }");
    expands("dispatcher", derives::dispatcher(source), 30 + 20 * 3);
}
