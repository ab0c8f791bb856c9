//! A domain in nested modules.

/// Carts.
pub mod cart {
    use events::prelude::*;

    /// What happened to a cart.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
    #[serde(crate = "events::serde")]
    #[cqrs(aggregate = "cart", id = cart, crate = ::events)]
    pub enum CartEvent {
        /// A customer took one.
        Taken {
            /// Which.
            cart: u64,
        },
        /// Something was put in.
        Filled {
            /// Which.
            cart: u64,
            /// What.
            item: items::Item,
        },
    }

    /// What can be put in.
    pub mod items {
        use events::serde;

        /// An item, by name.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(crate = "events::serde")]
        pub struct Item(pub String);
    }

    /// A cart is never refused.
    pub type Never = std::convert::Infallible;

    /// Takes a cart.
    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Cart, crate = ::events)]
    pub struct Take {
        /// Which.
        #[cqrs(id)]
        pub cart: u64,
    }

    /// Puts something in; answers how many things are in it.
    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Cart, result = usize, crate = ::events)]
    pub struct Fill {
        /// Which.
        #[cqrs(id)]
        pub cart: u64,
        /// What.
        pub item: items::Item,
    }

    /// A cart.
    #[derive(Debug)]
    pub struct Cart {
        items: usize,
    }

    #[aggregate(event = CartEvent, error = Never, crate = ::events)]
    impl Cart {
        #[handle]
        const fn take(command: Take) -> Result<CartEvent, Never> {
            Ok(CartEvent::Taken { cart: command.cart })
        }

        #[handle]
        fn fill(&self, command: Fill) -> Result<(CartEvent, usize), Never> {
            Ok((CartEvent::Filled { cart: command.cart, item: command.item }, self.items.saturating_add(1)))
        }

        #[on(Taken)]
        const fn taken() -> Self {
            Self { items: 0 }
        }

        #[on(Filled)]
        const fn filled(&mut self) {
            self.items = self.items.saturating_add(1);
        }
    }
}

/// What is looked at.
pub mod views {
    use super::cart::{CartEvent, items::Item};
    use events::prelude::*;

    /// A cart to look at.
    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ReadModel)]
    #[serde(crate = "events::serde")]
    #[cqrs(name = "carts", crate = ::events)]
    pub struct CartView {
        /// Which.
        #[cqrs(key)]
        pub cart: u64,
        /// What is in it.
        pub items: Vec<Item>,
    }

    /// Asks for a cart.
    #[derive(Debug, Query)]
    #[cqrs(model = CartView, result = Option<CartView>, crate = ::events)]
    pub struct GetCart {
        /// Which.
        pub cart: u64,
    }

    #[projection(event = CartEvent, crate = ::events)]
    impl CartView {
        #[on(Taken)]
        const fn taken(cart: u64) -> Self {
            Self { cart, items: Vec::new() }
        }

        #[on(Filled)]
        fn filled(&mut self, item: Item) {
            self.items.push(item);
        }

        #[handle]
        async fn get(carts: &Views<Self>, query: GetCart) -> Result<Option<Self>, QueryError> {
            carts.get(&query.cart).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cart::{Cart, CartEvent, Fill, Take, items::Item};
    use events::{prelude::*, testkit::given};

    const fn assert_aggregate<A: Aggregate>() {}

    #[test]
    fn a_cart_counts_its_items() {
        let apple = Item("apple".into());
        given([CartEvent::Taken { cart: 7 }])
            .when(Fill { cart: 7, item: apple.clone() })
            .then([CartEvent::Filled { cart: 7, item: apple }])
            .then_result(1);
        given([]).when(Take { cart: 7 }).then([CartEvent::Taken { cart: 7 }]);
        assert_eq!(CartEvent::Taken { cart: 7 }.aggregate_id(), Take { cart: 7 }.aggregate_id());
        assert_aggregate::<Cart>();
    }
}
