"""A saved estimate in a real browser: shared, compared and looked at again after its month."""
