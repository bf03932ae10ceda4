//! Server, GraphQL endpoints, command line.
