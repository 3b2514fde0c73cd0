"""One article as any source writes it: what fields are called, and how their values are read.

Files of an archive and records of an import are read by the same code, so that what `digest build` reads in place,
`digest import` reads alike.

    filenames     which files hold articles, and which folders none
    names         the names that a field has in sources, best first
    frontmatter   the fields at the top of a file, each with its line, and the text below
    dates         a moment in any of the forms in use, and the day that a file's path names
    datenames     names of months, weekdays and time zones
    topics        lists, commas, blanks and mappings to the words that they name
    figures       a number in any of the forms in use
    markup        HTML reduced to its words; titles, which are text
    markdown      Markdown reduced to its words
    excerpts      an author's excerpt in words, else the beginning of the text
    permalinks    the address of an article of one's own site; generator_patterns reads those of generators
    publishers    families of hosts that belong to one publisher
    scoring       a heat made of other figures

Decisions: docs/decisions/reading.md.
"""
