"""Price books and the pure arithmetic that turns usage into lines."""
