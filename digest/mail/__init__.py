"""A built issue to a mail service. Knows MIME and services, not the archive and not the theme.

    message     a Message to MIME                        letter      a built issue's files to a Letter
    pieces      a Letter's MIME, cut for many readers    recipients  a list of readers
    delivery    one message a reader, with the ledger    ledger      what was handed to whom
    registry    names to targets                         options     a target's options and secrets
    links       where a link stands in a Letter          targets/    one module a service

No target knows another, and only `registry` knows their names.

Decisions: docs/decisions/sending.md.
"""
