"""What the bot thinks: one package a capability, all of one shape; `builtin` has the table."""
