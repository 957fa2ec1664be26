"""Customers, users, staff, API keys, sign-in and sessions."""
