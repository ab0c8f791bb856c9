//! Macros (under construction).
