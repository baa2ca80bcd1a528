"""What the bridge knows, checked without a disk, a network or a clock."""
