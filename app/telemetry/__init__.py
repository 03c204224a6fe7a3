"""What operators see of a running service: logs and metrics. Never a payload, a token, a signature or a log excerpt."""
