//! The test kit for users.

use cqrs::{CommandError, prelude::*, testkit::given};

use crate::account::*;

const ID: Uuid = Uuid::from_u128(7);

#[test]
fn given_when_then() {
    given([]).when(Open { id: ID, owner: "ann".into() }).then([AccountEvent::Opened { id: ID, owner: "ann".into() }]);

    given([AccountEvent::Opened { id: ID, owner: "ann".into() }, AccountEvent::Deposited { id: ID, amount: 5 }])
        .when(Withdraw { id: ID, amount: 2 })
        .then([AccountEvent::Withdrawn { id: ID, amount: 2 }])
        .then_result(3);

    given([AccountEvent::Opened { id: ID, owner: "ann".into() }])
        .when(Withdraw { id: ID, amount: 2 })
        .then_error(AccountError::Overdrawn { balance: 0 });

    given([]).when(Withdraw { id: ID, amount: 2 }).then_error(AccountError::NotFound(ID));

    given([AccountEvent::Opened { id: ID, owner: "ann".into() }])
        .when(Open { id: ID, owner: "ann".into() })
        .then_failure(|error| matches!(error, CommandError::AlreadyExists { .. }));
}

#[test]
fn values_that_others_hold_are_refused() {
    let open = || Open { id: ID, owner: "ann".into() };

    given([]).taken("account.owner", "ann").when(open()).then_error(AccountError::OwnerHasOne("ann".into()));

    let opened = AccountEvent::Opened { id: ID, owner: "ann".into() };
    given([]).taken("account.owner", "bob").taken("account.email", "ann").when(open()).then([opened]);
}

#[test]
fn a_taken_value_without_an_error_of_the_domain_is_a_failure() {
    given([])
        .taken("badge.number", 7)
        .when(Hand { id: ID, number: 7 })
        .then_failure(|error| matches!(error, CommandError::AlreadyClaimed(lost) if lost.value == "7"));
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Badge)]
struct Hand {
    #[cqrs(id)]
    id: Uuid,
    number: u32,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "badge", id = id)]
enum BadgeEvent {
    Handed {
        id: Uuid,
        #[cqrs(unique)]
        number: u32,
    },
}

struct Badge;

#[aggregate(event = BadgeEvent, error = std::convert::Infallible)]
impl Badge {
    #[handle]
    fn hand(Hand { id, number }: Hand) -> Result<BadgeEvent, std::convert::Infallible> {
        Ok(BadgeEvent::Handed { id, number })
    }

    #[on(Handed)]
    fn handed() -> Self {
        Self
    }
}

#[test]
#[should_panic(expected = r#"account.withdrawn {"id":"00000000-0000-0000-0000-000000000007","amount":2}"#)]
fn a_difference_is_shown_as_stored() {
    given([AccountEvent::Opened { id: ID, owner: "ann".into() }, AccountEvent::Deposited { id: ID, amount: 5 }])
        .when(Withdraw { id: ID, amount: 2 })
        .then_nothing();
}

#[test]
#[should_panic(expected = "event 1 of the history, `account.deposited`, cannot be used")]
fn a_history_that_cannot_be_is_refused() {
    given([AccountEvent::Deposited { id: ID, amount: 5 }]).when(Withdraw { id: ID, amount: 2 }).then_nothing();
}

#[test]
fn handlers_can_be_called_directly() {
    assert!(Account::open(Open { id: ID, owner: "ann".into() }).is_ok());
}
