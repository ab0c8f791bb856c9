//! Whatever happens to a ledger, its answers are the same with snapshots and without.

use cqrs::Version;
use proptest::prelude::*;

use super::ledger::*;
use crate::faulty::{Faulty, Snapshots};

/// What happens to a ledger.
#[derive(Debug, Clone)]
enum Step {
    Post(u8, i64),
    Look,
    /// Two entries at once, of two engines that know nothing of each other.
    Race(u8, i64),
    /// Another engine goes on.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..3_u8, -9..40_i64).prop_map(|(account, amount)| Step::Post(account, amount)),
        2 => Just(Step::Look),
        1 => (0..3_u8, 0..9_i64).prop_map(|(account, amount)| Step::Race(account, amount)),
        2 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..80)
}

/// All answers of a history, and the ledger in the end.
async fn answers(store: &Faulty, steps: &[Step]) -> (Vec<Result<Ledger, String>>, Ledger) {
    let mut current = engine(store.clone()).await;
    current.execute(Open { id: ID }).await.unwrap();
    let mut answers = Vec::new();
    for step in steps {
        match *step {
            Step::Post(account, amount) => {
                let answer = current.execute(Post { id: ID, account, amount }).await;
                answers.push(answer.map(|receipt| receipt.result).map_err(|error| error.to_string()));
            }
            Step::Look => answers.push(Ok(look(&current).await)),
            Step::Race(account, amount) => {
                let other = engine(store.clone()).await;
                let post = Post { id: ID, account, amount };
                let (one, two) = tokio::join!(current.execute(post.clone()), other.execute(post));
                assert!(one.is_ok() && two.is_ok());
            }
            Step::Restart => {
                // Lets what is in the background come to an end.
                tokio::task::yield_now().await;
                current = engine(store.clone()).await;
            }
        }
    }
    let last = look(&current).await;
    (answers, last)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_the_same_with_snapshots_and_without(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (with, without) = (faultless(), faultless().snapshots(Snapshots::Forgotten));
            let answered = answers(&with, &steps).await;
            prop_assert_eq!(&answered, &answers(&without, &steps).await);
            prop_assert_eq!(&answered.1, &folded(&with, Version(u64::from(u32::MAX))).await);
            assert_true(&with, &with.given(|_| true).await).await;
            Ok(())
        })?;
    }
}
