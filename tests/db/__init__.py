"""Where the bridge remembers, checked on real SQLite files."""
