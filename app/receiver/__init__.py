"""The HTTP edge: raw bytes in, a verified row in the ledger, an answer after the commit. Nothing is parsed here."""
