"""The listener: what it takes, what it refuses, and what it says."""
