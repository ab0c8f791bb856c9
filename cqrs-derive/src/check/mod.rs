//! Facts across several attributes or items, each with its why.
