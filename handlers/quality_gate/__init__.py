"""The capability `quality_gate`: reports of a commit's runs -> one verdict."""
