"""The capability `remediation`: failed workflow run -> pull request, one more attempt, or an explanation."""
