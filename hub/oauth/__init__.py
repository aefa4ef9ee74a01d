"""Who may ask: client registry, authorization server, and the check of access tokens.

One grant (client credentials), one way to prove who a client is (``private_key_jwt``), one kind of
token (RFC 9068). Names come from the RFCs; reasons stand in ``docs/adr/0005-oauth.md``.
"""
