"""What a built issue is on the disk: its files, its record, what was sent of it, and what the next issue must know.

Decisions: docs/decisions/architecture.md.
"""
