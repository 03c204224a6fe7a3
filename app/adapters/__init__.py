"""What touches a vendor: each package implements ports over one library or service."""
