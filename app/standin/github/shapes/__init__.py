"""What GitHub's JSON looks like, for answers and webhook payloads alike: pure functions of the stand-in's state."""
