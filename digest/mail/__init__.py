"""A Message to what mail services take. Knows MIME, not the archive and not the theme.

For now one module: `message`, the MIME message itself. Services come one module each, and none imports another.
"""
