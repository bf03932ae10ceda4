//! Schema of the framework's own tables.
