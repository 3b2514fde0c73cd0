"""One module a mail service. None knows another; all know the seam in `registry`."""
