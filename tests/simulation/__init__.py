"""The whole bridge in one thread on a virtual clock, with everything going wrong that can.

Production engine and its real `db/`, the store's and the till's models in process, faults between them. A schedule is
a list of steps made from a seed; the same seed is the same schedule. At rest the invariants of stock.md are checked.
"""
