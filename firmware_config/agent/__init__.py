"""The program on each board that takes new configurations, tries them, and takes back those that do harm."""
