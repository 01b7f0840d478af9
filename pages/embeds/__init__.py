"""What stands on other people's sites: the frame and what sizes it, oEmbed, and the page that writes the markup."""
