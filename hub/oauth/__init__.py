"""Who may ask: client registry, authorization server, and the check of access tokens.

Clients ask for themselves (client credentials) or for users who let them (authorization codes, refresh
tokens), and prove who they are with a key, unless they are programs in their users' hands. There is one kind
of token (RFC 9068). Names come from the RFCs; reasons stand in ``docs/adr``, 5 and 15.
"""
