//! End-to-end tests through GraphQL, and the house rules.
