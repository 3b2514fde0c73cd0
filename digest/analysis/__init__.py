"""Answers about an archive and its issues: why a story runs, what other rules would run, what an archive holds.

    explain       the verdicts of a record in words, and who stands next in line
    replay        past weeks chosen again under other settings, and compared (replay_report in words, pages as HTML)
    statistics    topics, heat and providers of an archive (in words here, pages as HTML)
    understanding what a stranger's folder holds (field_names: what fields are called, site_paths: patterns that fit)
    starter       first settings for an archive, of what was understood
    generators    what the settings of a site's generator say (generator_files reads them, own_links does without them)

Nothing here writes a file or changes an issue.

Decisions: docs/decisions/selection.md.
"""
