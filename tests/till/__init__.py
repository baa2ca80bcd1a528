"""The till by itself: its book, its API, its page, its process."""
