"""Registering trusted documents: reading them from files, checking them, keeping them."""
