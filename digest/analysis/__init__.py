"""Questions about an archive and its issues: why a story runs, what other rules would run, what there is.

Decisions: docs/decisions/selection.md.
"""
