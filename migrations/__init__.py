"""One history for all tables, the same on both databases."""
