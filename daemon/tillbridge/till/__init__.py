"""The embedded till: a small point of sale, a program of its own that is reached only over HTTP."""
