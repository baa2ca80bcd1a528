"""`python -m tillbridge` is the `tillbridge` command."""

from __future__ import annotations

import sys

from tillbridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
