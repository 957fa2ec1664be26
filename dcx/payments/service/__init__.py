"""What can be done with payments and cards."""
