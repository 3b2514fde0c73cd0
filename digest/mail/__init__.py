"""A built issue to a mail service. Knows MIME and services, not the archive and not the theme.

    mime         a Message to MIME, when it is built      built        a built issue read back from its files
    personalise  its MIME, cut for many readers           recipients   a list of readers
    delivery     one message a reader, with the ledger    ledger       what was handed to whom
    breaker      when such a run goes on or stops         smtp         a session with deadlines, and what replies mean
    campaign     one draft at a service, never a second   http         calls that cannot send twice
    target       the base classes of targets              targets/     one module a service
    registry     the name of a target to its class        options      a target's options and secrets
    merge_tags   services' template languages             dkim         a signature
    claims       which run writes to whom, by files       claim_queue  whose turn it is, by these
    claim_book   them in a ledger's place, for many runs  discreet     a server's answers without the reader

No target knows another, and only `registry` knows their names. `sending` puts these together into a hand-over.
`letter`, `campaigns` and `merge` are former names that targets outside this repository may import.

Decisions: docs/decisions/sending.md.
"""
