//! From a model that is valid to tokens: nothing fails here.
