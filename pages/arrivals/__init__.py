"""The demo's own receiver of webhooks, as a partner would have one: takes and shows them. Nowhere else."""
