"""One folder per system, none of which knows another: client (URLs, no meaning), mapping (pure), side (the port)."""
