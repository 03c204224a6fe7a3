"""Data read by machines: playbooks, schemas, templates. Shipped as package data."""
