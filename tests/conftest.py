"""What every test stands on."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.wordpress.fixtures"]
"""A site that several folders share is made once."""

# A time limit for one example says more about the neighbours on the machine than about the code. In CI the examples are
# the same every time; on a developer's machine new ones are looked for.
settings.register_profile("bridge", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("bridge")
