"""What the bridge does, checked with real books and two sides that follow a script."""
