//! What the user meant, with spans: one file a macro. Parsing notes what cannot be read; it decides nothing else.
