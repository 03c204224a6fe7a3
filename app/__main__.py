"""`python -m app` is the `hephaestus` command."""

from __future__ import annotations

from app.cli.root import main

if __name__ == "__main__":
    main()
