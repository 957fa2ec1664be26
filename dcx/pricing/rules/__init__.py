"""Pure arithmetic of prices: meters, books, and the one function that prices usage."""
