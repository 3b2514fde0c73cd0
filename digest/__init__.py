"""A folder of scored news articles in, the week's newsletter out: deterministic, offline, explainable.

    seeds/**/*.md ─▶ archive ─▶ selection ─▶ rendering ─▶ output ─▶ out/2020-11-11/ index.html   the e-mail
      (files)        Article*     Issue       Message      files                    index.txt    its plain-text twin
                        ▲                        ▲                                  message.eml  both, as MIME
                  settings, edits, past        theme ◀─ templates/default           issue.json   why each story is in
                  (digest.yaml,        (compiled when it changes)                       │
                   edits/*.yaml, out/*/issue.json)                                      │
                                                                                        ├─▶ explain (why, in words)
                                                                                        ├─▶ checks  (fit to be sent?)
                                                                                        ├─▶ preview (in a browser)
                                                                                        └─▶ mail    (to a service)

One frozen value crosses each arrow, and imports go down only:

    5  cli                                                                prints, exits, asks the day; nobody else does
    4  preview                                                            builds in memory, serves, lets the editor edit
    3  pipeline sending                                                   the steps in order: of a build, of a hand-over
    2  explain advice replay initial site                                 answers, first settings, the web archive
    1  settings edits archive selection theme rendering mail record output checks survey
                                                                          one job each; none knows another
    0  errors model clean addresses languages yamltree keys kept               what everything is made of

Start reading in `pipeline`; the words used are defined in CONTRIBUTING.md.
"""
