"""Drafts computed live, and invoices frozen with their lines, VAT and hash."""
