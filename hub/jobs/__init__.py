"""Jobs: a client's document asked again and again, and its rows as files (docs/jobs.md)."""
