"""What the bridge knows: values and decisions, pure. No I/O, no clock, no dice, no logging."""
