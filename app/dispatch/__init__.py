"""From the ledger's rows to effects: parse, route, run, plan, apply."""
