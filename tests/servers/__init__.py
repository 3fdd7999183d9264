"""Real servers for the tests, run on this machine: PostgreSQL, an SMTP server, a browser."""
