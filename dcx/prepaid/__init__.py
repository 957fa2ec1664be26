"""Prepaid: how long a wallet lasts, what happens as it runs low, and the wallet's pages."""
