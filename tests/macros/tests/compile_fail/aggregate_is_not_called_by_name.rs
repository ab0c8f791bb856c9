use cqrs::EngineBuilder;

pub struct User;

pub fn start(builder: EngineBuilder) -> EngineBuilder {
    builder.aggregate::<User>()
}

fn main() {}
