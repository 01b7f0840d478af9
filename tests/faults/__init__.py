"""Processes that are killed in the middle of their work, and what must be true of the rows afterwards (SAFETY 3)."""
