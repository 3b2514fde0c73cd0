"""Text from the web made safe, measured, wrapped and compared: a module for each subject.

- `sanitize`: untrusted text and addresses made safe; the only place where `Text` and `Address` are made
- `markdown`: the editor's Markdown as plain values
- `layout`: plain text in columns, cut and wrapped in any script and direction
- `urls`: when two addresses are one page; tracking parameters
- `numbers`: numbers rounded for show, and told apart
- `languages`: language tags and the directions that languages are written in

None of them knows articles, issues or settings.
"""
