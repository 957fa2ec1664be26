"""The shared repository layer: tables, transactions and pages of rows."""
