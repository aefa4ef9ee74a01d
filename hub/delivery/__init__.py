"""Webhooks: clients are told of changes at addresses of theirs, in the order of the one sequence.

Not to be confused with what sources push (``hub.sync.hooks``). ``docs/webhooks.md`` is for receivers,
``docs/adr/0047-webhooks-follow-the-sequence.md`` says why it is made like this.
"""
