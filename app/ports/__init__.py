"""The Protocols between the opinions, the machine and the vendors: one a file, as narrow as the need."""
