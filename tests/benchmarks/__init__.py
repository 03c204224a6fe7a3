"""Measurements beside peers, run by `make bench`; never a timed test."""
