"""Stand-ins for GitHub and Sigstore: real git, real signatures, on loopback, for the demo and the tests.

Nothing here imports the rest of `app`: a mistake shared by both sides (in signature code, say) must not pass unseen.
"""
