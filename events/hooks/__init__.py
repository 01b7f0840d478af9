"""Webhooks, where they touch the network: whom we may reach, how a message gets there, and by what it is known."""
