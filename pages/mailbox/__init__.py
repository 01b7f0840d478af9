"""The demo's mailbox: every mail that the demo sent, for whoever tries it out. Nowhere but in the demo."""
