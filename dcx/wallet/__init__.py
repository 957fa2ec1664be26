"""The ledger: whose money is where, in double entry, and how it came there."""
