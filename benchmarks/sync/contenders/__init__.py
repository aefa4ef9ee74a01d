"""Who is measured; each works in a process of its own."""
