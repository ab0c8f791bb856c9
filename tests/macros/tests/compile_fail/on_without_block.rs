use cqrs::prelude::*;

pub struct Counter(u64);

impl Counter {
    #[on(Created)]
    fn created(&mut self) {
        self.0 += 1;
    }
}

fn main() {}
