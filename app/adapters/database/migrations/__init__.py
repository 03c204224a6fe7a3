"""Alembic's migrations of the application's database."""
