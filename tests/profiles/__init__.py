"""The table of profiles with, for each cell, the test that shows it, and how that ended just now."""
