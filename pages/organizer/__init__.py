"""Pages for members: signing in, and where they start."""
