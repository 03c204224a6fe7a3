"""The nouns: frozen dataclasses without I/O, shared by every part."""
