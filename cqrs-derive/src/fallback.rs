//! What still comes out where something is wrong: impls that keep one mistake one error.
