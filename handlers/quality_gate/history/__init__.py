"""What commits were found to have, and what a change is held against."""
