"""Everything of a commit that a decision rests on, read from GitHub and from artifacts. Reads only."""
