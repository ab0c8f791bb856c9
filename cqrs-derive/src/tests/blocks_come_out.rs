//! The user's block comes out whatever is wrong with it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{errors, mutation::mutant};
use crate::{blocks, symbol};

const ROUNDS: u64 = 600;

type Block = fn(TokenStream, TokenStream) -> TokenStream;

const AGGREGATE: (&str, &str) = (
    "event = UserEvent, error = UserError, not_found = UserError::NotFound, ignore(Viewed), crate = ::cqrs, \
     blocks = 2, snapshot(every = 100, version = 2)",
    r#"
    #[allow(dead_code)]
    impl User {
        #[handle]
        fn create(command: CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> {
            let CreateUser { id, email } = command;
            Ok((UserEvent::Created { id, email, at: ctx.now() }, id))
        }
        /// Closes it.
        #[handle]
        #[cfg(feature = "closing")]
        pub(crate) fn close(&self, command: &CloseUser) -> Result<Option<UserEvent>, UserError> { self.closing(command) }
        #[on(Created)]
        fn created(email: String, r#type: &u8) -> Self { Self { email } }
        #[on(Closed, Removed(reason, _by))]
        fn closed(&mut self, reason: Reason) { self.reason = reason }
        const LIMIT: usize = { 3 };
    }
"#,
);

const PROJECTION: (&str, &str) = (
    "events(UserEvent, orders::OrderEvent), ignore(UserEvent::Viewed, OrderEvent::Sent)",
    "
    impl UserView {
        #[on(UserEvent::Created)]
        fn created(id: Uuid, email: String) -> Self { Self { id, email } }
        #[on(OrderEvent::Placed, key = user, or_insert = Self::empty)]
        fn ordered(&mut self, #[recorded] recorded: &RecordedEvent) -> Change { self.orders += 1; Change::Keep }
        #[handle]
        async fn by_id(views: &Views<Self>, query: GetUserById) -> Result<Self, QueryError> { views.get(&query.id).await }
    }
",
);

const STATEMENTS: (&str, &str) = (
    "events(UserEvent, OrderEvent), name = \"signups\", transaction = PgTransaction, ignore(UserEvent::Viewed)",
    "
    impl Signups {
        #[setup]
        async fn tables(tx: &mut PgTransaction<'_>) -> Result<(), PgError> { tx.batch(TABLES).await }
        #[on(UserEvent::Created)]
        async fn created(tx: &mut PgTransaction<'_>, email: &str) -> Result<(), PgError> { tx.execute(email).await }
        #[on(OrderEvent::Placed(user, _at))]
        async fn ordered(tx: &mut PgTransaction<'_>, user: Uuid, #[recorded] e: &RecordedEvent) -> Result<(), Error> { ok(e) }
    }
",
);

const COMMANDS: (&str, &str) = (
    "",
    "
    impl<M: Mailer> Registration<M> where M: Send {
        pub fn new(mailer: M) -> Self { Self { mailer } }
        #[handle]
        async fn register(&self, command: Register, ctx: &Context) -> Result<Uuid, Error> { self.send(command).await }
    }
",
);

const FURTHER: (&str, &str) = (
    "block = 2, crate = ::cqrs",
    "
    impl User {
        #[handle]
        fn close(&self, command: &CloseUser) -> Result<Option<UserEvent>, UserError> { self.closing(command) }
        fn closing(&self, command: &CloseUser) -> Result<Option<UserEvent>, UserError> { Ok(None) }
    }
",
);

const QUERIES: (&str, &str) = (
    "crate = ::cqrs",
    "impl Reports { #[handle] async fn count(&self, query: Count) -> Result<u64, QueryError> { Ok(self.count) } }",
);

const BLOCKS: [(Block, (&str, &str)); 6] = [
    (blocks::aggregate, AGGREGATE),
    (blocks::aggregate, FURTHER),
    (blocks::projection, PROJECTION),
    (blocks::projection, STATEMENTS),
    (blocks::command_handlers, COMMANDS),
    (blocks::query_handlers, QUERIES),
];

#[test]
fn valid_blocks_have_no_errors() {
    for (block, (arguments, item)) in BLOCKS {
        let output = block(arguments.parse().unwrap(), item.parse().unwrap());
        assert_eq!(errors(output.clone()), [], "{item}");
        syn::parse2::<syn::File>(output).unwrap();
    }
}

#[test]
fn half_typed_blocks_come_out() {
    for (block, (arguments, item)) in BLOCKS {
        let (arguments, item): (TokenStream, TokenStream) = (arguments.parse().unwrap(), item.parse().unwrap());
        for seed in 1..=ROUNDS {
            comes_out(block, &arguments, &mutant(&item, seed), seed);
            comes_out(block, &mutant(&arguments, seed), &item, seed);
        }
    }
}

/// That every body comes out, token by token, and nothing panics.
fn comes_out(block: Block, arguments: &TokenStream, item: &TokenStream, seed: u64) {
    let run = AssertUnwindSafe(|| block(arguments.clone(), item.clone()));
    let output = catch_unwind(run).unwrap_or_else(|_| panic!("a macro panicked on seed {seed}: {arguments} on {item}"));
    let output = output.to_string();
    for body in item.clone().into_iter().filter_map(in_braces).flatten().filter_map(in_braces) {
        assert!(output.contains(&body.to_string()), "seed {seed}: `{body}` is lost from {item}");
    }
}

fn in_braces(tree: TokenTree) -> Option<TokenStream> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

#[test]
fn a_helper_outside_of_a_block_says_where_it_belongs() {
    let output = blocks::misplaced(symbol::ON, &"fn created() {}".parse().unwrap());
    let message = "`#[on]` means something only on a method of a block with `#[aggregate]` or `#[projection]`\n\
                   help: put that attribute on the `impl`";
    assert_eq!(errors(output.clone())[0].0, message);
    assert!(output.to_string().starts_with("fn created"));
}

#[test]
fn attributes_of_others_stay() {
    let item =
        "impl User { #[inline] #[on(Created)] fn created(#[allow(unused)] id: Uuid) -> Self { on!(#[on(x)] y) } }";
    let output = blocks::aggregate("event = E, error = X".parse().unwrap(), item.parse().unwrap()).to_string();
    let kept: TokenStream = "fn created(#[allow(unused)] id: Uuid) -> Self { on!(#[on(x)] y) }".parse().unwrap();
    assert!(output.starts_with("impl User { # [inline]"), "{output}");
    assert!(output.contains(&kept.to_string()), "{output}");
}

#[test]
fn a_handler_that_has_to_wait_comes_out_async() {
    let method = |expand: Block, waits: &str| {
        let block =
            format!("impl User {{ #[handle] pub {waits} fn get(&self, query: Get) -> R {{ self.all().await }} }}");
        expand(TokenStream::new(), block.parse().unwrap()).to_string()
    };
    let awaits = |output: &str| output.contains("pub async fn get");
    for expand in [blocks::query_handlers as Block, blocks::command_handlers, blocks::projection] {
        assert!(awaits(&method(expand, "")) && awaits(&method(expand, "async")));
    }
    let by_path = "impl User { #[cqrs::handle] pub fn get(&self, query: Get) -> R { self.all().await } }";
    assert!(awaits(&blocks::query_handlers(TokenStream::new(), by_path.parse().unwrap()).to_string()));
    assert!(!awaits(&method(blocks::aggregate, "")));
    assert!(method(blocks::projection, "unsafe").contains("pub unsafe fn get"));
}
