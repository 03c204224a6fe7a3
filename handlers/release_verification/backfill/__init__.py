"""Backfill: assets of past releases get an attestation of what they are today, by a plan that a person approved."""
