//! Nothing: only the library that a dependency builds is wanted.
