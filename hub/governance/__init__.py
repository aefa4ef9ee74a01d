"""How a schema changes, what is promised about it, and whom a change breaks. Knows graphql-core only."""
