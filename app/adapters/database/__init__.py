"""The application's database: SQLite by default, PostgreSQL by URL; the same tables and the same code."""
