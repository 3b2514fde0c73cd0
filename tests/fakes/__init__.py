"""Mail services that run inside the tests: as strict as the real ones are documented to be, on this machine only."""
