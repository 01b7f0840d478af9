"""The least that Django can do for the same answer: what every figure of ours is compared with."""
