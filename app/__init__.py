"""Hephaestus: the machine. It receives, stores, dispatches, applies and records; it has no opinions."""
