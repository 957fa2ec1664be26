"""The clock's doors to payments and cards."""
