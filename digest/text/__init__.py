"""Text from the web made safe, measured, wrapped and compared: one module a subject."""
