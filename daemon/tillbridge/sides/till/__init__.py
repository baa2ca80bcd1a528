"""Our own till, and every other POS that speaks tillbridge-pos/1."""
