"""Watches: the hub asks again what an agency asked, and tells it where the answer is another.

``docs/watching.md`` is for agencies, ``docs/adr/0053-watches-are-questions-asked-again.md`` says why so.
"""
