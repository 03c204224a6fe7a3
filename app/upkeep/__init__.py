"""Upkeep: loops that put rows into the ledger or take old ones out; they never decide and never write to repositories."""
