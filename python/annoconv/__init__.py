"""Convert image annotations between formats exactly, and count every loss."""
