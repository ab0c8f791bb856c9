//! Half-typed code: whatever is dropped, doubled or swapped, a macro answers with items and never panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::derives;

const ROUNDS: u64 = 800;

const EVENT: &str = r#"
    #[serde(rename_all = "snake_case")]
    #[cqrs(aggregate = "user", id = id, id_type = Uuid, crate = ::cqrs)]
    pub enum UserEvent<T: Clone> where T: Send {
        Created { id: Uuid, #[cqrs(unique, taken = UserError::EmailExists)] email: String, value: Vec<T> },
        #[cqrs(name = "user.closed", alias = "user.deleted", release(email, login))]
        Closed(#[cqrs(id)] Uuid, #[cqrs(unique = "login")] u32),
        Moved(Moved),
        Gone { #[cqrs(id)] r#type: Uuid },
    }
"#;

const COMMAND: &str = r#"
    #[cqrs(aggregate = User, result = Vec<(Uuid, u8)>, name = "create_user")]
    pub struct CreateUser { #[cqrs(id)] pub id: Uuid, pub email: String }
"#;

const QUERY: &str = "
    #[cqrs(model = UserView, result = Option<UserView>, error = QueryError)]
    pub struct GetUser { pub id: Uuid }
";

const READ_MODEL: &str = r#"
    #[cqrs(name = "users")]
    pub struct UserView {
        #[cqrs(key)] pub id: Uuid,
        #[cqrs(index)] #[serde(default)] pub(crate) email: Option<String>,
        name: String,
    }
"#;

const DISPATCHER: &str = "
    pub struct App<'a, const N: usize> where 'a: 'static { engine: Engine, #[cqrs(skip)] title: &'a [u8; N] }
";

#[test]
fn derives_answer_anything_with_items() {
    survives(derives::event, EVENT);
    survives(derives::command, COMMAND);
    survives(derives::query, QUERY);
    survives(derives::read_model, READ_MODEL);
    survives(derives::dispatcher, DISPATCHER);
}

fn survives(derive: fn(TokenStream) -> TokenStream, source: &str) {
    let source: TokenStream = source.parse().unwrap();
    for seed in 1..=ROUNDS {
        let mutant = mutant(&source, seed);
        let output = catch_unwind(AssertUnwindSafe(|| derive(mutant.clone())));
        let output = output.unwrap_or_else(|_| panic!("a macro panicked on seed {seed}: {mutant}"));
        assert!(syn::parse2::<syn::File>(output).is_ok(), "no items came out for seed {seed}: {mutant}");
    }
}

/// `source` with one to three of its tokens dropped, doubled or swapped with the next. The same for the same seed.
pub(crate) fn mutant(source: &TokenStream, seed: u64) -> TokenStream {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut tokens = source.clone();
    for _ in 0..=random.below(3) {
        let place = random.below(count(&tokens).max(1));
        tokens = changed(tokens, &mut Some(place), random.below(3));
    }
    tokens
}

/// How many tokens there are, those in groups and the groups themselves.
fn count(tokens: &TokenStream) -> usize {
    let inner = |token| if let TokenTree::Group(group) = token { count(&group.stream()) } else { 0 };
    tokens.clone().into_iter().map(|token| 1 + inner(token)).sum()
}

fn changed(tokens: TokenStream, place: &mut Option<usize>, how: usize) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match *place {
            Some(0) => {
                *place = None;
                match how {
                    0 => {}
                    1 => out.extend([token.clone(), token]),
                    _ => out.extend(tokens.next().into_iter().chain([token])),
                }
            }
            Some(left) => {
                *place = Some(left - 1);
                out.push(match token {
                    TokenTree::Group(group) => {
                        let mut inner = Group::new(group.delimiter(), changed(group.stream(), place, how));
                        inner.set_span(group.span());
                        inner.into()
                    }
                    token => token,
                });
            }
            None => out.push(token),
        }
    }
    out.into_iter().collect()
}

/// Marsaglia's xorshift, enough to pick tokens.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % limit
    }
}
