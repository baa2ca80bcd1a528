"""Where the bridge remembers: queue, ledger and journal in one database. The only package that imports Peewee."""
