"""Alembic runs inside the connection ``hub.store.migrate`` hands it, or prints SQL offline."""

from alembic import context

from hub.tables import metadata

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
else:
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
