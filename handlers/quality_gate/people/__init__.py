"""What people ask of the gate by buttons and comments, and whether they may."""
