"""Small pure things that every room uses: money, periods, ids, errors."""
