"""Judgements that change nothing: a candidate policy, past commits, a stored verdict again. Pure."""
