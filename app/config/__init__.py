"""The repository's file `.github/hephaestus.yml`: read, placed, composed from the sections of the capabilities."""
