"""Tills of several kinds over one shop floor: what POS systems can and cannot do, each declared honestly.

`kinds.KINDS` names them all. A till is a `ports.Side` on a `Line` (or the real adapter on a `Wire`), over a `Floor`,
which is the book that people ring in, seen as that POS keeps it.
"""
