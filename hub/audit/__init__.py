"""审计: what the access log says, and the chain that shows whether it still says so."""
