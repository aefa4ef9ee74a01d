"""Alembic migrations, numbered; expand first, contract a release later."""
