"""Connections, transactions, keys and the cache; and PostgreSQL itself, when nobody else brings one."""
