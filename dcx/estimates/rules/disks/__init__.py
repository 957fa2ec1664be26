"""How much space is needed: volumes, datastores, snapshots, backups, redundancy. Exact and pure."""
