"""One module a mail service, each with one class of `mail.target`. None imports another.

A module here is a shipped target by being here: `registry` takes its name as the kind that users write. What it can
express stands in the table of docs/sending.md, which a test compares with its ABLE.
"""
