"""Pages and probes for people and machines that operate the service."""
