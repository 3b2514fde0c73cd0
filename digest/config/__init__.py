"""What a person writes: settings, an issue's edits, and the YAML that both stand in.

Decisions: docs/decisions/architecture.md.
"""
